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
from tickets.models import (
    Attachment,
    Customer,
    Identity,
    Mailbox,
    MailContent,
    Message,
    Ticket,
    TicketEvent,
    TicketSuggestion,
    TopicTeam,
)
from tickets.services import history, notices
from tickets.services.attachments import attach, check_files, display_name
from tickets.services.customers import customer_by_email
from tickets.services.fields import read_fields
from tickets.services.references import give_reference

MAX_MESSAGE_CHARACTERS = 20_000
MAX_SUBJECT_CHARACTERS = 200


@dataclass(frozen=True)
class VisitContext:
    """What the layer above knows of the visit that led to a case, handed over as data."""

    origin: str = ""
    summary: list[dict[str, Any]] = field(default_factory=list)
    suggestions: list[tuple[int, float]] = field(default_factory=list)
    """Articles that may answer, with the probability that each does."""


@dataclass(frozen=True)
class MailFacts:
    """A mail as it was, beside what is new in it; the fields are those of `MailContent`."""

    sender: str
    sender_name: str = ""
    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    subject: str = ""
    text: str = ""
    html: str = ""
    authentication: dict[str, str] = field(default_factory=dict)
    left_out: list[dict[str, Any]] = field(default_factory=list)


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
    mailbox: Mailbox | None = None,
    mail: MailFacts | None = None,
    external_id: str = "",
    sender_customer: Customer | None = None,
    confirm: bool = True,
    fields: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> Ticket:
    """Opens a case: the customer, the first message, the history and the confirmation, all or nothing.

    The same idempotency key gives the same case; if the text or a file differs from what was sent before, it is
    added to that case as a further message, so that nothing written is lost. `sender_customer` is the customer where
    it is known already who wrote; `confirm` False sends no letter, as for what a machine may have written. `fields`
    are values of the topic's own fields by their keys. Raises TicketError for input that cannot be taken, and
    FieldsError where it is one of those.
    """
    body = clean_message(body)
    check_files(attachments, from_mail=mail is not None)
    topic = topic or (mailbox.topic if mailbox else None)
    kept_fields = read_fields(topic, fields) if fields else {}
    if idempotency_key and (existing := _sent_before(idempotency_key, body, attachments)):
        return existing
    ticket = Ticket(
        subject=" ".join(clean(subject).split())[:MAX_SUBJECT_CHARACTERS],
        language=language,
        channel=channel,
        topic=topic,
        mailbox=mailbox,
        idempotency_key=idempotency_key or None,
        is_suspected_spam=is_suspected_spam,
        fields={key: value for key, value in kept_fields.items() if value is not None},
    )
    try:
        with transaction.atomic():
            ticket.customer = sender_customer or customer_by_email(email, name=name, language=language)
            message = _begin(ticket, body, visit, mail, external_id=external_id, at=at)
            attach(message, attachments)
            history.record(ticket, TicketEvent.Kind.RECEIVED, history.CUSTOMER, at=ticket.created_at, channel=channel)
            if confirm and not is_suspected_spam:
                notices.confirm_receipt(ticket, message)
            return ticket
    except IntegrityError:
        # Two copies of one form arrived at the same moment; the other one was first.
        if idempotency_key and (existing := _sent_before(idempotency_key, body, attachments)):
            return existing
        raise


def _begin(
    ticket: Ticket,
    body: str,
    visit: VisitContext | None,
    mail: MailFacts | None,
    *,
    external_id: str,
    at: datetime | None,
) -> Message:
    """Saves a case that knows its customer, with what it began with and what led to it."""
    now = at or timezone.now()
    ticket.team = (ticket.mailbox.team if ticket.mailbox else None) or _team_for(ticket.topic)
    ticket.origin, ticket.journey_summary = (visit.origin, visit.summary) if visit else ("", [])
    ticket.created_at = ticket.updated_at = ticket.waiting_since = now
    ticket.save()
    give_reference(ticket)
    message = Message.objects.create(
        ticket=ticket,
        kind=Message.Kind.INBOUND,
        channel=ticket.channel,
        body=body,
        external_id=external_id,
        created_at=now,
    )
    _keep_mail(message, mail)
    _keep_suggestions(ticket, visit)
    return message


def _sent_before(idempotency_key: str, body: str, attachments: Sequence[File[bytes]]) -> Ticket | None:
    ticket = Ticket.objects.filter(idempotency_key=idempotency_key).first()
    if ticket is not None:
        said = ticket.messages.filter(kind=Message.Kind.INBOUND).values_list("body", flat=True)
        kept = set(Attachment.objects.filter(message__ticket=ticket).values_list("name", "size"))
        new_files = [file for file in attachments if (display_name(file.name or ""), file.size) not in kept]
        if body not in said or new_files:
            add_customer_message(ticket, body=body, channel=ticket.channel, attachments=new_files)
    return ticket


def _keep_mail(message: Message, mail: MailFacts | None) -> None:
    if mail is not None:
        MailContent.objects.create(message=message, **vars(mail))


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
    customer: Customer | None = None,
    mail: MailFacts | None = None,
    at: datetime | None = None,
) -> Message:
    """Adds what the customer wrote; a case that was waiting or settled is ours again.

    `customer` is who wrote it, where it may be somebody else than the case's own. A case that was merged into another
    passes it on to that one. Taking the same external message twice adds it once. Raises TicketError for input that
    cannot be taken.
    """
    body = clean_message(body)
    check_files(attachments, from_mail=mail is not None)
    ticket = locked_last(ticket)
    if external_id and (known := ticket.messages.filter(external_id=external_id).first()):
        return known
    now = at or timezone.now()
    other = customer if customer is not None and customer.pk != ticket.customer_id else None
    message = Message.objects.create(
        ticket=ticket,
        kind=Message.Kind.INBOUND,
        channel=channel,
        body=body,
        customer=other,
        external_id=external_id,
        created_at=now,
    )
    _keep_mail(message, mail)
    attach(message, attachments)
    who = {"who": str(other)} if other else {}
    history.record(ticket, TicketEvent.Kind.CUSTOMER_WROTE, history.CUSTOMER, at=now, channel=channel, **who)
    _ours_again(ticket, who, now)
    return message


def _ours_again(ticket: Ticket, who: dict[str, str], now: datetime) -> None:
    """Whoever wrote waits for us, whatever the case was before."""
    if ticket.is_settled:
        history.record(ticket, TicketEvent.Kind.REOPENED, history.CUSTOMER, at=now, was=ticket.status, **who)
        ticket.solved_at = None
        ticket.resolution = ""
        ticket.answered_by = None
    if ticket.status != Ticket.Status.NEW:
        ticket.status = Ticket.Status.OPEN
    ticket.waiting_since = ticket.waiting_since or now
    ticket.updated_at = now
    ticket.save()


def locked_last(ticket: Ticket) -> Ticket:
    """The case, or the one that it was merged into in the end, locked."""
    locked = Ticket.objects.select_for_update().get(pk=ticket.pk)
    seen = {locked.pk}
    while locked.merged_into_id is not None and locked.merged_into_id not in seen:
        locked = Ticket.objects.select_for_update().get(pk=locked.merged_into_id)
        seen.add(locked.pk)
    return locked


def who_takes_part(ticket: Ticket, address: str) -> Customer | None:
    """The customer or participant of a case whose address this is, any of their addresses counting."""
    people = {ticket.customer_id, *ticket.participants.values_list("customer_id", flat=True)}
    identity = (
        Identity.objects.select_related("customer")
        .filter(kind=Identity.Kind.EMAIL, value__iexact=address, customer_id__in=people)
        .first()
    )
    return identity.customer if identity else None
