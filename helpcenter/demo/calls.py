"""Calls that the demo shop's agents noted: one solved while they spoke, one added to by nobody yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from deflection.services import journeys
from helpcenter.accounts.models import User
from helpcenter.demo.stories import read_yaml
from helpcenter.demo.visits import record_search
from knowledge.models import Article, Topic
from tickets.services import calls, lifecycle
from tickets.services.customers import customer_by_phone
from tickets.services.intake import VisitContext


def make_calls(now: datetime, staff: dict[str, User], articles: dict[str, Article]) -> None:
    topics = {topic.slug: topic for topic in Topic.objects.all()}
    agent = next(iter(staff.values()))
    for number, row in enumerate(read_yaml("calls.yaml")["calls"]):
        at = now - timedelta(minutes=row["minutes_ago"])
        ticket = calls.log_call(
            agent=agent,
            customer=customer_by_phone(row["number"], row["name"], row["language"]),
            about=row["about"],
            language=row["language"],
            key=f"demo-{number}",
            topic=topics.get(row["topic"]),
            visit=_visit(row, at),
            at=at,
        )
        if row["answered_by"]:
            answer = articles[row["answered_by"]]
            lifecycle.solve(ticket, agent=agent, article=answer, at=at + timedelta(minutes=4))


def _visit(row: dict[str, Any], at: datetime) -> VisitContext | None:
    """What they looked for before they called, where they said their reference."""
    if not row["searches"]:
        return None
    journey = journeys.begin(language=row["language"], at=at - timedelta(minutes=6))
    for place, text in enumerate(row["searches"]):
        moment = at - timedelta(minutes=6 - place)
        search, _view = record_search(text, row["language"], journey, moment, None)
        search.save()
    return VisitContext(origin=str(journey.pk))
