"""The search box: what a customer types, answered from the index, or from the database when that is broken."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from django.core.cache import cache
from django.db.models import Q
from haystack import connections

from knowledge.models import ArticleTranslation, SearchTuning
from knowledge.search import analysis
from knowledge.search.highlight import Wanted
from knowledge.search.interpretation import Interpretation, interpret
from knowledge.search.languages import LANGUAGES, preferred
from knowledge.search.ranking import Ranked, open_snapshot, rank
from knowledge.search.respelling import respelled
from knowledge.search.results import (
    FIRST_PAGE,
    FoundTexts,
    Matched,
    Result,
    SearchResults,
    SectionHit,
    TopicCount,
)
from knowledge.search.segments import IndexUnavailable
from knowledge.search.snapshot import Snapshot
from knowledge.search.standing import ties_broken
from knowledge.search.stems import stem as stem_of
from knowledge.search.tuning import Weights

logger = logging.getLogger(__name__)

_MAX_FROM_DATABASE = 200
_MAX_STEMS = 8

__all__ = ["Matched", "Result", "SearchResults", "SectionHit", "TopicCount", "search_articles"]


@dataclass(frozen=True)
class _Asked:
    """A search with all that was chosen for it."""

    query: str
    language: str
    topic: str | None
    is_typing: bool
    with_other_languages: bool
    weights: Weights


@dataclass(frozen=True)
class _InLanguage:
    language: str
    meaning: Interpretation
    ranked: Ranked


def search_articles(
    text: str,
    language: str,
    *,
    topic: str | None = None,
    is_typing: bool = False,
    with_other_languages: bool = True,
    exact: bool = False,
    weights: Weights | None = None,
) -> SearchResults:
    """Published articles for a query, best first; texts in other languages come last.

    `is_typing` means that the last word may be unfinished, `exact` that no spelling is corrected; `weights` are for
    trying out others than those set. Never raises for any text: nothing that a customer types is syntax.
    """
    query = analysis.normalise_query(text)
    if not analysis.words(query):
        return SearchResults(query, language)
    chosen = weights or SearchTuning.current().weights
    asked = _Asked(query, language, topic, is_typing, with_other_languages, chosen)
    try:
        snapshot = open_snapshot(connections["default"].get_backend().store)
        ranked = _ranked(snapshot, asked)
        found = _assembled(snapshot, asked, ranked)
        found = found if exact else _with_spelling(snapshot, asked, ranked, found)
        return found if found.results or found.facets else _by_parts(snapshot, asked, ranked) or found
    except IndexUnavailable as error:
        _report_broken_index(error)
        return _from_database(query, language, topic)


def _ranked(snapshot: Snapshot, asked: _Asked) -> list[_InLanguage]:
    """The reader's own language first, then those in which there are texts that have none in it."""
    nearest = [asked.language]
    if asked.with_other_languages:
        others = snapshot.audience(asked.language).other_languages
        nearest += [code for code in preferred(asked.language) if code in others]
    found = []
    for code in nearest:
        meaning = interpret(asked.query, code, is_typing=asked.is_typing)
        ranked = rank(snapshot, meaning.slots, code, asked.language, asked.weights)
        found.append(_InLanguage(code, meaning, ranked))
    return found


def _assembled(snapshot: Snapshot, asked: _Asked, ranked: list[_InLanguage]) -> SearchResults:
    own, *others = ranked
    # In another language only a full match is worth showing.
    shown = [own, *(other for other in others if other.ranked.is_all)]
    results = _results(snapshot, asked, shown)
    results[:FIRST_PAGE]
    matched = Matched.SOME if len(own.ranked.texts) and not own.ranked.is_all else Matched.ALL
    return SearchResults(
        asked.query,
        asked.language,
        results,
        matched if results else Matched.NONE,
        facets=_facets(snapshot, shown),
    )


def _results(snapshot: Snapshot, asked: _Asked, shown: list[_InLanguage]) -> FoundTexts:
    """What is to be shown, in order: language by language, in each the best first."""
    parts = [_in_topic(snapshot, asked.topic, one.ranked) for one in shown]
    parts = [ties_broken(part, snapshot) for part in parts]
    texts = np.concatenate([part.texts for part in parts])
    scores = np.concatenate([part.scores for part in parts])
    ends = np.cumsum([len(part.texts) for part in parts])

    def result_of(place: int, text: ArticleTranslation) -> Result:
        one = shown[int(np.searchsorted(ends, place, side="right"))]
        blocks = partial(snapshot.blocks, int(texts[place]))
        return Result(text, float(scores[place]), one.meaning.wanted, one.language != asked.language, blocks)

    return FoundTexts(snapshot.records["text_id"][texts].tolist(), result_of)


