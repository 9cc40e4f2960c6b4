"""What other field weights would do to a search, shown before anybody saves them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db.models import Count
from django.utils import timezone

from knowledge.models import ArticleTranslation, SearchEvent
from knowledge.models.searches import SearchEventQuerySet
from knowledge.search.query import search_articles
from knowledge.search.tuning import Weights

_RECENT = timedelta(days=30)


class Move(StrEnum):
    """What happens to a text when the edited weights are saved."""

    SAME = "same"
    UP = "up"
    DOWN = "down"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True)
class Ranked:
    """A text at its place (from 1); `by` is how many places it moves against the other list."""

    place: int
    text: ArticleTranslation
    move: Move
    by: int = 0


@dataclass(frozen=True)
class Preview:
    """The first results of one search with the saved and with the edited weights."""

    query: str
    language: str
    saved: list[Ranked]
    edited: list[Ranked]

    @property
    def is_same(self) -> bool:
        return all(one.move == Move.SAME for one in self.saved + self.edited)


def preview(query: str, language: str, *, saved: Weights, edited: Weights, length: int = 10) -> Preview:
    """Searches with both weights and compares the first `length` results."""
    before = [result.translation for result in search_articles(query, language, weights=saved).results[:length]]
    after = [result.translation for result in search_articles(query, language, weights=edited).results[:length]]
    old = {text.pk: place for place, text in enumerate(before, 1)}
    new = {text.pk: place for place, text in enumerate(after, 1)}
    return Preview(
        query,
        language,
        [_ranked(place, text, new.get(text.pk), Move.GONE) for place, text in enumerate(before, 1)],
        [_ranked(place, text, old.get(text.pk), Move.NEW) for place, text in enumerate(after, 1)],
    )


def _ranked(place: int, text: ArticleTranslation, elsewhere: int | None, missing: Move) -> Ranked:
    """`elsewhere` is the place in the other list, `missing` what it means not to be in it."""
    if elsewhere is None:
        return Ranked(place, text, missing)
    if elsewhere == place:
        return Ranked(place, text, Move.SAME)
    # In the saved list a text moves on to `elsewhere`; in the edited one it comes from there.
    is_rising = elsewhere < place if missing is Move.GONE else elsewhere > place
    return Ranked(place, text, Move.UP if is_rising else Move.DOWN, abs(elsewhere - place))


def popular_searches(language: str, limit: int = 8) -> list[str]:
    """What customers search for most, of the last 30 days."""
    return _most_frequent(SearchEvent.objects.exclude(result_count=0), language, limit)


def unanswered_searches(language: str, limit: int = 8) -> list[str]:
    """What customers search for most without finding an answer, of the last 30 days."""
    return _most_frequent(SearchEvent.objects.unanswered().exclude(result_count=0), language, limit)


def _most_frequent(searches: SearchEventQuerySet, language: str, limit: int) -> list[str]:
    rows = searches.filter(language=language, created_at__gte=timezone.now() - _RECENT).values("normalised")
    counted = rows.order_by().annotate(times=Count("pk")).order_by("-times", "normalised")
    return [row["normalised"] for row in counted[:limit]]
