"""The result page of the search box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_ratelimit.decorators import ratelimit

from knowledge.models import Topic
from knowledge.origins import origin_of
from knowledge.search.query import Result, SearchResults, search_articles
from knowledge.services.nearest_topics import nearest_topics, popular_topics
from knowledge.services.searches import log_search

PAGE_SIZE = 10
_LONGEST_ECHO = 200
_TOPICS_SHOWN = 12


@dataclass(frozen=True)
class TopicChoice:
    """A topic as a reader sees it; `count` is how many of the results lie in it."""

    topic: Topic
    name: str
    count: int = 0


@ratelimit(key="ip", rate="120/m", block=True)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Results for `q`; without words in it, an invitation to search. No text is too odd to answer.

    `exact=1` searches for what was typed as it was typed, without correcting it.
    """
    typed = request.GET.get("q", "")
    is_exact = request.GET.get("exact") == "1"
    topics = {topic.slug: topic for topic in Topic.objects.visible().with_names()}
    chosen = topics.get(request.GET.get("topic", ""))
    found = search_articles(typed, request.LANGUAGE_CODE, topic=chosen.slug if chosen else None, exact=is_exact)
    event = log_search(typed, found, origin_of(request)) if found.query else None
    page: Page[Result] = Paginator(found.results, PAGE_SIZE).get_page(_page_number(request.GET.get("page", "")))
    people_first = _people_first(chosen, page)
    if people_first is not None:
        # The ways to a person are those of this topic.
        request.topic = people_first  # type: ignore[attr-defined]
    echo = " ".join(typed.split())[:_LONGEST_ECHO]
    context = {
        "typed": echo,
        "searched": found.corrected_to or echo,
        "same_search": urlencode({"q": echo, "exact": 1} if is_exact else {"q": echo}),
        "found": found,
        "page": page,
        "own": [result for result in page if not result.is_other_language],
        "others": [result for result in page if result.is_other_language],
        "search_id": event.pk if event else "",
        "topic": chosen,
        "topic_name": chosen.name_in(request.LANGUAGE_CODE) if chosen else "",
        "people_first": people_first,
    }
    if found.results or chosen:
        context |= _filter(found, topics, chosen, request.LANGUAGE_CODE)
    if not found.results and not found.facets:
        context |= _ways_on(typed if found.query else "", topics, request.LANGUAGE_CODE)
    return render(request, "knowledge/search.html", context)


def _people_first(chosen: Topic | None, page: Page[Result]) -> Topic | None:
    """The topic of the search where a person is to stand above the articles: the chosen one, else that of the best."""
    topic = chosen or next((result.translation.article.topic for result in page), None)
    return topic if topic is not None and topic.is_visible and topic.is_for_people_first else None


def _filter(found: SearchResults, topics: dict[str, Topic], chosen: Topic | None, language: str) -> dict[str, Any]:
    """The topics that results lie in, fullest first, and the chosen one even where it holds none."""
    counts = {facet.topic_slug: facet.count for facet in found.facets if facet.topic_slug in topics}
    if chosen:
        counts.setdefault(chosen.slug, 0)
    choices = [TopicChoice(topics[slug], topics[slug].name_in(language), count) for slug, count in counts.items()]
    choices.sort(key=lambda choice: (-choice.count, choice.topic.position, choice.topic.slug))
    # One topic that holds everything leaves nothing to choose.
    return {"choices": choices if len(choices) > 1 or chosen else []}


def _ways_on(typed: str, topics: dict[str, Topic], language: str) -> dict[str, Any]:
    """Where nothing was found: topics near to what was typed, then those that others read."""
    nearest = [slug for slug in nearest_topics(typed, language) if slug in topics] if typed else []
    popular = [slug for slug in popular_topics(len(topics)) if slug in topics and slug not in nearest]
    names = {slug: TopicChoice(topics[slug], topics[slug].name_in(language)) for slug in nearest + popular}
    return {
        "nearest": [names[slug] for slug in nearest],
        "popular": [names[slug] for slug in popular[:_TOPICS_SHOWN]],
        "has_more_topics": len(popular) > _TOPICS_SHOWN,
    }


def _page_number(text: str) -> int:
    # More digits than any page has would only cost the paginator time.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else (10**6 if text.isdigit() else 1)
