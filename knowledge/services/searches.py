"""Remembering what was searched, opened and read: for reports, popularity and content gaps."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from knowledge.models import ArticleTranslation, ArticleView, SearchEvent
from knowledge.origins import Origin
from knowledge.search.analysis import MAX_QUERY_CHARACTERS, clean, normalise_query
from knowledge.search.query import SearchResults, search_articles

# The same search of the same visit within this time is the same search: paging, reloading, going back.
_SAME_SEARCH = timedelta(minutes=30)


def log_search(text: str, found: SearchResults, origin: Origin, *, begins_visit: bool = True) -> SearchEvent | None:
    """Remembers a search. None where there is nothing to remember: no words, or a visitor not to be counted.

    A search by a program (`begins_visit=False`) belongs to a visit if there is one, and begins none.
    """
    visit = origin.ensure() if begins_visit else origin.current()
    if not origin.is_measured or not found.query:
        return None
    now = timezone.now()
    if visit:
        again = SearchEvent.objects.filter(
            origin=visit, normalised=found.query, language=found.language, created_at__gte=now - _SAME_SEARCH
        ).first()
        if again is not None:
            return again
    return SearchEvent.objects.create(
        text=clean(text).strip()[:MAX_QUERY_CHARACTERS],
        normalised=normalise_query(text),
        language=found.language,
        result_count=found.total,
        matched=found.matched.value,
        origin=visit,
        created_at=now,
    )


def log_choice(typed: str, text: ArticleTranslation, language: str, origin: Origin) -> None:
    """Remembers an article chosen while typing, as a search for what was typed that opened this article."""
    found = search_articles(typed, language, is_typing=True)
    event = log_search(typed, found, origin)
    if event is not None:
        SearchEvent.objects.filter(pk=event.pk).update(opened=text.article_id)


def mark_opened(search_id: str, text: ArticleTranslation, origin: Origin) -> None:
    """Notes that a search led to an article; only within the visit that searched."""
    try:
        event_id = uuid.UUID(search_id)
    except ValueError:
        return
    SearchEvent.objects.filter(pk=event_id, origin=origin.current()).update(opened=text.article_id)


def log_view(text: ArticleTranslation, origin: Origin) -> None:
    """Counts one reading; a reload within half an hour is the same reading."""
    if not origin.is_measured:
        return
    visit = origin.current()
    recent = ArticleView.objects.filter(translation=text, origin=visit, created_at__gte=timezone.now() - _SAME_SEARCH)
    if not visit or not recent.exists():
        ArticleView.objects.create(translation=text, origin=visit)


def popular_texts(
    language: str, *, since: datetime, topic_id: int | None = None, limit: int = 6
) -> list[ArticleTranslation]:
    """The published texts for a reader of the language, most read first."""
    texts = ArticleTranslation.objects.best_for(language)
    if topic_id is not None:
        texts = texts.filter(article__topic=topic_id)
    return list(
        texts.annotate(times=Count("views", filter=Q(views__created_at__gte=since))).order_by("-times", "title")[:limit]
    )


def often_asked(language: str, *, since: datetime, limit: int = 3) -> list[str]:
    """Searches of many that did find and open something: what is offered must never lead nowhere."""
    rows = (
        SearchEvent.objects.filter(created_at__gte=since, language=language, opened__isnull=False)
        .exclude(result_count=0)
        .values_list("normalised")
        .annotate(times=Count("pk"))
        .filter(times__gte=2)
        .order_by("-times", "normalised")
    )
    short = [text for text, _ in rows[: limit * 4] if len(text) <= 30]
    return short[:limit]
