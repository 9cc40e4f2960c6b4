"""Figures over a scope, each counted by the database. What is counted is what was observed, and nothing more.

Left out everywhere: visits of people who asked not to be counted, and cases that look like spam.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, Count, F, Max, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Replace, TruncDate

from deflection.models import Journey, JourneyEvent, Outcome
from deflection.models.journeys import JourneyQuerySet
from deflection.reports.scope import Scope
from knowledge.models import ArticleTranslation, ArticleView, ContentGap, Feedback, SearchEvent
from knowledge.models.gaps import ContentGapQuerySet
from knowledge.models.searches import SearchEventQuerySet
from knowledge.search.query import Matched
from tickets.models import Ticket
from tickets.models.tickets import TicketQuerySet

Kind = JourneyEvent.Kind


@dataclass(frozen=True)
class Day:
    """One day: visits that began then by what came of them, and the cases that came in then on any channel."""

    day: date | None
    visits: int = 0
    contact_opened: int = 0
    suggestions_shown: int = 0
    suggestion_opened: int = 0
    answered: int = 0
    case_sent: int = 0
    cases: int = 0


@dataclass(frozen=True)
class Searched:
    text: str
    language: str
    times: int
    opened: int
    last_at: datetime


@dataclass(frozen=True)
class ReadArticle:
    text: ArticleTranslation
    views: int
    helpful: int
    verdicts: int
    credited: int = 0
    charged: int = 0


@dataclass(frozen=True)
class CaseCount:
    """Cases of one topic (None: no topic chosen) or one status, by whether an article answered them."""

    key: int | str | None
    cases: int
    by_article: int
    no_article: int

    @property
    def undecided(self) -> int:
        return self.cases - self.by_article - self.no_article


# --- Visits -----------------------------------------------------------------------------------------


def journeys(scope: Scope) -> JourneyQuerySet:
    """The visits that began in the period and count."""
    spam = Ticket.objects.suspected_spam().values("reference")
    sent = JourneyEvent.objects.filter(kind=Kind.CASE_SENT, created_at__gte=scope.since)
    sent_spam = sent.annotate(reference=KeyTextTransform("ticket", "data"))
    found = Journey.objects.measured().between(scope.since, scope.until)
    found = found.exclude(pk__in=sent_spam.filter(reference__in=spam).values("journey"))
    if scope.language:
        found = found.filter(language=scope.language)
    return _about_topic(found, scope) if scope.topic else found


def _about_topic(found: JourneyQuerySet, scope: Scope) -> JourneyQuerySet:
    """Visits that opened or read an article of the topic, or sent a case in it."""
    about = Q(article__topic=scope.topic)
    if scope.topic is not None:
        # Of a visit that was forgotten the case is not known any more, but what it was about (retention.py).
        about |= Q(kind=Kind.CASE_SENT, data__topic=scope.topic.pk)
    opened = JourneyEvent.objects.filter(about, created_at__gte=scope.since)
    read = ArticleView.objects.filter(translation__article__topic=scope.topic, created_at__gte=scope.since)
    sent = Ticket.objects.filter(topic=scope.topic, created_at__gte=scope.since)
    # Databases write a UUID with hyphens or without; origins always have them.
    named = found.annotate(name=Replace(Cast("pk", CharField()), Value("-"), Value("")))
    origin = Replace(F("origin"), Value("-"), Value(""))
    return named.filter(
        Q(pk__in=opened.values("journey"))
        | Q(name__in=read.annotate(name=origin).values("name"))
        | Q(name__in=sent.annotate(name=origin).values("name"))
    )


_STEPS = {
    Kind.CONTACT_OPENED: "contact_opened",
    Kind.SUGGESTIONS_SHOWN: "suggestions_shown",
    Kind.SUGGESTION_OPENED: "suggestion_opened",
    Kind.ANSWERED: "answered",
    Kind.CASE_SENT: "case_sent",
}


def by_day(scope: Scope) -> list[Day]:
    """Every day of the period, those without a visit too. Three queries."""
    found: dict[date, dict[str, int]] = {day: {} for day in scope.days}
    visits = journeys(scope)
    for day, times in _counted(visits, scope, "started_at"):
        found[day]["visits"] = times
    for kind, day, times in _steps(visits, scope):
        found[day][_STEPS[Kind(kind)]] = times
    for day, times in _counted(cases(scope), scope, "created_at"):
        found[day]["cases"] = times
    return [Day(day, **counts) for day, counts in found.items()]


def _counted(rows: QuerySet[Any], scope: Scope, moment: str) -> Iterable[tuple[date, int]]:
    per_day = rows.order_by().annotate(day=TruncDate(moment, tzinfo=scope.zone))
    counted: Iterable[tuple[date, int]] = per_day.values_list("day").annotate(times=Count("pk"))
    return counted


def _steps(visits: JourneyQuerySet, scope: Scope) -> Iterable[tuple[str, date, int]]:
    """How many visits of each day took each step.

    From the steps to their visits: the other way round a database without statistics reads all steps for each visit.
    """
    sent = JourneyEvent.objects.filter(kind=Kind.CASE_SENT, created_at__gte=scope.since)
    taken = JourneyEvent.objects.filter(kind__in=_STEPS, created_at__gte=scope.since, journey__in=visits.values("pk"))
    # Whoever said that it was answered, and then wrote to us after all, was not helped.
    taken = taken.exclude(kind=Kind.ANSWERED, journey__in=sent.values("journey"))
    per_day = taken.order_by().annotate(day=TruncDate("journey__started_at", tzinfo=scope.zone))
    counted: Iterable[tuple[str, date, int]] = per_day.values_list("kind", "day").annotate(
        times=Count("journey", distinct=True)
    )
    return counted


def total(days: Iterable[Day]) -> Day:
    rows = list(days)
    counted = [one.name for one in fields(Day) if one.name != "day"]
    return Day(None, **{name: sum(getattr(row, name) for row in rows) for name in counted})


def visits_and_cases(scope: Scope) -> Day:
    """Only the two numbers that vendors divide, at a fraction of what every day of the period costs."""
    return Day(day=None, visits=journeys(scope).count(), cases=cases(scope).count())


# --- Searches and articles ----------------------------------------------------------------------------


def searches(scope: Scope, *, is_narrowed: bool = True) -> SearchEventQuerySet:
    """The searches of the period; narrowed to a topic they are those that opened one of its articles."""
    found = SearchEvent.objects.between(scope.since, scope.until)
    if scope.language:
        found = found.filter(language=scope.language)
    return found.filter(opened__topic=scope.topic) if scope.topic and is_narrowed else found


def searches_without_result(scope: Scope) -> SearchEventQuerySet:
    """A search that led nowhere has no topic, so these are never narrowed to one."""
    return searches(scope, is_narrowed=False).without_result()


def weak_searches(scope: Scope) -> SearchEventQuerySet:
    """Only some of the words were found, and nothing was opened."""
    return searches(scope, is_narrowed=False).filter(matched=Matched.SOME, result_count__gt=0, opened__isnull=True)


def grouped(found: SearchEventQuerySet, limit: int) -> list[Searched]:
    """Different texts with how often they were searched, most first."""
    rows = (
        found.order_by()
        .values("normalised", "language")
        .annotate(times=Count("pk"), times_opened=Count("opened"), last_at=Max("created_at"))
        .order_by("-times", "normalised", "language")
    )
    return [
        Searched(row["normalised"], row["language"], row["times"], row["times_opened"], row["last_at"])
        for row in rows[:limit]
    ]


def most_read(scope: Scope, limit: int) -> list[ReadArticle]:
    """Texts by how often they were read, with what readers said of them in the period, and what became of their
    visits. Four queries."""
    views = ArticleView.objects.filter(created_at__gte=scope.since, created_at__lt=scope.until)
    if scope.language:
        views = views.filter(translation__language=scope.language)
    if scope.topic:
        views = views.filter(translation__article__topic=scope.topic)
    counted = dict(
        views.order_by()
        .values_list("translation")
        .annotate(times=Count("pk"))
        .order_by("-times", "translation")[:limit]
    )
    said = Feedback.objects.filter(
        translation__in=list(counted), created_at__gte=scope.since, created_at__lt=scope.until
    )
    verdicts = {
        row["translation"]: row
        for row in said.order_by()
        .values("translation")
        .annotate(all=Count("pk"), helpful=Count("pk", filter=Q(is_helpful=True)))
    }
    texts = ArticleTranslation.objects.in_bulk(list(counted))
    none = {"helpful": 0, "all": 0, "credited": 0, "charged": 0}
    credits = _credits(scope, {text.article_id for text in texts.values()})
    found = []
    for text, times in ((texts[pk], times) for pk, times in counted.items() if pk in texts):
        said_of, came_of = verdicts.get(text.pk, none), credits.get((text.article_id, text.language), none)
        row = ReadArticle(text, times, said_of["helpful"], said_of["all"], came_of["credited"], came_of["charged"])
        found.append(row)
    return found


def outcomes(scope: Scope) -> QuerySet[Outcome]:
    """What became of the visits that began in the period."""
    found = Outcome.objects.filter(started_at__gte=scope.since, started_at__lt=scope.until)
    if scope.language:
        found = found.filter(language=scope.language)
    return found.filter(topic=scope.topic) if scope.topic else found


def _credits(scope: Scope, articles: set[int]) -> dict[tuple[int, str], dict[str, int]]:
    """How many visits each article answered, as far as was observed, and for how many that was taken back."""
    rows = (
        outcomes(scope)
        .filter(article__in=articles)
        .order_by()
        .values("article", "language")
        .annotate(
            credited=Count("pk", filter=Q(kind__in=Outcome.ANSWERED)),
            charged=Count("pk", filter=Q(kind=Outcome.Kind.BOUNCED)),
        )
    )
    return {
        (row["article"] or 0, row["language"]): {"credited": row["credited"], "charged": row["charged"]} for row in rows
    }


def gaps(scope: Scope) -> ContentGapQuerySet:
    """Gaps that wait for somebody and were asked about in the period, biggest first."""
    found = ContentGap.objects.waiting().filter(last_asked_at__gte=scope.since, first_asked_at__lt=scope.until)
    if scope.language:
        found = found.filter(language=scope.language)
    if scope.topic:
        found = found.filter(topic=scope.topic)
    return found.biggest_first()


# --- Cases --------------------------------------------------------------------------------------------


def cases(scope: Scope) -> TicketQuerySet:
    """The cases that came in during the period, on any channel."""
    found = Ticket.objects.trusted().filter(created_at__gte=scope.since, created_at__lt=scope.until)
    if scope.language:
        found = found.filter(language=scope.language)
    return found.filter(topic=scope.topic) if scope.topic else found


def count_cases(scope: Scope, field: str) -> list[CaseCount]:
    """Cases by "topic" or "status", most first."""
    rows = (
        cases(scope)
        .order_by()
        .values_list(field)
        .annotate(
            all=Count("pk"),
            by_article=Count("pk", filter=Q(resolution=Ticket.Resolution.ARTICLE)),
            no_article=Count("pk", filter=Q(resolution=Ticket.Resolution.NO_ARTICLE)),
        )
        .order_by("-all", field)
    )
    return [CaseCount(*row) for row in rows]
