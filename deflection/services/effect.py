"""The effect of showing suggestions: how many contacts it averts, compared with those who were shown none.

Intention to treat: everybody is counted in the group to which the hash assigned them, whatever they did or saw. The
effect is P(contact within seven days | held out) minus P(contact within seven days | shown), so above zero means that
showing averts contacts. Only those are counted whose seven days are over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any

from django.db.models import Count, Q

from deflection.models import Assignment, HoldoutRound
from deflection.models.holdout import AssignmentQuerySet
from deflection.services.statistics import Interval, difference, median_difference

Arm = Assignment.Arm
# With fewer in a group, a single person moves its share by more than three points.
FEWEST = 30
SATISFIED_FROM = 4


@dataclass(frozen=True)
class Group:
    """One group: those who are counted, and how many of them something is true of."""

    of: int = 0
    events: int = 0

    @property
    def share(self) -> float | None:
        return self.events / self.of if self.of else None


class Verdict(StrEnum):
    TOO_LITTLE = "too_little"
    AVERTS = "averts"
    CAUSES = "causes"
    NO_DIFFERENCE = "no_difference"


@dataclass(frozen=True)
class Comparison:
    """Two groups and the difference of their shares, held out minus shown; None where a group is empty."""

    control: Group
    treated: Group
    interval: Interval | None

    @property
    def has_enough(self) -> bool:
        return min(self.control.of, self.treated.of) >= FEWEST

    def verdict(self, looked_for: float) -> Verdict:
        """What can be said, where an effect of `looked_for` (a share, above 0) is what one wants to see.

        Too little data: fewer than 30 in either group; or the interval holds both zero and an effect as large as the
        one that is looked for, in either direction. Where it holds zero and neither of these, no such effect is there.
        """
        if self.interval is None or not self.has_enough:
            return Verdict.TOO_LITTLE
        if self.interval.low > 0:
            return Verdict.AVERTS
        if self.interval.high < 0:
            return Verdict.CAUSES
        if -looked_for < self.interval.low and self.interval.high < looked_for:
            return Verdict.NO_DIFFERENCE
        return Verdict.TOO_LITTLE


def compare(control: Group, treated: Group) -> Comparison:
    if not control.of or not treated.of:
        return Comparison(control, treated, None)
    return Comparison(control, treated, difference(control.events, control.of, treated.events, treated.of))


@dataclass(frozen=True)
class Effect:
    """The effect in a round, or in a part of it, and who is still waited for."""

    contacts: Comparison
    # The same for those only for whom there was something to suggest.
    matched: Comparison
    pending: int
    crossed: int

    @property
    def counted(self) -> int:
        return self.contacts.control.of + self.contacts.treated.of


_CONTACTED = Q(contacted_at__isnull=False)
_MATCHED = Q(matched_at__isnull=False)
_COUNTS = {
    "units": Count("pk", filter=Q(is_complete=True)),
    "contacted": Count("pk", filter=Q(is_complete=True) & _CONTACTED),
    "matched": Count("pk", filter=Q(is_complete=True) & _MATCHED),
    "matched_contacted": Count("pk", filter=Q(is_complete=True) & _MATCHED & _CONTACTED),
    "pending": Count("pk", filter=Q(is_complete=False)),
    "crossed": Count("pk", filter=Q(crossed_at__isnull=False)),
}


def units_of(running: HoldoutRound, *, language: str = "", topic: Any = None) -> AssignmentQuerySet:
    """Those assigned in a round; narrowed by what was known before anything was shown."""
    found = Assignment.objects.units().filter(round=running)
    if language:
        found = found.filter(language=language)
    return found.filter(topic=topic) if topic else found


def effect(units: AssignmentQuerySet) -> Effect:
    """One query."""
    rows: Iterable[Any] = units.order_by().values("arm").annotate(**_COUNTS)
    return _effect({row["arm"]: row for row in rows})


def effects_by(units: AssignmentQuerySet, field: str) -> dict[Any, Effect]:
    """The effect in each part of the units, by "round", "language" or "topic". One query."""
    parts: dict[Any, dict[str, dict[str, Any]]] = {}
    for row in units.order_by().values(field, "arm").annotate(**_COUNTS):
        parts.setdefault(row[field], {})[row["arm"]] = row
    return {key: _effect(rows) for key, rows in parts.items()}


def _effect(rows: dict[str, dict[str, Any]]) -> Effect:
    none = dict.fromkeys(_COUNTS, 0)
    control, treated = rows.get(Arm.CONTROL, none), rows.get(Arm.TREATED, none)

    def comparison(of: str, events: str) -> Comparison:
        return compare(Group(control[of], control[events]), Group(treated[of], treated[events]))

    return Effect(
        contacts=comparison("units", "contacted"),
        matched=comparison("matched", "matched_contacted"),
        pending=control["pending"] + treated["pending"],
        crossed=control["crossed"] + treated["crossed"],
    )


@dataclass(frozen=True)
class Guardrail:
    """Something that must not get worse for the better effect, or that the effect hangs on."""

    key: str
    comparison: Comparison


@dataclass(frozen=True)
class MedianGuardrail:
    """The same of a time, in seconds."""

    key: str
    control: float | None
    treated: float | None
    control_count: int
    treated_count: int
    interval: Interval | None


# Each a share: of whom, and what is true of them.
GUARDRAILS: dict[str, tuple[Q, Q]] = {
    "gave_up": (Q(), Q(contacted_at__isnull=True, has_read=False)),
    "repeat": (Q(), Q(contacts__gte=2)),
    "satisfied": (Q(satisfaction__isnull=False), Q(satisfaction__gte=SATISFIED_FROM)),
    "phone": (Q(), Q(contacted_at__isnull=True, has_tapped_phone=True)),
    "known": (Q(), Q(is_known=True)),
}


def guardrails(units: AssignmentQuerySet) -> list[Guardrail]:
    """Shares by group, each with the difference and its interval. One query."""
    counts = {}
    for key, (of, events) in GUARDRAILS.items():
        counts[f"{key}_of"] = Count("pk", filter=of)
        counts[f"{key}_events"] = Count("pk", filter=of & events)
    found: Iterable[Any] = units.complete().order_by().values("arm").annotate(**counts)
    rows = {row["arm"]: row for row in found}
    none = dict.fromkeys(counts, 0)

    def group(arm: str, key: str) -> Group:
        row = rows.get(arm, none)
        return Group(row[f"{key}_of"], row[f"{key}_events"])

    return [Guardrail(key, compare(group(Arm.CONTROL, key), group(Arm.TREATED, key))) for key in GUARDRAILS]


def time_to_a_person(units: AssignmentQuerySet) -> MedianGuardrail:
    """From the first opening of the form until a person answered, among those who wrote or called. One query."""
    rows = units.complete().filter(answer_seconds__isnull=False).order_by().values_list("arm", "answer_seconds")
    times: dict[str, list[float]] = {Arm.CONTROL: [], Arm.TREATED: []}
    for arm, seconds in rows:
        times[arm].append(float(seconds or 0))
    control, treated = times[Arm.CONTROL], times[Arm.TREATED]
    return MedianGuardrail(
        "answer_time",
        _median(control),
        _median(treated),
        len(control),
        len(treated),
        median_difference(control, treated),
    )


def _median(values: Iterable[float]) -> float | None:
    ordered = sorted(values)
    return median(ordered) if ordered else None
