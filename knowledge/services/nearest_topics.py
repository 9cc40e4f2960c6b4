"""Where to look on when a search finds nothing: the topics that come nearest to what was typed."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from django.core.cache import cache
from django.db.models import Count
from django.utils import timezone

from knowledge.models import ArticleView, Topic
from knowledge.search import analysis
from knowledge.search.languages import LANGUAGES
from knowledge.search.query import search_articles

_MOST_WORDS = 6
_POPULAR_SINCE = timedelta(days=30)
_POPULAR_SECONDS = 600
_POPULAR_KEY = "knowledge:popular-topics"


def nearest_topics(typed: str, language: str, limit: int = 4) -> list[str]:
    """Slugs of the topics whose articles hold some word of a search that found nothing as a whole, nearest first.

    Each word counts once, shared out over the topics it is found in: a word that stands everywhere tells nothing.
    """
    nearness: dict[str, float] = defaultdict(float)
    for word in _telling_words(typed, language):
        facets = search_articles(word, language, with_other_languages=False).facets
        total = sum(facet.count for facet in facets)
        for facet in facets:
            nearness[facet.topic_slug] += facet.count / total
    return sorted(nearness, key=lambda slug: -nearness[slug])[:limit]


def _telling_words(typed: str, language: str) -> list[str]:
    """The words of a search, each once, without those that only ask; a single word has just been searched."""
    known = LANGUAGES.get(language)
    stop_words = known.stop_words if known else frozenset()
    words = dict.fromkeys(analysis.words(analysis.normalise_query(typed)))
    telling = [word for word in words if word not in stop_words]
    return telling[:_MOST_WORDS] if len(words) > 1 else []


def popular_topics(limit: int = 8) -> list[str]:
    """Slugs of the topics whose articles were read most in the last 30 days; counted at most every ten minutes.

    Topics that nobody has read come after them, in the order that customers see.
    """
    slugs: list[str] | None = cache.get(_POPULAR_KEY)
    if slugs is None:
        recent = ArticleView.objects.filter(created_at__gte=timezone.now() - _POPULAR_SINCE)
        read = dict(recent.values_list("translation__article__topic").annotate(Count("pk")))
        topics = Topic.objects.visible().order_by("position", "slug").values_list("pk", "slug")
        slugs = [slug for _pk, slug in sorted(topics, key=lambda topic: -read.get(topic[0], 0))]
        cache.set(_POPULAR_KEY, slugs, _POPULAR_SECONDS)
    return slugs[:limit]
