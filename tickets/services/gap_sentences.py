"""Times without a way to reach a person, said for whoever would have made them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from knowledge.models import Topic

Gap = tuple[datetime, datetime | None]

_MOST = 3
_A_WEEK = timedelta(days=7)


def refusal(gaps: Mapping[int | None, list[Gap]], start: datetime, zone: ZoneInfo) -> str:
    """One sentence that says when and for what nobody could be written to, in the reader's language."""
    by_time: dict[str, list[int | None]] = {}
    for topic, found in gaps.items():
        by_time.setdefault(_times(found, start, zone), []).append(topic)
    names = _names()
    parts = [
        _("%(times)s for %(topics)s") % {"times": times, "topics": _where(topics, names)}
        for times, topics in by_time.items()
    ]
    return _("That would leave nobody to write to: %(gaps)s. Keep the contact form or e-mail open then.") % {
        "gaps": "; ".join(parts[:_MOST])
    }


def _names() -> dict[int, str]:
    language = get_language() or ""
    return {topic.pk: topic.name_in(language) for topic in Topic.objects.with_names()}


def _where(topics: list[int | None], names: Mapping[int, str]) -> str:
    """ "the whole site", "“Returns”, “Delivery”"; None stands for pages without a topic."""
    if {None, *names} <= set(topics):
        return _("the whole site")
    own = [_("“%(topic)s”") % {"topic": names[topic]} for topic in topics if topic is not None and topic in names]
    return _few([_("pages without a topic"), *own] if None in topics else own)


def _few(names: list[str]) -> str:
    """All of them where they are few, else the first ones and how many more there are."""
    if len(names) <= _MOST + 1:
        return ", ".join(names)
    return _("%(first)s and %(count)d more") % {"first": ", ".join(names[:_MOST]), "count": len(names) - _MOST}


def _times(gaps: list[Gap], start: datetime, zone: ZoneInfo) -> str:
    if gaps[0] == (start, None):
        return _("at all times")
    local = [(begins.astimezone(zone), ends.astimezone(zone) if ends else None) for begins, ends in gaps]
    begun = {_wall(begins) for begins, _ends in local}
    ended = {_wall(ends) for _begins, ends in local if ends}
    weekly: dict[str, set[int]] = {}
    once: list[str] = []
    for begins, ends in local:
        if ends is None and _is_weekly(begins, begun):
            continue  # the last one that was looked at: it comes again too
        if ends is None:
            once.append(_("from %(day)s at %(time)s on") % {"day": _day(begins), "time": _clock(begins)})
        elif _is_weekly(begins, begun) and _is_weekly(ends, ended):
            weekly.setdefault(_clocks(begins, ends), set()).add(begins.weekday())
        elif begins != start or not _is_weekly(ends, ended):  # else it is the rest of one that comes again
            once.append(_once(begins, ends))
    by_days: dict[str, list[str]] = {}
    for times, days in weekly.items():
        by_days.setdefault(_days_of_week(days), []).append(times)
    return _few([*(f"{days} {', '.join(times)}" for days, times in by_days.items()), *once])


def _wall(at: datetime) -> datetime:
    return at.replace(tzinfo=None, second=0, microsecond=0)


def _is_weekly(at: datetime, others: set[datetime]) -> bool:
    """Whether it comes again; two weeks in a row are no proof, since Christmas and New Year are a week apart."""
    wall = _wall(at)
    return any({wall + weeks * _A_WEEK for weeks in span} <= others for span in ((1, 2), (-1, 1), (-2, -1)))


def _clock(at: datetime) -> str:
    return at.strftime("%H:%M")


def _day(at: datetime) -> str:
    return date_format(at, "DATE_FORMAT")


def _clocks(begins: datetime, ends: datetime) -> str:
    """ "22:00–06:00", or with the day on which it ends where that is not plain."""
    if ends - begins > timedelta(days=1):
        return f"{_clock(begins)} – {_days_of_week({ends.weekday()})} {_clock(ends)}"
    return f"{_clock(begins)}–{'24:00' if _clock(ends) == '00:00' else _clock(ends)}"


def _days_of_week(days: set[int]) -> str:
    """ "Mondays", "Mondays–Fridays", "Mondays, Wednesdays", "every day"."""
    names = [
        _("Mondays"), _("Tuesdays"), _("Wednesdays"), _("Thursdays"), _("Fridays"), _("Saturdays"), _("Sundays"),
    ]  # fmt: skip
    ordered = sorted(days)
    if len(ordered) == 7:
        return _("every day")
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{names[ordered[0]]}–{names[ordered[-1]]}"
    return ", ".join(names[day] for day in ordered)


def _once(begins: datetime, ends: datetime) -> str:
    if begins.date() == ends.date():
        return f"{_day(begins)} {_clock(begins)}–{_clock(ends)}"
    return f"{_day(begins)} {_clock(begins)} – {_day(ends)} {_clock(ends)}"
