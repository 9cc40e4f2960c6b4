"""What came of those who were assigned, within seven days of first opening the form. Safe to repeat.

Worked out from the cases as they stand, for as long as the journey is kept: a customer may be recognised, and spam
found out, after the seven days. Then it stays as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from deflection.models import Assignment, Journey, JourneyEvent
from deflection.models.holdout import WINDOW, AssignmentQuerySet
from deflection.services.human_contacts import Contact, Contacts, Person
from deflection.services.pieces import in_pieces
from knowledge.models import ArticleView
from tickets.models import CallbackTry, ChannelKind, Message, Rating

Kind = JourneyEvent.Kind
# Longer than any customer takes to be recognised who ever is.
_LOOKED_AT_FOR = timedelta(days=30)
_AT_ONCE = 500
_READING = (Kind.SUGGESTION_OPENED, Kind.ARTICLE_VIEWED)
FIELDS = (
    "is_complete", "contacts", "contacted_at", "channel", "ticket_id", "has_read", "has_tapped_phone", "is_known",
    "answer_seconds", "satisfaction",
)  # fmt: skip


def work_out_results(*, at: datetime | None = None, visitors: Set[UUID] | None = None) -> int:
    """Looks up what became of everybody assigned lately; with `visitors`, of those in whose browsers something is new,
    and of those whose seven days have ended. Returns for how many something has changed."""
    now = at or timezone.now()
    waiting = Assignment.objects.units().filter(opened_at__gt=now - _LOOKED_AT_FOR, journey__isnull=False)
    waiting = waiting.filter(journey__forgotten_at__isnull=True)
    pks = set(_of(waiting, now, visitors) if visitors is not None else waiting.values_list("pk", flat=True))
    found = sum(_work_out(some, now) for some in in_pieces(sorted(pks), _AT_ONCE))
    # Whose visit was erased meanwhile is counted with what was known; waiting for ever they would be missing.
    gone = Assignment.objects.units().pending().filter(journey__isnull=True, opened_at__lte=now - WINDOW)
    return found + gone.update(is_complete=True)


def _of(waiting: AssignmentQuerySet, now: datetime, visitors: Set[UUID]) -> Iterator[int]:
    yield from waiting.pending().filter(opened_at__lte=now - WINDOW).values_list("pk", flat=True)
    for some in in_pieces(list(visitors), _AT_ONCE):
        # Two looked-up lists; "or" would read all assignments.
        yield from waiting.filter(journey__visitor__in=some).values_list("pk", flat=True)
        yield from waiting.filter(followed_by__journey__visitor__in=some).values_list("pk", flat=True)


def _work_out(pks: Iterable[int], now: datetime) -> int:
    units = list(
        Assignment.objects.filter(pk__in=pks).select_related("journey").prefetch_related("followed_by__journey")
    )
    facts = _Facts(units)
    changed = []
    for unit in units:
        before = [getattr(unit, name) for name in FIELDS]
        for name, value in facts.of(unit, now).items():
            setattr(unit, name, value)
        if before != [getattr(unit, name) for name in FIELDS]:
            changed.append(unit)
    Assignment.objects.bulk_update(changed, [name.removesuffix("_id") for name in FIELDS], batch_size=200)
    return len(changed)


def _visits(unit: Assignment) -> list[Journey]:
    """The visits in which the unit was assigned, on whichever device."""
    rows = [unit, *unit.followed_by.all()]
    return [row.journey for row in rows if row.journey is not None]


@dataclass
class _Steps:
    read: list[datetime] = field(default_factory=list)
    phone: list[datetime] = field(default_factory=list)


class _Facts:
    """All that is known of some units, in a fixed number of queries."""

    def __init__(self, units: list[Assignment]) -> None:
        visits = [visit for unit in units for visit in _visits(unit)]
        since = min(unit.opened_at for unit in units)
        until = max(unit.opened_at for unit in units) + WINDOW
        self.contacts = Contacts(
            {visit.visitor for visit in visits},
            {visit.customer_id for visit in visits if visit.customer_id},
            since,
            until,
        )
        self.people = {unit.pk: self._person(unit) for unit in units}
        self.steps = self._read_steps({origin for person in self.people.values() for origin in person.origins})
        self.first = {
            unit.pk: self.contacts.of(self.people[unit.pk], unit.opened_at, unit.opened_at + WINDOW) for unit in units
        }
        tickets = {contact.ticket.pk for found in self.first.values() for contact in found}
        self.ratings = dict(
            Rating.objects.filter(ticket__in=tickets, satisfaction__isnull=False).values_list("ticket", "satisfaction")
        )
        self.answers = _answers(tickets)

    def _person(self, unit: Assignment) -> Person:
        visits = _visits(unit)
        known = {visit.customer_id for visit in visits if visit.customer_id}
        return self.contacts.person({visit.visitor for visit in visits}, known)

    def _read_steps(self, origins: set[str]) -> dict[str, _Steps]:
        steps: dict[str, _Steps] = defaultdict(_Steps)
        for origin, moment in ArticleView.objects.filter(origin__in=origins).values_list("origin", "created_at"):
            steps[origin].read.append(moment)
        told = JourneyEvent.objects.filter(
            journey__in=[UUID(name) for name in origins], kind__in=[*_READING, Kind.CHANNEL_CHOSEN]
        ).order_by()
        for journey, kind, channel, moment in told.values_list("journey", "kind", "channel", "created_at"):
            if kind in _READING:
                steps[str(journey)].read.append(moment)
            elif channel == ChannelKind.PHONE:
                steps[str(journey)].phone.append(moment)
        return steps

    def of(self, unit: Assignment, now: datetime) -> dict[str, Any]:
        until = unit.opened_at + WINDOW
        person, contacts = self.people[unit.pk], self.first[unit.pk]
        steps = [self.steps[origin] for origin in person.origins if origin in self.steps]
        first = contacts[0] if contacts else None
        rated = (self.ratings[one.ticket.pk] for one in contacts if one.ticket.pk in self.ratings)
        # What was read in the same visit before the form was opened was read too.
        since = min([unit.opened_at, *(visit.started_at for visit in _visits(unit)[:1])])
        return {
            "is_complete": until <= now,
            "contacts": len(contacts),
            "contacted_at": first.at if first else None,
            "channel": first.channel if first else "",
            "ticket_id": first.ticket.pk if first else None,
            "has_read": any(since <= moment < until for one in steps for moment in one.read),
            "has_tapped_phone": any(unit.opened_at <= moment < until for one in steps for moment in one.phone),
            "is_known": person.is_recognised,
            "answer_seconds": self._seconds_to_answer(unit, first),
            "satisfaction": next(rated, None),
        }

    def _seconds_to_answer(self, unit: Assignment, first: Contact | None) -> int | None:
        """From the first opening of the form until a person answered; a call is answered when it is taken."""
        if first is None:
            return None
        if first.channel == ChannelKind.PHONE:
            answered: datetime | None = first.at
        else:
            answered = next((moment for moment in self.answers[first.ticket.pk] if moment >= first.at), None)
        return int((answered - unit.opened_at).total_seconds()) if answered else None


def _answers(tickets: set[int]) -> dict[int, list[datetime]]:
    """When people of ours wrote or called, case by case, oldest first."""
    found: dict[int, list[datetime]] = defaultdict(list)
    written = Message.objects.filter(ticket__in=tickets, kind=Message.Kind.OUTBOUND, author__isnull=False)
    for ticket, moment in written.values_list("ticket", "created_at"):
        found[ticket].append(moment)
    called = CallbackTry.objects.filter(callback__ticket__in=tickets, outcome=CallbackTry.Outcome.REACHED)
    for ticket, moment in called.values_list("callback__ticket", "at"):
        found[ticket].append(moment)
    return defaultdict(list, {ticket: sorted(moments) for ticket, moments in found.items()})
