"""How long people usually wait for a person, by channel: measured, and nothing said where there is too little to go by.

Measured from the last six weeks, on the clock on the wall (not in opening hours: who writes on a Friday night wants to
know about Monday), by the hour at which people came, on working days and at weekends, for the channel and for a topic.
"Usually" is four times of five: the 80th percentile, rounded up to a length that people say.

Who still waits counts as well, by how long they have waited so far: the percentile is read off the product-limit
estimate (Kaplan and Meier, 1958, "Nonparametric estimation from incomplete observations", section 2). Left out, the
cases that wait longest would make the wait look short.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import ngettext

from knowledge.models import Topic
from tickets.models import ChannelKind, UsualWait

LOOKED_BACK = timedelta(weeks=6)
LEAST_SAMPLE = 20
USUALLY = 0.8

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_LENGTHS = (
    *(minutes * _MINUTE for minutes in (1, 2, 3, 5, 10, 15, 20, 30, 45)),
    *(hours * _HOUR for hours in (1, 2, 3, 4, 6, 8, 12)),
    *(days * _DAY for days in (1, 2, 3, 4, 5, 7, 10, 14)),
)
_DAYS = UsualWait.Days


@dataclass(frozen=True)
class Observation:
    """Somebody who came and waited. `seconds` is how long: until the answer, or so far where there is none yet."""

    kind: str
    came_at: datetime
    seconds: float
    is_answered: bool = True
    topic: int | None = None


Reader = Callable[[datetime, datetime], Iterable[Observation]]
_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Adds a source: who came since the first time, as things stand at the second."""
    if reader not in _readers:
        _readers.append(reader)


# --- Measuring ----------------------------------------------------------------------------------------


def measure(now: datetime | None = None) -> int:
    """Writes the table anew; the number of its cells."""
    at = now or timezone.now()
    cells: dict[tuple[str, int | None, str, int | None], list[Observation]] = defaultdict(list)
    for reader in _readers:
        for one in reader(at - LOOKED_BACK, at):
            for key in _cells_of(one):
                cells[key].append(one)
    rows = [
        UsualWait(kind=kind, topic_id=topic, days=days, hour=hour, seconds=usual, sample=len(found), measured_at=at)
        for (kind, topic, days, hour), found in cells.items()
        if len(found) >= LEAST_SAMPLE and (usual := usual_seconds(found)) is not None
    ]
    with transaction.atomic():
        UsualWait.objects.all().delete()
        UsualWait.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def _cells_of(one: Observation) -> Iterator[tuple[str, int | None, str, int | None]]:
    days, hour = _moment(one.came_at)
    for topic in {None, one.topic}:
        yield one.kind, topic, days, hour
        yield one.kind, topic, _DAYS.ALL.value, None


def _moment(at: datetime) -> tuple[str, int]:
    local = at.astimezone(timezone.get_default_timezone())
    return (_DAYS.WEEKDAY if local.weekday() < 5 else _DAYS.WEEKEND).value, local.hour


def usual_seconds(observations: Iterable[Observation]) -> int | None:
    """The time by which four of five have their answer; None where so many have not had one yet."""
    # Who was answered at a time comes before who had waited just as long without.
    ordered = sorted(observations, key=lambda one: (one.seconds, not one.is_answered))
    waiting = 1.0
    for place, one in enumerate(ordered):
        if one.is_answered:
            waiting *= 1 - 1 / (len(ordered) - place)
        if waiting <= 1 - USUALLY + 1e-9:
            return max(0, round(one.seconds))
    return None


# --- Saying -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waits:
    """What the table says for a moment: read with one query, asked for each channel of a page."""

    rows: dict[tuple[str, int | None, bool], int]
    topic: int | None

    def usual(self, kind: str) -> timedelta | None:
        """The topic's own at such an hour; else the longer of the channel's at such an hour and the topic's at any;
        else the channel's at any."""
        own = self.rows.get((kind, self.topic, True)) if self.topic else None
        if own is not None:
            return timedelta(seconds=own)
        near = [self.rows.get((kind, None, True)), self.rows.get((kind, self.topic, False)) if self.topic else None]
        known = [seconds for seconds in near if seconds is not None]
        seconds = max(known) if known else self.rows.get((kind, None, False))
        return None if seconds is None else timedelta(seconds=seconds)


def read_waits(at: datetime, topic: Topic | None = None) -> Waits:
    days, hour = _moment(at)
    rows = UsualWait.objects.filter(hour=hour, days=days) | UsualWait.objects.filter(hour__isnull=True)
    wanted = {None, topic.pk if topic else None}
    cells = rows.values_list("kind", "topic", "hour", "seconds")
    return Waits(
        {(kind, of, at_hour is not None): seconds for kind, of, at_hour, seconds in cells if of in wanted},
        topic.pk if topic else None,
    )


def usual_wait(kind: ChannelKind | str, at: datetime | None = None, topic: Topic | None = None) -> timedelta | None:
    """How long people who come to a channel at this time usually wait; None where data is thin."""
    return read_waits(at or timezone.now(), topic).usual(str(kind))


def within(kind: str, wait: timedelta | None) -> str:
    """ "answer usually within 2 hours"; "" where it is not known, or longer than anybody should be told to wait."""
    length = _rounded_up(wait)
    if length is None:
        return ""
    unit = next(unit for unit in (_DAY, _HOUR, _MINUTE) if length >= unit)
    count = length // unit
    return _sentence(kind, unit, count) % {"count": count}


def _sentence(kind: str, unit: int, count: int) -> str:
    if kind == ChannelKind.CALLBACK:
        return {
            _MINUTE: ngettext("call usually within a minute", "call usually within %(count)d minutes", count),
            _HOUR: ngettext("call usually within an hour", "call usually within %(count)d hours", count),
            _DAY: ngettext("call usually within a day", "call usually within %(count)d days", count),
        }[unit]
    return {
        _MINUTE: ngettext("answer usually within a minute", "answer usually within %(count)d minutes", count),
        _HOUR: ngettext("answer usually within an hour", "answer usually within %(count)d hours", count),
        _DAY: ngettext("answer usually within a day", "answer usually within %(count)d days", count),
    }[unit]


def answer_within(kind: str, wait: timedelta | None) -> str:
    """The same as a sentence of its own."""
    words = within(kind, wait)
    return f"{capfirst(words)}." if words else ""


def _rounded_up(wait: timedelta | None) -> int | None:
    if wait is None:
        return None
    return next((length for length in _LENGTHS if wait.total_seconds() <= length), None)
