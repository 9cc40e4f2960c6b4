"""The result page of the search box."""

from __future__ import annotations

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_ratelimit.decorators import ratelimit

from knowledge.models import Topic
from knowledge.origins import origin_of
from knowledge.search.query import Result, search_articles
from knowledge.services.searches import log_search

PAGE_SIZE = 10


@ratelimit(key="ip", rate="120/m", block=True)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Results for `q`; without words in it, an invitation to search. No text is too odd to answer."""
    typed = request.GET.get("q", "")
    topics = Topic.objects.visible().with_names()
    chosen = topics.filter(slug=request.GET.get("topic", "")[:60]).first()
    found = search_articles(typed, request.LANGUAGE_CODE, topic=chosen.slug if chosen else None)
    event = log_search(typed, found, origin_of(request)) if found.query else None
    page: Page[Result] = Paginator(found.results, PAGE_SIZE).get_page(_page_number(request.GET.get("page", "")))
    return render(
        request,
        "knowledge/search.html",
        {
            "typed": " ".join(typed.split())[:200],
            "found": found,
            "page": page,
            "search_id": event.pk if event else "",
            "topic": chosen,
            "topics": [(topic, topic.name_in(request.LANGUAGE_CODE)) for topic in topics if topic.parent_id is None],
        },
    )


def _page_number(text: str) -> int:
    # More digits than any page has would only cost the paginator time.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else (10**6 if text.isdigit() else 1)
