"""Writing down what happened to a case, in the transaction in which it happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tickets.models import Ticket, TicketEvent
from tickets.signals import case_event

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User


@dataclass(frozen=True)
class Actor:
    """Who did something: an agent (with the account), the customer, or the system itself."""

    kind: str
    user: User | None = None


CUSTOMER = Actor(TicketEvent.ActorKind.CUSTOMER)
SYSTEM = Actor(TicketEvent.ActorKind.SYSTEM)


def agent(user: User) -> Actor:
    return Actor(TicketEvent.ActorKind.AGENT, user)


def record(ticket: Ticket, kind: str, by: Actor, *, at: datetime | None = None, **data: Any) -> TicketEvent:
    event = TicketEvent.objects.create(
        ticket=ticket, kind=kind, actor_kind=by.kind, actor=by.user, data=data, created_at=at or timezone.now()
    )
    case_event.send(TicketEvent, event=event)
    return event
