"""Which journeys are one attempt of one person, across browsers, days and channels.

Joined is only what somebody has shown, never what looks alike:

- A journey learns whose it is when its customer logs in, follows the signed link in a letter to them, or quotes a
  reference to an agent who knows who is calling. Addresses that were merely typed prove nothing.
- Two journeys are the same attempt when they belong to the same browser or to the same known customer and no more than
  `REST` lies between them; or when one of them sent a case that is not over yet, and its customer comes back through
  that case's own link.
- Journeys of two known customers are never joined, and neither are journeys whose cases belong to two customers: where
  another customer appears in a browser, a new journey of a new visitor begins.

A journey points with `continues` at the one before it; what belongs together is found by following these.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from deflection.models import Journey, JourneyEvent
from deflection.models.journeys import REST
from deflection.services import journeys
from tickets.models import Customer, Ticket

# A browser that comes back day after day makes a chain; nobody reads more of it than this.
_LONGEST = 30


@transaction.atomic
def join_customer(
    journey: Journey, customer: Customer, *, case: Ticket | None = None, at: datetime | None = None
) -> Journey:
    """Notes whose journey it is, and joins it to what the same customer did before in the same attempt.

    `case` is the case whose link they followed. Returns the journey to go on with: a new one, of a new visitor, where
    this one is known to be somebody else's. Safe to repeat.
    """
    now = at or timezone.now()
    journey = Journey.objects.select_for_update().get(pk=journey.pk)
    if journey.customer_id not in (None, customer.pk) or _others_in(journey, customer):
        journey = journeys.begin(language=journey.language, is_measured=journey.is_measured, at=now)
    if journey.customer_id is None:
        journey.customer = customer
        journey.save(update_fields=["customer"])
    _continue_earlier(journey, customer, case)
    return journey


def _others_in(journey: Journey, customer: Customer) -> bool:
    """Whether this very journey sent a case that is somebody else's."""
    return Ticket.objects.filter(origin=str(journey.pk)).exclude(customer=customer).exists()


def _continue_earlier(journey: Journey, customer: Customer, case: Ticket | None) -> None:
    together = whole(journey)
    first = together[0]
    if first.continues_id is not None:
        return
    earlier = _through_case(case, customer) or _shortly_before(first, customer, together)
    if earlier is None or any(one.pk == earlier.pk for one in together) or earlier.started_at > first.started_at:
        return
    first.continues = earlier
    first.save(update_fields=["continues"])


def _through_case(case: Ticket | None, customer: Customer) -> Journey | None:
    if case is None or case.customer_id != customer.pk or case.is_settled:
        return None
    sent = journeys.find(case.origin) if case.origin else None
    return sent if sent is not None and sent.customer_id in (None, customer.pk) else None


def _shortly_before(first: Journey, customer: Customer, together: Iterable[Journey]) -> Journey | None:
    return (
        Journey.objects.filter(
            customer=customer, last_seen_at__gte=first.started_at - REST, started_at__lte=first.started_at
        )
        .exclude(pk__in=[one.pk for one in together])
        .order_by("-last_seen_at")
        .first()
    )


def whole(journey: Journey, *, customer: Customer | None = None) -> list[Journey]:
    """All journeys of the attempt that this one belongs to, oldest first; itself always among them.

    `customer` is whose case or call it is, where that is known: what is somebody else's is left out.
    """
    owner = customer.pk if customer is not None else journey.customer_id or _sender_of(journey)
    found = {journey.pk: journey}
    waiting = deque([journey])
    while waiting and len(found) < _LONGEST:
        one = waiting.popleft()
        for other in _next_to(one):
            if other.pk in found:
                continue
            theirs = other.customer_id or _sender_of(other)
            if theirs is not None and owner is not None and theirs != owner:
                continue
            owner = owner or theirs
            found[other.pk] = other
            waiting.append(other)
    return sorted(found.values(), key=lambda one: (one.started_at, str(one.pk)))


def _next_to(journey: Journey) -> list[Journey]:
    before = [journey.continues] if journey.continues is not None else []
    return [*before, *journey.continued_by.order_by("started_at")]


def _sender_of(journey: Journey) -> int | None:
    """Whose case it sent, as far as an address that was typed can tell: enough to part two people, not to join them."""
    return Ticket.objects.filter(origin=str(journey.pk)).values_list("customer", flat=True).first()


def summary(journey: Journey, *, customer: Customer | None = None) -> list[dict[str, Any]]:
    """What was searched, read and tried in the whole attempt, oldest first, as data that a case can keep."""
    return journeys.summary(*whole(journey, customer=customer))


def move_customer(gone: Customer, kept: Customer) -> None:
    """Two records were found to be one person."""
    Journey.objects.filter(customer=gone).update(customer=kept)


def forget_customer(customer: Customer) -> None:
    """A record turned out to be two people: which journey was whose is not known any more."""
    Journey.objects.filter(customer=customer).update(customer=None, continues=None)


def keep_with_case(ticket: Ticket, *, at: datetime) -> None:
    """Puts what came before onto a case that has just begun, and notes in the journey that it led to one.

    The same for every channel that knows the visit; once for each case. Must run in the transaction that opens it.
    """
    journey = journeys.find(ticket.origin) if ticket.origin else None
    sent = JourneyEvent.Kind.CASE_SENT
    if journey is None or journey.events.filter(kind=sent, data__ticket=ticket.reference).exists():
        return
    together = whole(journey, customer=ticket.customer)
    if not ticket.journey_summary or len(together) > 1:
        ticket.journey_summary = journeys.summary(*together)
        ticket.save(update_fields=["journey_summary"])
    journeys.note(journey, sent, channel=ticket.channel, at=at, ticket=ticket.reference)
