"""When we can call: the quarters of an hour within the opening hours, and which of them still have room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count
from django.utils.dateparse import parse_datetime

from tickets.models import Calendar, Callback, Channel, ChannelKind

QUARTER = timedelta(minutes=15)
# So much time passes at least between booking a quarter and its beginning.
LEAD = timedelta(minutes=10)
OPEN_DAYS = 5
_LOOKED_AT_DAYS = 21


@dataclass(frozen=True)
class FreeDay:
    """A day with the beginnings of its quarters that have room, in the organisation's time."""

    day: date
    slots: list[datetime]


@dataclass(frozen=True)
class CallingHours:
    """When somebody calls back, and how many calls each quarter holds."""

    calendar: Calendar | None
    places: int
    """0 where no times are offered; a call as soon as someone is free is possible all the same."""

    @property
    def zone(self) -> ZoneInfo:
        return self.calendar.zone if self.calendar else ZoneInfo(settings.TIME_ZONE)

    def is_open(self, at: datetime) -> bool:
        return self.calendar is None or self.calendar.is_open(at)

    def soonest(self, at: datetime) -> datetime:
        """From when on somebody may call: at once, or from the next opening. At once, too, where none is known."""
        if self.calendar is None or self.calendar.is_open(at):
            return at
        return self.calendar.next_opening(at) or at

    def quarters(self, at: datetime) -> Iterator[datetime]:
        """The beginnings of all quarters that lie ahead, of the next days that are open."""
        today = at.astimezone(self.zone).date()
        days = 0
        for ahead in range(_LOOKED_AT_DAYS if self.places else 0):
            quarters = [one for one in self._of_day(today + timedelta(days=ahead)) if one >= at + LEAD]
            yield from quarters
            days += bool(quarters)
            if days == OPEN_DAYS:
                return

    def _of_day(self, day: date) -> Iterator[datetime]:
        for opens, closes in self._periods_on(day):
            begins = _next_quarter(opens)
            # Compared and added in UTC: on the days on which clocks change, local times jump.
            while begins + QUARTER <= closes:
                yield begins.astimezone(self.zone)
                begins += QUARTER

    def _periods_on(self, day: date) -> list[tuple[datetime, datetime]]:
        if self.calendar is not None:
            return [(_utc(opens), _utc(closes)) for opens, closes in self.calendar.periods_on(day)]
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return [(_utc(midnight), _utc(midnight + timedelta(days=1)))]


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo("UTC"))


def _next_quarter(moment: datetime) -> datetime:
    """The full quarter at or after it. All time zones of today differ from UTC by whole quarters."""
    rest = moment.timestamp() % QUARTER.total_seconds()
    return moment + timedelta(seconds=QUARTER.total_seconds() - rest) if rest else moment


def calling_hours() -> CallingHours:
    channel = (
        Channel.objects.filter(kind=ChannelKind.CALLBACK)
        .select_related("calendar")
        .prefetch_related("calendar__hours", "calendar__exceptions")
        .first()
    )
    return CallingHours(channel.calendar, channel.slots_per_quarter) if channel else CallingHours(None, 0)


def free_days(hours: CallingHours, at: datetime) -> list[FreeDay]:
    """The next open days with the quarters that have room; full ones are left out. One query."""
    quarters = list(hours.quarters(at))
    if not quarters:
        return []
    sold = _sold(quarters[0], quarters[-1])
    days: dict[date, list[datetime]] = {}
    for one in quarters:
        if sold.get(one, 0) < hours.places:
            days.setdefault(one.date(), []).append(one)
    return [FreeDay(day, slots) for day, slots in days.items()]


def next_free(hours: CallingHours, at: datetime, wanted: datetime, count: int = 3) -> list[datetime]:
    """The free quarters nearest to one that is gone: those after it, or else those before."""
    free = [one for day in free_days(hours, at) for one in day.slots]
    later = [one for one in free if one > wanted]
    return later[:count] or free[-count:]


def _sold(first: datetime, last: datetime) -> dict[datetime, int]:
    rows = Callback.objects.holding_places().filter(slot_at__range=(first, last)).order_by()
    return dict(rows.values_list("slot_at").annotate(count=Count("pk")))


def read_slot(text: str) -> datetime | None:
    """The moment that a form named, as `slot_value` wrote it; None for anything else."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def slot_value(slot: datetime) -> str:
    return _utc(slot).strftime("%Y-%m-%dT%H:%MZ")