def _in_topic(snapshot: Snapshot, topic: str | None, ranked: Ranked) -> Ranked:
    if not topic:
        return ranked
    slugs, codes = snapshot.topics
    inside = codes[ranked.texts] == (slugs.index(topic) if topic in slugs else -1)
    return replace(ranked, texts=ranked.texts[inside], scores=ranked.scores[inside])


def _facets(snapshot: Snapshot, shown: list[_InLanguage]) -> list[TopicCount]:
    slugs, codes = snapshot.topics
    found = np.concatenate([one.ranked.texts for one in shown])
    counts = np.bincount(codes[found], minlength=len(slugs))
    # Code 0 is no topic.
    by_size = sorted(range(1, len(slugs)), key=lambda code: (-counts[code], slugs[code]))
    return [TopicCount(slugs[code], int(counts[code])) for code in by_size if counts[code]]


def _with_spelling(snapshot: Snapshot, asked: _Asked, ranked: list[_InLanguage], found: SearchResults) -> SearchResults:
    """Nothing found: the results for a better spelling. Less than all words found: that spelling as a question."""
    own = ranked[0]
    # A word that some text holds is spelt right, and was found unless other words were in its way.
    if not own.ranked.unknown or own.ranked.is_all:
        return found
    better = respelled(asked.query, asked.language, snapshot)
    if better is None:
        return found
    again = replace(asked, query=better)
    others = _ranked(snapshot, again)
    if not any(len(one.ranked.texts) for one in ranked if one is own or one.ranked.is_all):
        corrected = _assembled(snapshot, again, others)
        is_better = bool(corrected.results or corrected.facets)
        return replace(corrected, query=asked.query, corrected_to=better) if is_better else found
    # What another of the shown languages knows in full is no misspelling.
    if any(one.ranked.is_all and len(one.ranked.texts) for one in ranked):
        return found
    if others[0].ranked.is_all and len(others[0].ranked.texts):
        return replace(found, did_you_mean=better)
    return found


def _by_parts(snapshot: Snapshot, asked: _Asked, ranked: list[_InLanguage]) -> SearchResults | None:
    """Nothing at all found: texts with some parts of the query's compounds ("fakturakopia" finds "faktura")."""
    own = ranked[0]
    meaning = interpret(asked.query, own.language, is_typing=asked.is_typing, is_apart=True)
    if meaning.slots == own.meaning.slots:
        return None
    again = rank(snapshot, meaning.slots, own.language, asked.language, asked.weights)
    found = _assembled(snapshot, asked, [_InLanguage(own.language, meaning, again)])
    return replace(found, matched=Matched.SOME) if found.results or found.facets else None


def _from_database(query: str, language: str, topic: str | None) -> SearchResults:
    """Plain substring search: slower and simpler, but it needs nothing but the database."""
    stop_words = LANGUAGES[language].stop_words if language in LANGUAGES else frozenset()
    words = [word for word in analysis.words(query) if word not in stop_words] or analysis.words(query)
    stems = [stem_of(word, language) for word in words[:_MAX_STEMS]]
    texts = ArticleTranslation.objects.best_for(language).select_related("article__topic")
    every, some = Q(), Q()
    for stem in stems:
        holds = (
            Q(title__icontains=stem)
            | Q(summary__icontains=stem)
            | Q(body__icontains=stem)
            | Q(article__phrasings__text__icontains=stem, article__phrasings__removed_at__isnull=True)
        )
        every &= holds
        some |= holds
    found, matched = list(texts.filter(every).distinct()[:_MAX_FROM_DATABASE]), Matched.ALL
    if not found:
        found, matched = list(texts.filter(some).distinct()[:_MAX_FROM_DATABASE]), Matched.SOME
    counts = Counter(text.article.topic.slug for text in found if text.article.topic)
    found = [text for text in found if not topic or (text.article.topic and text.article.topic.slug == topic)]
    found.sort(key=lambda text: (text.language != language, -_title_overlap(text, stems)))
    results = [_from_text(text, query, text.language != language) for text in found]
    return SearchResults(
        query,
        language,
        results,
        matched if results else Matched.NONE,
        is_degraded=True,
        facets=[TopicCount(slug, count) for slug, count in counts.most_common()],
    )


def _from_text(text: ArticleTranslation, query: str, is_other_language: bool) -> Result:
    return Result(text, 0.0, Wanted(frozenset(analysis.query_terms(query, text.language))), is_other_language)


def _title_overlap(text: ArticleTranslation, stems: list[str]) -> int:
    title = text.title.casefold()
    return sum(stem in title for stem in stems)


def _report_broken_index(error: IndexUnavailable) -> None:
    """Tells the log, and asks the worker to look after it, at most once a minute."""
    if cache.add("knowledge:index-broken", 1, 60):
        from knowledge.background import enqueue
        from knowledge.tasks import repair_index

        logger.error("The search index cannot be read; answering from the database. %s", error)
        enqueue(repair_index)
