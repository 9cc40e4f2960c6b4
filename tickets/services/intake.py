"""The one way in. Whatever the channel, a question becomes a case here, and an answer to us a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.models import Topic
from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import Attachment, Message, Ticket, TicketEvent, TicketSuggestion, TopicTeam
from tickets.services import history, notices
from tickets.services.attachments import attach, check_files, display_name
from tickets.services.customers import customer_by_email

MAX_MESSAGE_CHARACTERS = 20_000
MAX_SUBJECT_CHARACTERS = 200
_FIRST_NUMBER = 10_000


@dataclass(frozen=True)
class VisitContext:
    """What the layer above knows of the visit that led to a case, handed over as data."""

    origin: str = ""
    summary: list[dict[str, Any]] = field(default_factory=list)
    suggestions: list[tuple[int, float]] = field(default_factory=list)
    """Articles that may answer, with the probability that each does."""


def clean_message(body: str) -> str:
    """The text as it is kept. Raises TicketError when there is none, or too much of it."""
    body = clean(body).strip()
    if not body:
        raise TicketError(_("Tell us what has happened; a sentence is enough."))
    if len(body) > MAX_MESSAGE_CHARACTERS:
        raise TicketError(
            _("The message is %(length)s characters long; the limit is %(limit)s. Shorten it, or attach it as a file.")
            % {"length": len(body), "limit": MAX_MESSAGE_CHARACTERS}
        )
    return body


def open_ticket(
    *,
    channel: str,
    email: str,
    body: str,
    language: str,
    name: str = "",
    subject: str = "",
    topic: Topic | None = None,
    attachments: Sequence[File[bytes]] = (),
    idempotency_key: str | None = None,
    visit: VisitContext | None = None,
    is_suspected_spam: bool = False,
    at: datetime | None = None,
) -> Ticket:
    """Opens a case: the customer, the first message, the history and the confirmation, all or nothing.

    The same idempotency key gives the same case; if the text or a file differs from what was sent before, it is
    added to that case as a further message, so that nothing written is lost. Raises TicketError for input that cannot
    be taken.
    """
    body = clean_message(body)
    check_files(attachments)
    if idempotency_key and (existing := _sent_before(idempotency_key, body, attachments)):
        return existing
    try:
        with transaction.atomic():
            customer = customer_by_email(email, name=name, language=language)
            now = at or timezone.now()
            ticket = Ticket.objects.create(
                customer=customer,
                subject=" ".join(clean(subject).split())[:MAX_SUBJECT_CHARACTERS],
                language=language,
                channel=channel,
                topic=topic,
                team=_team_for(topic),
                idempotency_key=idempotency_key or None,
                origin=visit.origin if visit else "",
                journey_summary=visit.summary if visit else [],
                is_suspected_spam=is_suspected_spam,
                created_at=now,
                updated_at=now,
                waiting_since=now,
            )
            ticket.reference = f"SV-{_FIRST_NUMBER + ticket.pk}"
            ticket.save(update_fields=["reference"])
            message = Message.objects.create(
                ticket=ticket, kind=Message.Kind.INBOUND, channel=channel, body=body, created_at=now
            )
            attach(message, attachments)
            _keep_suggestions(ticket, visit)
            history.record(ticket, TicketEvent.Kind.RECEIVED, history.CUSTOMER, at=now, channel=channel)
            if not is_suspected_spam:
                notices.confirm_receipt(ticket, message)
            return ticket
    except IntegrityError:
        # Two copies of one form arrived at the same moment; the other one was first.
        if idempotency_key and (existing := _sent_before(idempotency_key, body, attachments)):
            return existing
        raise


def _sent_before(idempotency_key: str, body: str, attachments: Sequence[File[bytes]]) -> Ticket | None:
    ticket = Ticket.objects.filter(idempotency_key=idempotency_key).first()
    if ticket is not None:
        said = ticket.messages.filter(kind=Message.Kind.INBOUND).values_list("body", flat=True)
        kept = set(Attachment.objects.filter(message__ticket=ticket).values_list("name", "size"))
        new_files = [file for file in attachments if (display_name(file.name or ""), file.size) not in kept]
        if body not in said or new_files:
            add_customer_message(ticket, body=body, channel=ticket.channel, attachments=new_files)
    return ticket


def _team_for(topic: Topic | None) -> Any:
    if topic is None:
        return None
    responsible = TopicTeam.objects.select_related("team").filter(topic=topic).first()
    return responsible.team if responsible else None


def _keep_suggestions(ticket: Ticket, visit: VisitContext | None) -> None:
    rows = dict(visit.suggestions) if visit else {}
    TicketSuggestion.objects.bulk_create(
        [TicketSuggestion(ticket=ticket, article_id=pk, probability=p) for pk, p in rows.items()]
    )


@transaction.atomic
def add_customer_message(
    ticket: Ticket,
    *,
    body: str,
    channel: str,
    attachments: Sequence[File[bytes]] = (),
    external_id: str = "",
    at: datetime | None = None,
) -> Message:
    """Adds what the customer wrote; a case that was waiting or settled is ours again.

    Taking the same external message twice adds it once. Raises TicketError for input that cannot be taken.
    """
    body = clean_message(body)
    check_files(attachments)
    ticket = Ticket.objects.select_for_update().get(pk=ticket.pk)
    if external_id and (known := ticket.messages.filter(external_id=external_id).first()):
        return known
    now = at or timezone.now()
    message = Message.objects.create(
        ticket=ticket,
        kind=Message.Kind.INBOUND,
        channel=channel,
        body=body,
        external_id=external_id,
        created_at=now,
    )
    attach(message, attachments)
    history.record(ticket, TicketEvent.Kind.CUSTOMER_WROTE, history.CUSTOMER, at=now, channel=channel)
    if ticket.is_settled:
        history.record(ticket, TicketEvent.Kind.REOPENED, history.CUSTOMER, at=now, was=ticket.status)
        ticket.solved_at = None
        ticket.resolution = ""
        ticket.answered_by = None
    if ticket.status != Ticket.Status.NEW:
        ticket.status = Ticket.Status.OPEN
    ticket.waiting_since = ticket.waiting_since or now
    ticket.updated_at = now
    ticket.save()
    return message
