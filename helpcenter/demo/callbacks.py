"""The demo shop's call-backs: one that was made, one that nobody answered, some that wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from deflection.services import journeys
from helpcenter.accounts.models import User
from helpcenter.demo.stories import read_yaml
from helpcenter.demo.visits import record_search
from knowledge.models import Topic
from tickets.services import callback_calls, callbacks
from tickets.services.callback_slots import calling_hours, free_days
from tickets.services.intake import VisitContext


def make_callbacks(now: datetime, staff: dict[str, User]) -> None:
    topics = {topic.slug: topic for topic in Topic.objects.all()}
    agent = next(iter(staff.values()))
    for row in read_yaml("callbacks.yaml")["callbacks"]:
        at = now - timedelta(minutes=row["minutes_ago"])
        callback = callbacks.book(_asked(row, topics, at), visit=_visit(row, at), at=at)
        for call in row["calls"]:
            called = at + timedelta(minutes=call["minutes_later"])
            callback_calls.log_try(callback, agent=agent, outcome=call["outcome"], note=call["note"], at=called)


def _asked(row: dict[str, Any], topics: dict[str, Topic], at: datetime) -> callbacks.Asked:
    return callbacks.Asked(
        number=row["number"],
        slot=None if row["slot"] is None else free_days(calling_hours(), at)[1].slots[row["slot"]],
        language=row["language"],
        body=row["message"],
        name=row["name"],
        email=row["email"],
        topic=topics.get(row["topic"]),
    )


def _visit(row: dict[str, Any], at: datetime) -> VisitContext:
    """What they looked for in vain before they asked to be called."""
    moment = at - timedelta(minutes=4)
    journey = journeys.begin(language=row["language"], at=moment)
    for text in row["searches"]:
        search, _view = record_search(text, row["language"], journey, moment, None)
        search.save()
        moment += timedelta(minutes=1)
    return VisitContext(origin=str(journey.pk))
