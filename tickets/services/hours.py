"""Opening hours for people: until when, from when, the week at a glance, and the days ahead that differ."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tickets.models import Calendar, Channel, ChannelKind, OpeningPeriod
from tickets.timetable import MIDNIGHT, Hours, Timetable

_A_WEEK = 7
_LOOK_AHEAD_DAYS = 15
_PERIOD = re.compile(
    r"(?P<from_hour>\d{1,2})(?:[:.](?P<from_minute>\d{2}))?\s*[-–—]\s*(?P<to_hour>\d{1,2})(?:[:.](?P<to_minute>\d{2}))?"
)


def calendar_of(kind: ChannelKind | str) -> Calendar | None:
    """The hours of a channel; None where it is always open, or does not exist."""
    channel = (
        Channel.objects.filter(kind=kind)
        .select_related("calendar")
        .prefetch_related("calendar__hours", "calendar__exceptions")
        .first()
    )
    return channel.calendar if channel else None


def when(calendar: Calendar, at: datetime, language: str) -> str:
    """ "until 18:00", "opens tomorrow at 08:00", and why where the day has a name; "" where there is nothing to say."""
    timetable = calendar.timetable()
    if timetable.is_open(at):
        closes = timetable.closes_at(at)
        return _until(closes, at.astimezone(timetable.zone)) if closes else ""
    opens = timetable.next_opening(at)
    sentence = _opens(opens, at.astimezone(timetable.zone)) if opens else ""
    today = at.astimezone(timetable.zone).date()
    name = calendar.name_of_day(today, language) if not timetable.hours_on(today) else ""
    if name and sentence:
        return _("closed for %(day)s, %(opens)s") % {"day": name, "opens": sentence}
    return _("closed for %(day)s") % {"day": name} if name else sentence


def _until(closes: datetime, local: datetime) -> str:
    # What closes at midnight is told by the day that ends.
    last = closes - timedelta(minutes=1)
    clock = _close(f"{closes:%H:%M}")
    if last.date() == local.date():
        return _("until %(time)s") % {"time": clock}
    return _("until %(day)s at %(time)s") % {"day": date_format(last, "l"), "time": clock}


def _opens(opens: datetime, local: datetime) -> str:
    ahead = (opens.date() - local.date()).days
    clock = f"{opens:%H:%M}"
    if ahead == 0:
        return _("opens today at %(time)s") % {"time": clock}
    if ahead == 1:
        return _("opens tomorrow at %(time)s") % {"time": clock}
    day = date_format(opens, "l") if ahead < _A_WEEK else short_day(opens)
    return _("opens %(day)s at %(time)s") % {"day": day, "time": clock}


def short_day(at: datetime) -> str:
    """ "Monday 4 January": without the year, for days that are near."""
    # Translators: weekday, day and month, in the letters of Django's date filter; in English "Monday 4 January".
    return date_format(at, _("l j F"))


def hours_for_people(hours: Hours) -> str:
    """ "08:00–11:30, 12:00–18:00", or that it is closed."""
    return ", ".join(f"{opens:%H:%M}–{_close(f'{closes:%H:%M}')}" for opens, closes in hours) or _("closed")


def _close(clock: str) -> str:
    return "24:00" if clock == "00:00" else clock


def week(timetable: Timetable) -> tuple[tuple[str, str], ...]:
    """The week's hours, days with the same hours joined: ("Monday–Friday", "08:00–18:00")."""
    rows: list[tuple[int, int, str]] = []
    for day in range(7):
        hours = hours_for_people(tuple(sorted(timetable.week[day])))
        if rows and rows[-1][2] == hours:
            rows[-1] = (rows[-1][0], day, hours)
        else:
            rows.append((day, day, hours))
    names = dict(OpeningPeriod.Weekday.choices)
    return tuple(
        (str(names[first]) if first == last else f"{names[first]}–{names[last]}", hours) for first, last, hours in rows
    )


def days_that_differ(
    calendar: Calendar, at: datetime, language: str, days: int = _LOOK_AHEAD_DAYS
) -> tuple[tuple[str, str], ...]:
    """Days soon on which other hours hold than on that weekday: ("Friday 25 December, Christmas Day", "closed")."""
    timetable = calendar.timetable()
    first = at.astimezone(timetable.zone)
    rows: list[tuple[str, str]] = []
    for ahead in range(days):
        day = first + timedelta(days=ahead)
        hours = tuple(sorted(timetable.hours_on(day.date())))
        if hours == tuple(sorted(timetable.week[day.weekday()])):
            continue
        name = calendar.name_of_day(day.date(), language)
        rows.append((f"{short_day(day)}, {name}" if name else short_day(day), hours_for_people(hours)))
    return tuple(rows)


def hours_as_typed(hours: Hours) -> str:
    """What `read_hours` reads."""
    return ", ".join(f"{opens:%H:%M}–{_close(f'{closes:%H:%M}')}" for opens, closes in sorted(hours))


def read_hours(text: str) -> Hours:
    """A day's hours as people type them: "8-11.30, 12-18". Empty is closed.

    Raises ValidationError that says what cannot be read.
    """
    periods: list[tuple[time, time]] = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;]", text))):
        found = _PERIOD.fullmatch(part)
        if found is None:
            raise ValidationError(
                _("“%(text)s” cannot be read. Write hours as 08:00–12:00, 13:00–17:00."), params={"text": part}
            )
        opens = _time(found["from_hour"], found["from_minute"], part)
        closes = _time(found["to_hour"], found["to_minute"], part)
        if closes <= opens and closes != MIDNIGHT:
            raise ValidationError(
                _("It has to close after it opens. What lies after midnight belongs to the next day.")
            )
        if periods and (periods[-1][1] == MIDNIGHT or opens < periods[-1][1]):
            raise ValidationError(_("The hours of a day follow one another and do not overlap."))
        periods.append((opens, closes))
    return tuple(periods)


def _time(hour: str, minute: str | None, part: str) -> time:
    try:
        return time(int(hour) % 24 if int(hour) == 24 and not int(minute or 0) else int(hour), int(minute or 0))
    except ValueError:
        raise ValidationError(_("“%(text)s” is no time of day."), params={"text": part}) from None
