"""What a report is about: a period, and a language and a topic where somebody narrowed it; read from the address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from knowledge.models import Topic

PRESETS = (7, 28, 90)
DEFAULT_DAYS = 28
_LONGEST_DAYS = 731
_FIRST_YEAR = 2000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Scope:
    """Days are whole days in the organisation's time zone; both ends are part of the period."""

    first: date
    last: date
    preset: int | None = None
    """The number of days up to today; None for dates that somebody chose."""
    language: str = ""
    topic: Topic | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(settings.TIME_ZONE)

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time.min, tzinfo=self.zone)

    @property
    def until(self) -> datetime:
        """The moment after the last day."""
        return datetime.combine(self.last + timedelta(days=1), time.min, tzinfo=self.zone)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    def query(self, **more: str) -> str:
        """The scope as the query of an address, with further parameters."""
        period = {"days": str(self.preset)} if self.preset else {"from": str(self.first), "to": str(self.last)}
        parts = {**period, "language": self.language, "topic": self.topic.slug if self.topic else "", **more}
        return urlencode({name: value for name, value in parts.items() if value})

    def with_preset(self, days: int) -> Scope:
        return replace(_up_to(self.today(), days), language=self.language, topic=self.topic)

    @staticmethod
    def today() -> date:
        return datetime.now(ZoneInfo(settings.TIME_ZONE)).date()


class _Problem(Exception):
    """What cannot be used, in a sentence for the reader."""


def read_scope(parameters: Mapping[str, str], topics: list[Topic]) -> tuple[Scope, list[str]]:
    """The scope that an address asks for, and a sentence on each part that could not be used and was left out."""
    problems: list[str] = []
    today = Scope.today()
    try:
        scope = _read_period(parameters, today)
    except _Problem as problem:
        problems.append(str(problem))
        scope = _up_to(today, DEFAULT_DAYS)
    language = parameters.get("language", "")
    if language and language not in dict(settings.LANGUAGES):
        problems.append(_("The help center has no such language, so all are shown."))
        language = ""
    slug = parameters.get("topic", "")
    topic = next((one for one in topics if one.slug == slug), None)
    if slug and topic is None:
        problems.append(_("There is no such topic, so all are shown."))
    return replace(scope, language=language, topic=topic), problems


def _up_to(today: date, days: int) -> Scope:
    return Scope(today - timedelta(days=days - 1), today, preset=days)


def _read_period(parameters: Mapping[str, str], today: date) -> Scope:
    """Dates of one's own come first; one of them alone is enough."""
    given_first, given_last = parameters.get("from", "").strip(), parameters.get("to", "").strip()
    if given_first or given_last:
        last = min(_day(given_last, today), today) if given_last else today
        first = _day(given_first, today) if given_first else last - timedelta(days=DEFAULT_DAYS - 1)
        if first > today:
            raise _Problem(_("The first day lies in the future, so the last 28 days are shown."))
        if first > last:
            raise _Problem(_("The first day comes after the last one, so the last 28 days are shown."))
        if (last - first).days >= _LONGEST_DAYS:
            raise _Problem(_("The period is longer than two years, so the last 28 days are shown."))
        return Scope(first, last)
    days = parameters.get("days", "")
    if days and days not in map(str, PRESETS):
        raise _Problem(_("There is no such period, so the last 28 days are shown."))
    return _up_to(today, int(days) if days else DEFAULT_DAYS)


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise _Problem(_("A date is written as 2026-01-31. The last 28 days are shown."))
    if not _FIRST_YEAR <= day.year <= today.year + 1:
        raise _Problem(_("There is nothing to show for that year, so the last 28 days are shown."))
    return day
