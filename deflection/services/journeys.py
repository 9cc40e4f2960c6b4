"""Beginning, following and ending journeys, and telling the desk what a customer did before asking."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from deflection.models import Journey, JourneyEvent
from deflection.models.journeys import REST
from knowledge.models import Article, ArticleView, SearchEvent
from tickets.models import Customer

Kind = JourneyEvent.Kind
# What a browser or an embedding site may report by itself; everything else is noted by us where it happens.
REPORTABLE = (
    Kind.SUGGESTION_OPENED,
    Kind.SUGGESTION_DISMISSED,
    Kind.ARTICLE_VIEWED,
    Kind.ANSWERED,
    Kind.NOT_ANSWERED,
    Kind.CHANNEL_CHOSEN,
)
_SUMMARY_STEPS = 30


def asks_not_to_be_counted(headers: Mapping[str, str]) -> bool:
    """Do Not Track (W3C) or Global Privacy Control is on."""
    return headers.get("DNT") == "1" or headers.get("Sec-GPC") == "1"


def find(journey_id: str) -> Journey | None:
    try:
        return Journey.objects.filter(pk=uuid.UUID(str(journey_id))).first()
    except ValueError:
        return None


def running(journey_id: str, *, at: datetime | None = None) -> Journey | None:
    """The journey with this name, unless it has ended or rested so long that the next visit is a new one."""
    journey = find(journey_id) if journey_id else None
    return None if journey is None or journey.is_over(at or timezone.now()) else journey


def begin(
    *,
    language: str,
    is_measured: bool = True,
    may_be_held_out: bool = True,
    after: Journey | None = None,
    customer: Customer | None = None,
    at: datetime | None = None,
) -> Journey:
    """A new journey; `after` is the last one of the same browser, whose visitor it keeps.

    Soon after the last one it is the same attempt, and whoever was known there is known here. Where another customer
    is known now than then, it is another visitor.
    """
    now = at or timezone.now()
    if after is not None and customer is not None and after.customer_id not in (None, customer.pk):
        after = None
    goes_on = after is not None and now - after.last_seen_at <= REST
    fields: dict[str, Any] = {"visitor": after.visitor} if after is not None else {}
    if after is not None and goes_on:
        fields |= {"continues": after, "customer": after.customer}
    if customer is not None:
        fields["customer"] = customer
    return Journey.objects.create(
        language=language,
        is_measured=is_measured,
        may_be_held_out=may_be_held_out,
        started_at=now,
        last_seen_at=now,
        **fields,
    )


def leave_out(journey: Journey) -> None:
    """Whoever asks in the middle of a journey not to be counted, is not; nor is who turns out to be an agent.

    Their contacts are not looked up any more: left in their group of the hold-out they would pass for averted ones.
    """
    if journey.is_measured:
        journey.is_measured = False
        journey.save(update_fields=["is_measured"])
        journey.assignments.filter(is_complete=False, followed_by=None).delete()


def note(
    journey: Journey,
    kind: str,
    *,
    article: Article | None = None,
    channel: str = "",
    at: datetime | None = None,
    **data: Any,
) -> JourneyEvent:
    """Records a step. Sending a case ends the journey.

    Saying that it was answered does not: whoever comes back soon after is still on the same errand, and must
    not be counted as helped.
    """
    now = at or timezone.now()
    event = JourneyEvent.objects.create(
        journey=journey, kind=kind, article=article, channel=channel, data=data, created_at=now
    )
    fields: dict[str, Any] = {"last_seen_at": now}
    if kind == Kind.CASE_SENT:
        fields["ended_at"] = now
    Journey.objects.filter(pk=journey.pk).update(**fields)
    return event


def note_suggestions(journey: Journey, shown: list[tuple[int, float]], *, at: datetime | None = None) -> None:
    """Notes what was suggested, once: the same list again while somebody types adds nothing."""
    if not shown:
        return
    articles = [[article_id, round(probability, 3)] for article_id, probability in shown]
    last = journey.events.filter(kind=Kind.SUGGESTIONS_SHOWN).order_by("-created_at").first()
    if last is not None and [row[0] for row in last.data["articles"]] == [row[0] for row in articles]:
        return
    note(journey, Kind.SUGGESTIONS_SHOWN, at=at, articles=articles)


def note_contact_opened(journey: Journey) -> None:
    if not journey.events.filter(kind=Kind.CONTACT_OPENED).exists():
        note(journey, Kind.CONTACT_OPENED)


def summary(*attempt: Journey) -> list[dict[str, Any]]:
    """What the customer did before asking, oldest first, as data that a case can keep for good: the last of it."""
    return steps(*attempt)[-_SUMMARY_STEPS:]


def steps(*attempt: Journey) -> list[dict[str, Any]]:
    """All that was searched, read and tried, oldest first."""
    origins = [str(journey.pk) for journey in attempt]
    found: list[tuple[datetime, dict[str, Any]]] = [
        (search.created_at, {"kind": "searched", "text": search.text, "results": search.result_count})
        for search in SearchEvent.objects.filter(origin__in=origins)
    ]
    views = ArticleView.objects.filter(origin__in=origins).select_related("translation")
    found += [
        (view.created_at, {"kind": "read", "article": view.translation.article_id, "title": view.translation.title})
        for view in views
    ]
    told = JourneyEvent.objects.filter(journey__in=attempt, kind__in=REPORTABLE)
    for event in told.select_related("article", "journey").prefetch_related("article__translations"):
        step: dict[str, Any] = {"kind": event.kind}
        if event.article is not None:
            text = event.article.text_in(event.journey.language)
            step |= {"article": event.article_id, "title": text.title if text else event.article.key}
        if event.channel:
            step["channel"] = event.channel
        found.append((event.created_at, step))
    found.sort(key=lambda step: step[0])
    return [{**step, "at": at.isoformat()} for at, step in found]
