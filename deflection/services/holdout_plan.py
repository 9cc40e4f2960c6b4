"""Before a round: how many people, and so how many weeks, it takes to see an effect, from what came lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from deflection.models import Assignment, Journey, JourneyEvent
from deflection.models.holdout import WINDOW
from deflection.services.effect import FEWEST
from deflection.services.statistics import SampleSize, sample_size

WEEKS = 4
SHARES = (1, 2, 5, 10, 20, 30, 40, 50)


@dataclass(frozen=True)
class Traffic:
    """Of the last weeks: how many people a week opened the form, and which share of them turned to a person."""

    weekly: float
    rate: float | None
    """None where too few have opened it to say."""


@dataclass(frozen=True)
class Plan:
    share: int
    size: SampleSize
    weeks: int | None
    """Until the last of them has had their seven days; None where nobody comes."""


def recent_traffic(*, at: datetime | None = None) -> Traffic:
    """From everybody who is counted and opened the form, whether or not a round was running."""
    now = at or timezone.now()
    opened = JourneyEvent.objects.filter(kind=JourneyEvent.Kind.CONTACT_OPENED, created_at__lte=now)
    opened = opened.filter(created_at__gt=now - timedelta(weeks=WEEKS), journey__is_measured=True)
    weekly = opened.order_by().aggregate(people=Count("journey__visitor", distinct=True))["people"] / WEEKS
    return Traffic(weekly, _rate(now))


def _rate(now: datetime) -> float | None:
    """What those who see no suggestions do, where enough of them are known; else everybody; else the visits alone."""
    recent = Assignment.objects.units().complete().filter(opened_at__gt=now - timedelta(weeks=3 * WEEKS))
    counts = {
        f"{name}_{arm}": Count("pk", filter=Q(arm=arm, **more))
        for arm in Assignment.Arm.values
        for name, more in (("of", {}), ("contacted", {"contacted_at__isnull": False}))
    }
    found = recent.order_by().aggregate(**counts)
    for arm in (Assignment.Arm.CONTROL, Assignment.Arm.TREATED):
        if found[f"of_{arm}"] >= FEWEST:
            return float(found[f"contacted_{arm}"] / found[f"of_{arm}"])
    steps = JourneyEvent.objects.filter(journey=OuterRef("pk"))
    visits = Journey.objects.measured().between(now - WINDOW - timedelta(weeks=WEEKS), now - WINDOW)
    visits = visits.filter(Exists(steps.filter(kind=JourneyEvent.Kind.CONTACT_OPENED)))
    sent = visits.filter(Exists(steps.filter(kind=JourneyEvent.Kind.CASE_SENT)))
    of = visits.count()
    return sent.count() / of if of >= FEWEST else None


def plan(*, share: int, effect: float, rate: float, weekly: float) -> Plan | None:
    """What one share takes. `effect` and `rate` are shares from 0 to 1. None where no such effect is possible."""
    try:
        size = sample_size(rate, effect, share / 100)
    except ValueError:
        return None
    return Plan(share, size, ceil(size.total / weekly + WINDOW / timedelta(weeks=1)) if weekly else None)


def plans(*, share: int, effect: float, rate: float, weekly: float) -> list[Plan]:
    """The same for the usual shares and the one that is thought of, smallest first."""
    shares = sorted({*SHARES, share} - {0})
    found = (plan(share=one, effect=effect, rate=rate, weekly=weekly) for one in shares)
    return [one for one in found if one is not None]
