"""Rejections: questions that an article did not answer, gathered from journeys and the cases that followed."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import transaction
from django.utils import timezone

from deflection.matching.language_of import language_of
from deflection.models import Journey, JourneyEvent, Rejection
from deflection.services.learning import OUTCOMES, article_that_answered
from deflection.services.progress import remember, unread
from deflection.services.questions import scrubbed_question, shortened, site_words, with_question
from deflection.services.scrubbing import scrubbed
from knowledge.models import Phrasing, SearchEvent
from knowledge.services.phrasings import least_telling, says_nothing_new
from tickets.models import Ticket, TicketEvent

Kind = JourneyEvent.Kind
_VISITS, _OUTCOMES = "visits", "outcomes"
# Rejections that an article keeps in a language.
MOST_KEPT = 30
_FEWEST_WORDS = 3
_SAID_NO = {
    Kind.SUGGESTION_DISMISSED: Rejection.Source.DISMISSED,
    Kind.NOT_ANSWERED: Rejection.Source.NOT_ANSWERED,
}
_OPENED = (Kind.SUGGESTION_OPENED, Kind.ARTICLE_VIEWED)


@dataclass(frozen=True)
class _Found:
    source: str
    text: str
    language: str
    at: datetime


def rejected_texts() -> dict[int, list[tuple[str, str]]]:
    """For each article the questions that it does not answer, as (language, text): what training learns from."""
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for article, language, text in Rejection.objects.active().order_by("pk").values_list("article", "language", "text"):
        found[article].append((language, text))
    return dict(found)


def gather_rejections() -> int:
    """Brings the rejections in line with what happened since the last run. Returns how many changed.

    Safe to run twice. Journeys of people who asked not to be counted are left out.
    """
    steps = unread(_VISITS, JourneyEvent.objects.filter(kind__in=[*_SAID_NO, Kind.CASE_SENT]))
    outcomes = unread(_OUTCOMES, TicketEvent.objects.filter(kind__in=OUTCOMES).select_related("ticket"))
    names = {step.journey_id for step in steps}
    names |= {name for event in outcomes if (name := _journey_name(event.ticket.origin))}
    journeys = Journey.objects.measured().filter(pk__in=names).prefetch_related("events")
    by_origin = {str(journey.pk): journey for journey in journeys}
    cases = with_question(Ticket.objects.trusted().filter(origin__in=by_origin))
    tickets = {ticket.origin: ticket for ticket in cases.order_by("-created_at")}
    known_words = cache(site_words)
    changed = 0
    for origin, journey in by_origin.items():
        changed += _bring_in_line(origin, _rejected_in(journey, tickets.get(origin), known_words))
    remember(_VISITS, steps)
    remember(_OUTCOMES, outcomes)
    return changed


@transaction.atomic
def remove_rejection(rejection: Rejection, *, at: datetime | None = None) -> None:
    """A person's decision: the matcher no longer learns from it, and it is not gathered again."""
    rejection.removed_at = at or timezone.now()
    rejection.save(update_fields=["removed_at"])


@transaction.atomic
def bring_back_rejection(rejection: Rejection) -> None:
    rejection.removed_at = None
    rejection.save(update_fields=["removed_at"])


def _journey_name(origin: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(origin)
    except ValueError:
        return None


def _rejected_in(journey: Journey, ticket: Ticket | None, known_words: Callable[[], Set[str]]) -> dict[int, _Found]:
    """By article what this journey says against it, as far as that is known now."""
    events = [event for event in journey.events.all() if event.article_id]
    answered = {event.article_id for event in events if event.kind == Kind.ANSWERED}
    if ticket is not None and (article := article_that_answered(ticket)):
        answered.add(article.pk)
    found: dict[int, _Found] = {}
    for event in events:
        source = _SAID_NO.get(Kind(event.kind))
        # Whether what was read was no answer shows only when the case is over.
        if source is None and event.kind in _OPENED and ticket is not None and ticket.is_settled:
            source = Rejection.Source.CASE_FOLLOWED
        is_stronger = source and (event.article_id not in found or source != Rejection.Source.CASE_FOLLOWED)
        if source is None or not is_stronger or event.article_id in answered or event.article_id is None:
            continue
        text = _asked(journey, ticket, event.created_at, known_words)
        if len(text.split()) >= _FEWEST_WORDS:
            found[event.article_id] = _Found(source, text, language_of(text, journey.language), event.created_at)
    return found


def _asked(journey: Journey, ticket: Ticket | None, at: datetime, known_words: Callable[[], Set[str]]) -> str:
    """What the customer was asking: in the case that followed, or else in the last search before."""
    if ticket is not None:
        return scrubbed_question(ticket, known_words())
    search = SearchEvent.objects.filter(origin=str(journey.pk), created_at__lte=at).order_by("-created_at").first()
    return shortened(scrubbed(search.text, known_words=known_words())) if search else ""


@transaction.atomic
def _bring_in_line(origin: str, wanted: dict[int, _Found]) -> int:
    have = {one.article_id: one for one in Rejection.objects.filter(origin=origin)}
    gone = [one for article, one in have.items() if article not in wanted and not one.is_removed]
    for rejection in gone:
        rejection.delete()
    return len(gone) + sum(_keep(article, origin, wanted[article]) for article in wanted.keys() - have.keys())


def _keep(article: int, origin: str, found: _Found) -> bool:
    """Takes a rejection in unless it says nothing new, or says no to what an agent wrote down as a yes."""
    rejections = list(Rejection.objects.filter(article=article, language=found.language))
    phrasings = Phrasing.objects.filter(article=article, language=found.language).values_list("text", flat=True)
    if says_nothing_new(found.text, [*phrasings, *(one.text for one in rejections)], found.language):
        return False
    kept = [one for one in rejections if not one.is_removed]
    if len(kept) >= MOST_KEPT:
        place = least_telling([*((one.created_at, one.text) for one in kept), (found.at, found.text)], found.language)
        if place == len(kept):
            return False
        kept[place].delete()
    Rejection.objects.create(
        article_id=article,
        origin=origin,
        language=found.language,
        text=found.text,
        source=found.source,
        created_at=found.at,
    )
    return True
