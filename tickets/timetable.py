"""When something is open: a week's hours in a time zone, public holidays, and single days that differ.

Times of day are the clock's on the wall. A period that ends at 00:00 ends at midnight. Where the clock is put forward,
a time that does not exist is the moment at which it is; where it is put back, a time that comes twice is the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tickets.public_holidays import holiday_name, is_holiday

Hours = tuple[tuple[time, time], ...]
"""The open periods of one day: from, to."""

MIDNIGHT = time(0)
_DAYS_AHEAD = 60
_A_FORTNIGHT = 14


@dataclass(frozen=True)
class Timetable:
    """The week begins on Monday. A day in `days` differs from its weekday, and from a holiday: () is closed."""

    zone: ZoneInfo
    week: tuple[Hours, ...]
    days: Mapping[date, Hours] = field(default_factory=dict)
    country: str = ""
    subdivision: str = ""

    def hours_on(self, day: date) -> Hours:
        if day in self.days:
            return self.days[day]
        return () if self.is_holiday(day) else self.week[day.weekday()]

    def is_holiday(self, day: date) -> bool:
        return bool(self.country) and is_holiday(self.country, self.subdivision, day)

    def holiday_name(self, day: date, language: str) -> str:
        """What a public holiday is called; "" on any other day."""
        return holiday_name(self.country, self.subdivision, day, language) if self.country else ""

    def periods_on(self, day: date) -> list[tuple[datetime, datetime]]:
        """The open periods of a day in order, as aware times in the zone; what overlaps is joined."""
        periods = sorted((self._at(day, opens), self._closing(day, closes)) for opens, closes in self.hours_on(day))
        joined: list[tuple[datetime, datetime]] = []
        for opens, closes in periods:
            if closes.astimezone(UTC) <= opens.astimezone(UTC):
                continue
            if joined and opens <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
            else:
                joined.append((opens, closes))
        return joined

    def _at(self, day: date, at: time) -> datetime:
        wall = datetime.combine(day, at)
        moment = wall.replace(tzinfo=self.zone)
        while moment.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) != wall:
            # In the hour that is left out: back to the last minute that there is, and one on.
            wall -= timedelta(minutes=1)
            moment = wall.replace(tzinfo=self.zone)
        if wall.time() == at:
            return moment
        return (moment.astimezone(UTC) + timedelta(minutes=1)).astimezone(self.zone)

    def _closing(self, day: date, at: time) -> datetime:
        return self._at(day + timedelta(days=1), MIDNIGHT) if at == MIDNIGHT else self._at(day, at)

    def is_open(self, at: datetime) -> bool:
        return self._period_around(at) is not None

    def _period_around(self, at: datetime) -> tuple[datetime, datetime] | None:
        # In UTC, since times of one zone are compared by the wall clock, which is wrong in the hour that comes twice.
        moment = at.astimezone(UTC)
        day = at.astimezone(self.zone).date()
        return next((period for period in self.periods_on(day) if period[0] <= moment < period[1]), None)

    def closes_at(self, at: datetime) -> datetime | None:
        """When it closes next; None while it is closed, and where it stays open for a fortnight."""
        period = self._period_around(at)
        for _day in range(_A_FORTNIGHT):
            if period is None:
                return None
            closes = period[1]
            following = self._period_around(closes)
            if following is None:
                return closes
            period = following
        return None

    def next_opening(self, at: datetime) -> datetime | None:
        """When it opens next after `at`; None when it does not within two months."""
        moment = at.astimezone(UTC)
        first = at.astimezone(self.zone).date()
        for ahead in range(_DAYS_AHEAD):
            for opens, _closes in self.periods_on(first + timedelta(days=ahead)):
                if moment < opens and not self.is_open(opens.astimezone(UTC) - timedelta(microseconds=1)):
                    return opens
        return None

    def open_between(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open periods that touch the time between, in order, in UTC, joined across midnight."""
        last: tuple[datetime, datetime] | None = None
        day = start.astimezone(self.zone).date()
        while day <= end.astimezone(self.zone).date():
            for local_opens, local_closes in self.periods_on(day):
                opens, closes = local_opens.astimezone(UTC), local_closes.astimezone(UTC)
                if closes <= start or opens >= end:
                    continue
                if last is not None and opens <= last[1]:
                    last = (last[0], closes)
                    continue
                if last is not None:
                    yield last
                last = (opens, closes)
            day += timedelta(days=1)
        if last is not None:
            yield last
