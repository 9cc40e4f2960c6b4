"""A customer's cases, as a list that says of each where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, IntegerField, OuterRef, Prefetch, Subquery, Value, When
from django.utils import timezone

from tickets.models import Callback, Customer, Message, Ticket
from tickets.models.tickets import TicketQuerySet
from tickets.services.callback_slots import calling_hours
from tickets.services.callback_words import promise_in_words
from tickets.services.case_story import Standing, standing, what_comes_next


@dataclass(frozen=True)
class CaseLine:
    ticket: Ticket
    standing: Standing
    next_step: str
    is_own: bool
    """False where they are on copy in somebody else's case."""


def of_customer(customer: Customer) -> TicketQuerySet:
    """Every case that they take part in: those that wait for them first, then our turn, finished ones last; newest
    first among equals. A case that was merged is not listed beside the one that it went into."""
    waiting_for = Case(
        When(status=Ticket.Status.WAITING_CUSTOMER, then=Value(0)),
        When(status__in=[Ticket.Status.SOLVED, Ticket.Status.CLOSED], then=Value(2)),
        default=Value(1),
        output_field=IntegerField(),
    )
    found = Ticket.objects.taken_part_in_by([customer]).filter(merged_into__isnull=True)
    # Only the message that a headline is made of: a case can have hundreds.
    seen = Message.objects.visible_to_customer(timezone.now()).filter(ticket=OuterRef("ticket"))
    first = Message.objects.filter(pk=Subquery(seen.order_by("created_at", "pk").values("pk")[:1]))
    return (
        found.annotate(turn=waiting_for)
        .order_by("turn", "-updated_at", "-pk")
        .prefetch_related(Prefetch("messages", queryset=first), "held_sends")
    )


def told(tickets: Iterable[Ticket], customer: Customer, *, at: datetime | None = None) -> list[CaseLine]:
    now = at or timezone.now()
    cases = list(tickets)
    calls = _promised_calls([one.pk for one in cases if one.customer_id == customer.pk])
    return [_line(one, customer, now, calls.get(one.pk, "")) for one in cases]


def _promised_calls(tickets: list[int]) -> dict[int, str]:
    """When we call, by case. One query, and those of the opening hours where a call is promised."""
    booked = list(Callback.objects.filter(ticket__in=tickets, state=Callback.State.BOOKED).order_by("booked_at"))
    hours = calling_hours() if booked else None
    return {one.ticket_id: promise_in_words(one, hours) for one in booked}


def _line(ticket: Ticket, customer: Customer, now: datetime, call: str) -> CaseLine:
    now_at = standing(ticket, now)
    next_step = "" if now_at.is_settled else call or what_comes_next(now_at.status)
    return CaseLine(ticket, now_at, next_step, ticket.customer_id == customer.pk)
