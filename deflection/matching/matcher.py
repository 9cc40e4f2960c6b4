"""The matcher: which articles answer a written question, each with the probability that it does.

One a process, kept in memory, rebuilt when the knowledge base has changed.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import Count, Max
from numpy.typing import NDArray

from deflection.matching.bm25 import Bm25Index
from deflection.matching.calibration import probability
from deflection.matching.cleaning import question_of
from knowledge.models import ArticleTranslation, Phrasing
from knowledge.search import analysis
from knowledge.search.highlight import Passage, best_passage
from knowledge.search.languages import LANGUAGES, preferred

# Below this probability nothing is shown: a wrong suggestion costs trust.
SHOW_FROM = 0.4
_CANDIDATES = 10
_FIELD_WEIGHTS = {"title": 3.0, "phrasings": 2.0, "headings": 1.5, "summary": 2.0, "body": 1.0}

Stamp = tuple[int, datetime | None, int]


@dataclass(frozen=True)
class Match:
    """An article text that may answer, with the calibrated probability that it does."""

    translation_id: int
    article_id: int
    probability: float
    terms: tuple[str, ...]


@dataclass(frozen=True)
class _Entry:
    translation_id: int
    article_id: int


class LanguageMatcher:
    """The texts of one language, ready to be matched."""

    def __init__(self, language: str, texts: list[ArticleTranslation], phrasings: dict[int, list[str]]) -> None:
        self.language = language
        self.entries = [_Entry(text.pk, text.article_id) for text in texts]
        self._index = Bm25Index([self._bag(text, phrasings.get(text.article_id, [])) for text in texts])

    def _bag(self, text: ArticleTranslation, phrasings: list[str]) -> dict[str, float]:
        parts = {
            "title": text.title,
            "phrasings": "\n".join(phrasings),
            "headings": "\n".join(text.rendered.headings),
            "summary": text.summary,
            "body": text.rendered.plain,
        }
        bag: defaultdict[str, float] = defaultdict(float)
        for part, content in parts.items():
            for term in analysis.terms(content, self.language):
                bag[term] += _FIELD_WEIGHTS[part]
        return bag

    def rank(self, question: str) -> list[Match]:
        """The best candidates, best first, whatever their probability."""
        terms = analysis.terms(question, self.language)
        if not terms or not self.entries:
            return []
        scores = self._index.scores(terms)
        count = min(_CANDIDATES, len(self.entries))
        best = np.argpartition(-scores, count - 1)[:count]
        best = best[np.argsort(-scores[best], kind="stable")]
        ideal = sum(self._index.weight_of(term) for term in set(terms)) or 1.0
        top = float(scores[best[0]])
        return [
            Match(
                self.entries[place].translation_id,
                self.entries[place].article_id,
                probability(
                    strength=float(scores[place]) / ideal,
                    relative=float(scores[place]) / top,
                    margin=_margin(scores, best, rank),
                    words=len(set(terms)),
                ),
                tuple(dict.fromkeys(terms)),
            )
            for rank, place in enumerate(best)
            if scores[place] > 0
        ]


def _margin(scores: NDArray[np.float32], best: NDArray[np.intp], rank: int) -> float:
    """How far a candidate stands above the next one, as a share of its own score."""
    if rank + 1 >= len(best) or scores[best[rank]] <= 0:
        return 1.0
    return float((scores[best[rank]] - scores[best[rank + 1]]) / scores[best[rank]])


class Matcher:
    """All languages, as of one stamp of the knowledge base."""

    def __init__(self, stamp: Stamp) -> None:
        self.stamp = stamp
        texts: defaultdict[str, list[ArticleTranslation]] = defaultdict(list)
        for text in ArticleTranslation.objects.published().order_by("pk"):
            texts[text.language].append(text)
        phrasings: defaultdict[str, defaultdict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for article_id, language, content in Phrasing.objects.values_list("article", "language", "text"):
            phrasings[language][article_id].append(content)
        self.languages = {code: LanguageMatcher(code, texts[code], phrasings[code]) for code in LANGUAGES}

    def rank(self, question: str, language: str) -> list[Match]:
        """Candidates in the language of the page, then in the nearest other that has any likely one."""
        own = self.languages[language].rank(question) if language in self.languages else []
        if _is_any_likely(own):
            return own
        others = (self.languages[code].rank(question) for code in preferred(language)[1:])
        return next((found for found in others if _is_any_likely(found)), own)


def _is_any_likely(matches: list[Match]) -> bool:
    return any(match.probability >= SHOW_FROM for match in matches)


_lock = threading.Lock()
_current: Matcher | None = None


def content_stamp() -> Stamp:
    """Changes whenever a published text or a phrasing does (both touch the text's time)."""
    row = ArticleTranslation.objects.published().aggregate(count=Count("pk"), last=Max("updated_at"))
    return row["count"], row["last"], Phrasing.objects.count()


def current_matcher() -> Matcher:
    """The process's matcher, rebuilt first where the knowledge base has changed since it was built."""
    global _current
    stamp = content_stamp()
    if _current is None or _current.stamp != stamp:
        with _lock:
            if _current is None or _current.stamp != stamp:
                _current = Matcher(stamp)
    return _current


def match(text: str, language: str, *, subject: str = "") -> list[Match]:
    """Articles for a written question, best first, with probabilities; the caller applies the threshold."""
    question = question_of(text, subject)
    return current_matcher().rank(question, language) if question else []


def passage_for(text: ArticleTranslation, terms: tuple[str, ...]) -> Passage:
    """The part of an article that answers, with the question's words marked."""
    return best_passage(text.blocks, terms, text.language)
