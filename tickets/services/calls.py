"""Calls that agents answered: each is a case, or a message in one, in the words of whoever took it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from knowledge.models import Topic
from tickets.models import ChannelKind, Customer, Message, Ticket, TicketEvent
from tickets.services import history, intake
from tickets.services.intake import VisitContext

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User


def case_of_call(key: str) -> Ticket | None:
    """The case in which the call that was sent under this key is noted already."""
    opened = Ticket.objects.filter(idempotency_key=_name(key)).first()
    if opened is not None:
        return opened
    added = Message.objects.filter(external_id=_name(key), channel=ChannelKind.PHONE).select_related("ticket").first()
    return added.ticket if added else None


def _name(key: str) -> str:
    return f"call:{key}"


@transaction.atomic
def log_call(
    *,
    agent: User,
    customer: Customer,
    about: str,
    language: str,
    key: str,
    topic: Topic | None = None,
    visit: VisitContext | None = None,
    confirm: bool = True,
    at: datetime | None = None,
) -> Ticket:
    """A case of what was said on the phone. The same key makes one case, and a text that differs is added to it.

    Raises TicketError for an empty text and for one that is too long.
    """
    ticket = intake.open_ticket(
        channel=ChannelKind.PHONE,
        email="",
        body=about,
        language=language,
        topic=topic,
        idempotency_key=_name(key),
        visit=visit,
        sender_customer=customer,
        confirm=confirm,
        at=at,
    )
    _note(ticket, agent, at or timezone.now())
    return ticket


@transaction.atomic
def add_call(ticket: Ticket, *, agent: User, about: str, key: str, at: datetime | None = None) -> Message:
    """Adds what was said on the phone to a case that is there; one that was over is open again.

    A case that was merged passes it on. Raises TicketError as `log_call`.
    """
    now = at or timezone.now()
    message = intake.add_customer_message(ticket, body=about, channel=ChannelKind.PHONE, external_id=_name(key), at=now)
    if message.author_id is None:
        Message.objects.filter(pk=message.pk).update(author=agent)
        history.record(message.ticket, TicketEvent.Kind.CALL_LOGGED, history.agent(agent), at=now)
    return message


def _note(ticket: Ticket, agent: User, now: datetime) -> None:
    """Who wrote it down, and that somebody has spoken with the customer."""
    if ticket.events.filter(kind=TicketEvent.Kind.CALL_LOGGED).exists():
        return
    ticket.messages.filter(kind=Message.Kind.INBOUND, author=None).update(author=agent)
    ticket.first_response_at = ticket.first_response_at or now
    ticket.save(update_fields=["first_response_at"])
    history.record(ticket, TicketEvent.Kind.CALL_LOGGED, history.agent(agent), at=now)
