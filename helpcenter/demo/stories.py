"""What happened at the demo shop, read from stories.yaml, and when: the last four weeks before today."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from django.conf import settings

CONTENT = Path(__file__).parent / "content"
DAYS = 28
_LONGEST_VISIT = timedelta(minutes=20)
# When people look for help: hardly at night, most in the morning and after work.
_HOURS = [6, 7, 8, 9, 9, 10, 10, 11, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 20, 21, 21, 22]


def read_yaml(name: str) -> Any:
    return yaml.safe_load((CONTENT / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Line:
    """One entry of a conversation: `by` is agent, customer or note."""

    by: str
    hours_later: float
    text: str


@dataclass(frozen=True)
class CaseStory:
    id: str
    language: str
    name: str
    email: str
    topic: str
    subject: str
    message: str
    days_ago: int
    hour: int
    status: str
    assignee: str | None
    answered_by: str | None
    """An article's key, "none" where no article answered it, None where it is not solved."""
    first_response_hours: float | None
    searches: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    conversation: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class CaseNotes:
    """What agents noted about a case, and what its customer said of it in the end."""

    tags: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    type: str = ""
    priority: str = ""
    cause: str = ""
    demand: str = ""
    rating: tuple[int, int, str] | None = None


@dataclass(frozen=True)
class SearchStory:
    text: str
    language: str
    weight: int
    opened: str | None


@dataclass(frozen=True)
class ConfirmedStory:
    """Somebody began to write, was shown an answer, and said that it answered."""

    language: str
    topic: str
    text: str
    suggested: list[str]
    answered_by: str
    days_ago: int


@dataclass(frozen=True)
class FeedbackStory:
    article: str
    language: str
    helpful: bool
    reason: str | None
    comment: str | None
    days_ago: int


class Stories:
    def __init__(self) -> None:
        data = read_yaml("stories.yaml")
        self.cases = [
            CaseStory(**{**row, "conversation": [Line(**line) for line in row["conversation"]]})
            for row in data["cases"]
        ]
        self.notes = {name: CaseNotes(**row) for name, row in read_yaml("desk.yaml")["cases"].items()}
        self.searches = [SearchStory(**row) for row in data["searches"]]
        self.confirmed = [ConfirmedStory(**row) for row in data["confirmed"]]
        self.feedback = [FeedbackStory(**row) for row in data["feedback"]]


class Clock:
    """Turns "three days ago at nine" into times. Everything lies in the past, whatever the hour of the first start.

    The random source is seeded, so that two loads on the same day tell the same story.
    """

    def __init__(self, now: datetime, stories: Stories) -> None:
        self.now = now
        self.zone = ZoneInfo(settings.TIME_ZONE)
        self.random = random.Random(20260101)  # noqa: S311 - a plot, not a secret
        self._minutes = {case.id: self.random.randrange(2, 58) for case in stories.cases}
        self._today = now.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        while any(moment >= now for case in stories.cases for moment in self._moments(case)):
            self._today -= timedelta(days=1)

    def _moments(self, case: CaseStory) -> Iterator[datetime]:
        opened = self.opened_at(case)
        yield opened
        for line in case.conversation:
            yield opened + timedelta(hours=line.hours_later)

    def opened_at(self, case: CaseStory) -> datetime:
        """When a case came in."""
        return self._at(case.days_ago, case.hour, self._minutes[case.id])

    def some_time(self, days_ago: int) -> datetime:
        """A moment of a day at which people are awake; early enough for a whole visit to have ended by now."""
        moment = self._at(days_ago, self.random.choice(_HOURS), self.random.randrange(60))
        return min(moment, self.now - _LONGEST_VISIT - timedelta(minutes=self.random.randrange(40)))

    def any_day(self) -> int:
        """A number of days ago; weekends are quieter."""
        while True:
            days_ago = self.random.randrange(DAYS)
            is_weekend = (self._today - timedelta(days=days_ago)).weekday() >= 5
            if not is_weekend or self.random.random() < 0.55:
                return days_ago

    def _at(self, days_ago: int, hour: int, minute: int) -> datetime:
        return (self._today - timedelta(days=days_ago)).replace(hour=hour, minute=minute)

    @cached_property
    def opening(self) -> datetime:
        """When the help center was first published, some weeks before the first story."""
        return self._at(DAYS + 17, 9, 30)
