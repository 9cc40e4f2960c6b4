"""Who sees suggestions: a keyed hash decides, once a round, before anything is shown.

The unit is the customer where known, else the visitor (the browser). It is analysed in the group to which it was first
assigned, whatever happens later (intention to treat):

- A visitor who turns out to be a customer takes the group along, also to other devices.
- Where the customer had been assigned before, the customer's group holds from then on. The visitor stays in the
  analysis as assigned; that they changed group is noted, and counted in the report.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from django.db.models import QuerySet
from django.utils import timezone

from deflection.models import Assignment, HoldoutRound, Journey
from deflection.services.holdout_rounds import current_round, key_of
from knowledge.models import ArticleView, Topic

Arm = Assignment.Arm
UnitKind = Assignment.UnitKind
Found = TypeVar("Found")


def unit_of(key: bytes, kind: str, name: object) -> str:
    """The keyed hash under which a customer or a visitor is known in a round: HMAC-SHA256, in hexadecimal."""
    return hmac.digest(key, f"{kind}:{name}".encode(), "sha256").hex()


def draw(unit: str) -> float:
    """The unit's number, even over 0 to 1 (1 excluded): its first 52 bits, as many as such a number holds."""
    return int(unit[:13], 16) / 16**13


def arm_of(unit: str, share: int) -> Assignment.Arm:
    """The group of a unit where `share` per cent are held out."""
    return Arm.CONTROL if draw(unit) < share / 100 else Arm.TREATED


def sees_suggestions(journey: Journey | None, *, topic: Topic | None = None, at: datetime | None = None) -> bool:
    """Whether this visit is shown suggestions. To be asked before anything is shown; the first time is what counts.

    Always so for those who asked not to be counted, and for what another site's program began through the API: they
    are in no group. `topic` is the one that the form was opened from, if any.
    """
    assigned = _assignment_for(journey, topic, at)
    return assigned is None or not assigned.is_control


def shown_of(journey: Journey | None, found: Sequence[Found], *, at: datetime | None = None) -> list[Found]:
    """What may be shown of the articles found for what is being written: all of it, or nothing.

    That there was something to show is noted in both groups alike: the comparison of those whom it concerned at all
    tells more than that of everybody.
    """
    assigned = _assignment_for(journey, None, at)
    if assigned is None:
        return list(found)
    if found and assigned.matched_at is None:
        Assignment.objects.filter(pk=assigned.pk, matched_at__isnull=True).update(matched_at=at or timezone.now())
    return [] if assigned.is_control else list(found)


def _assignment_for(journey: Journey | None, topic: Topic | None, at: datetime | None) -> Assignment | None:
    """The assignment whose group holds for this visit; None for whoever is in none."""
    if journey is None or not journey.is_measured or not journey.may_be_held_out:
        return None
    now = at or timezone.now()
    running = current_round(at=now)
    return _Desk(running, journey, topic, now).assign() if running.share else None


class _Desk:
    """Assigns one visit in one round."""

    def __init__(self, running: HoldoutRound, journey: Journey, topic: Topic | None, at: datetime) -> None:
        self.round, self.journey, self.topic, self.at = running, journey, topic, at
        self.key = key_of(running.number)
        self.visitor = unit_of(self.key, UnitKind.VISITOR, journey.visitor)
        known = journey.customer_id
        self.customer = unit_of(self.key, UnitKind.CUSTOMER, known) if known else ""

    def assign(self) -> Assignment:
        rows = {row.unit: row for row in self._rows([self.visitor, self.customer])}
        own, of_customer = rows.get(self.visitor), rows.get(self.customer)
        if not self.customer:
            return _first(own) if own else self._assign_visitor()
        if of_customer is None:
            of_customer = self._assign_customer()
        first = _first(of_customer)
        if own is None:
            # Should they log out, the same browser goes on in the same group.
            self._write(self.visitor, UnitKind.VISITOR, follows=first)
        elif _first(own).pk != first.pk and own.arm != first.arm:
            Assignment.objects.filter(pk=_first(own).pk, crossed_at__isnull=True).update(crossed_at=self.at)
        return first

    def _rows(self, units: list[str]) -> QuerySet[Assignment]:
        return Assignment.objects.filter(round=self.round, unit__in=units).select_related("follows")

    def _assign_visitor(self) -> Assignment:
        """A browser that was known as a customer's before goes with them; any other is drawn for."""
        known = Journey.objects.filter(visitor=self.journey.visitor, customer__isnull=False)
        last = known.order_by("-started_at").values_list("customer_id", flat=True).first()
        unit = unit_of(self.key, UnitKind.CUSTOMER, last) if last else ""
        of_customer = self._rows([unit]).first() if unit else None
        follows = _first(of_customer) if of_customer else None
        return _first(self._write(self.visitor, UnitKind.VISITOR, follows=follows))

    def _assign_customer(self) -> Assignment:
        """A customer who was assigned as a visitor keeps that group, the earliest one; any other is drawn for."""
        visitors = Journey.objects.filter(customer=self.journey.customer_id).values_list("visitor", flat=True)
        names = {self.journey.visitor, *visitors.distinct()}
        units = [unit_of(self.key, UnitKind.VISITOR, name) for name in names]
        earliest = self._rows(units).order_by("opened_at", "pk").first()
        return self._write(self.customer, UnitKind.CUSTOMER, follows=_first(earliest) if earliest else None)

    def _write(self, unit: str, kind: str, *, follows: Assignment | None) -> Assignment:
        """Logged once, whoever is first; the row that stands is the one that counts."""
        row = Assignment(
            round=self.round,
            unit=unit,
            unit_kind=kind,
            arm=follows.arm if follows else arm_of(unit, self.round.share),
            share=self.round.share,
            follows=follows,
            opened_at=self.at,
            journey=self.journey,
            language=self.journey.language,
            topic=self.topic or self._topic_read(),
        )
        Assignment.objects.bulk_create([row], ignore_conflicts=True)
        return self._rows([unit]).get()

    def _topic_read(self) -> Topic | None:
        """The topic of what was read last before the form was opened."""
        views = ArticleView.objects.filter(origin=str(self.journey.pk), created_at__lte=self.at)
        last = views.select_related("translation__article__topic").order_by("-created_at").first()
        return last.translation.article.topic if last else None


def _first(row: Assignment) -> Assignment:
    """The assignment that counts: the row itself, or the one that it follows."""
    return row.follows or row
