"""The brake behind everything that recognises loops: automatic letters to one address are few, whatever the cause."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from tickets.models import Identity, OutboxMessage, Ticket, TicketEvent
from tickets.services import history

# Keys of letters that somebody has just asked for on a page, which has limits of its own. No loop writes them.
ASKED_FOR = "link:"
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def withhold(ticket: Ticket, recipient: str, *, at: datetime | None = None) -> bool:
    """Whether an automatic letter to the address is not to be written; the case's history then says why.

    Two letters written in the same instant may both pass; the next one does not.
    """
    now = at or timezone.now()
    why = _reason(recipient, now)
    if why:
        _note(ticket, recipient, why, now)
    return bool(why)


def _reason(recipient: str, now: datetime) -> str:
    gone = {"bounced_at__isnull": False, "bounce_is_passing": False}
    if Identity.objects.filter(kind=Identity.Kind.EMAIL, value=recipient, **gone).exists():
        return "bounced"
    lately = OutboxMessage.objects.filter(recipient=recipient, is_automatic=True, created_at__gt=now - _DAY).exclude(
        unique_key__startswith=ASKED_FOR
    )
    if lately.count() >= settings.MAIL_AUTOMATIC_PER_DAY:
        return "rate"
    if lately.filter(created_at__gt=now - _HOUR).count() >= settings.MAIL_AUTOMATIC_PER_HOUR:
        return "rate"
    return ""


def _note(ticket: Ticket, recipient: str, why: str, now: datetime) -> None:
    """Once an hour: a loop that is stopped here must not fill the history instead."""
    kind = TicketEvent.Kind.LETTER_WITHHELD
    if not ticket.events.filter(kind=kind, created_at__gt=now - _HOUR).exists():
        history.record(ticket, kind, history.SYSTEM, to=recipient, why=why)
