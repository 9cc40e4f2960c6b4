"""The search box: what a customer types, answered from the index, or from the database when that is broken."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from django.core.cache import cache
from django.db.models import Q, QuerySet
from haystack import connections

from knowledge.models import ArticleTranslation
from knowledge.search import analysis
from knowledge.search.backend import Hit, IndexUnavailable, LanguageBackend
from knowledge.search.highlight import Passage, best_passage
from knowledge.search.languages import LANGUAGES, preferred

logger = logging.getLogger(__name__)

# A text that holds fewer of the query's words than this is not what was asked for.
MIN_SHARE_OF_WORDS = 0.5
MAX_RESULTS = 200
_MAX_TERMS = 24


class Matched(StrEnum):
    """How much of the query the results hold: `SOME` results are shown, yet may be a gap in the content."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


@dataclass(frozen=True)
class Result:
    translation: ArticleTranslation
    score: float
    terms: tuple[str, ...]
    is_other_language: bool = False

    @cached_property
    def passage(self) -> Passage:
        return best_passage(self.translation.blocks, self.terms, self.translation.language)


@dataclass(frozen=True)
class SearchResults:
    query: str
    language: str
    results: list[Result] = field(default_factory=list)
    matched: Matched = Matched.NONE
    is_degraded: bool = False

    @property
    def total(self) -> int:
        return len(self.results)


@dataclass(frozen=True)
class _Ranked:
    hits: list[Hit]
    matched: Matched


def search_articles(
    text: str, language: str, *, topic: str | None = None, is_typing: bool = False, with_other_languages: bool = True
) -> SearchResults:
    """Published articles for a query, best first; texts in other languages come last.

    `is_typing` means that the last word may be unfinished. Never raises for any text: nothing that a customer
    types is syntax.
    """
    query = analysis.normalise_query(text)
    if not analysis.words(query):
        return SearchResults(query, language)
    languages = preferred(language) if with_other_languages else [language]
    try:
        ranked = {code: _rank(query, code, topic, is_typing) for code in languages}
    except IndexUnavailable as error:
        _report_broken_index(error)
        return _from_database(query, language, topic)
    return _assemble(query, language, ranked)


def _rank(query: str, language: str, topic: str | None, is_typing: bool) -> _Ranked:
    backend: LanguageBackend = connections["default"].get_backend()
    words, typed = query, ""
    if is_typing:
        *finished, typed = analysis.words(query)
        words = " ".join(finished)
        if typed in _stop_words(language) and finished:
            typed = ""
    terms = analysis.query_terms(words, language)[:_MAX_TERMS] if words else ()
    hits = backend.rank(terms, language, typing=typed, topic=topic, limit=MAX_RESULTS)
    if hits:
        return _Ranked(hits, Matched.ALL)
    wanted = {*terms, typed[:15]} - {""}
    if len(wanted) < 2:
        return _Ranked([], Matched.NONE)
    hits = backend.rank(terms, language, typing=typed, topic=topic, all_terms=False, limit=MAX_RESULTS)
    hits = [hit for hit in hits if len(hit.matched & wanted) >= MIN_SHARE_OF_WORDS * len(wanted)]
    return _Ranked(hits, Matched.SOME if hits else Matched.NONE)


def _stop_words(language: str) -> frozenset[str]:
    return LANGUAGES[language].stop_words if language in LANGUAGES else frozenset()


def _assemble(query: str, language: str, ranked: dict[str, _Ranked]) -> SearchResults:
    """Fetches the texts in one query; each article once, in the language nearest to the reader."""
    ids = [hit.translation_id for found in ranked.values() for hit in found.hits]
    texts = {text.pk: text for text in _readable(language).filter(pk__in=ids)}
    matched = ranked[language].matched
    results: list[Result] = []
    for code, found in ranked.items():
        # In another language only a full match is worth showing, and only what the reader's own lacks.
        if code != language and found.matched is not Matched.ALL:
            continue
        terms = analysis.query_terms(query, code)
        results += [
            Result(texts[hit.translation_id], hit.score, terms, is_other_language=code != language)
            for hit in found.hits
            if hit.translation_id in texts
        ]
    if results and matched is Matched.NONE:
        matched = Matched.ALL
    return SearchResults(query, language, results, matched if results else Matched.NONE)


def _readable(language: str) -> QuerySet[ArticleTranslation]:
    return ArticleTranslation.objects.best_for(language).select_related("article__topic")


def _from_database(query: str, language: str, topic: str | None) -> SearchResults:
    """Plain substring search: slower and simpler, but it needs nothing but the database."""
    words = [word for word in analysis.words(query) if word not in _stop_words(language)] or analysis.words(query)
    stems = [analysis.stem(word, language) for word in words[:8]]
    texts = _readable(language)
    if topic:
        texts = texts.filter(article__topic__slug=topic)
    every, some = Q(), Q()
    for term in stems:
        holds = (
            Q(title__icontains=term)
            | Q(summary__icontains=term)
            | Q(body__icontains=term)
            | Q(article__phrasings__text__icontains=term)
        )
        every &= holds
        some |= holds
    found, matched = list(texts.filter(every).distinct()[:MAX_RESULTS]), Matched.ALL
    if not found:
        found, matched = list(texts.filter(some).distinct()[:MAX_RESULTS]), Matched.SOME
    found.sort(key=lambda text: (text.language != language, -_title_overlap(text, stems)))
    results = [
        Result(text, 0.0, analysis.query_terms(query, text.language), text.language != language) for text in found
    ]
    return SearchResults(query, language, results, matched if results else Matched.NONE, is_degraded=True)


def _title_overlap(text: ArticleTranslation, stems: list[str]) -> int:
    title = text.title.casefold()
    return sum(term in title for term in stems)


def _report_broken_index(error: IndexUnavailable) -> None:
    """Tells the log, and asks the worker for a rebuild, at most once a minute."""
    if cache.add("knowledge:index-broken", 1, 60):
        from knowledge.background import enqueue
        from knowledge.tasks import rebuild_index

        logger.error("The search index cannot be read; answering from the database. %s", error)
        enqueue(rebuild_index)
