"""Setting aside what is no question at all; `lifecycle.clear_of_spam` takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from tickets.models import Ticket, TicketEvent
from tickets.services import history
from tickets.services.locking import locked_open

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User


@transaction.atomic
def mark_as_spam(ticket: Ticket, *, agent: User) -> None:
    """The case leaves the views of work. Nobody is told, and what its sender writes still reaches it."""
    ticket = locked_open(ticket)
    if ticket.is_suspected_spam:
        return
    ticket.is_suspected_spam = True
    ticket.updated_at = timezone.now()
    ticket.save(update_fields=["is_suspected_spam", "updated_at"])
    history.record(ticket, TicketEvent.Kind.MARKED_AS_SPAM, history.agent(agent))
