"""What the matcher has learned of a whole site, and how it ranks articles for a written question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from deflection.matching.fusion import CANDIDATES, Fusion, probabilities
from deflection.matching.meaning import Encode, QuestionCentre, Vectors
from deflection.matching.reading import Reading, letter_features, read
from deflection.matching.rejected import RejectedTexts
from deflection.matching.views import LanguageTexts, Question
from knowledge.search.languages import preferred

# Terms and their language to the other ways of saying them (see knowledge.search.synonyms.expand).
Synonyms = Callable[[Sequence[str], str], list[list[str]]]

_SHOWN_AT_MOST = 10
_WITH_SECTION = 5
# Of what a word of the question itself may tell (1.5 at most).
_SYNONYM_TELLS = 0.7


@dataclass(frozen=True)
class Ranked:
    """An article text with the probability that it answers, and its section that speaks most of the question."""

    translation_id: int
    article_id: int
    language: str
    probability: float
    section: int | None
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Fusions:
    """The weights for one language's texts: with sentence vectors, and without where the encoder is missing."""

    plain: Fusion
    with_meaning: Fusion


@dataclass(frozen=True)
class Learned:
    """One language's texts with their weights, for questions in that language and in another."""

    texts: LanguageTexts
    own: Fusions
    foreign: Fusions
    rejected: RejectedTexts


class Model:
    """All languages. Only read, but for the centres, which follow what is asked."""

    def __init__(
        self, languages: Mapping[str, Learned], centres: Mapping[str, QuestionCentre], encoder_name: str = ""
    ) -> None:
        self.languages = dict(languages)
        self.centres = dict(centres)
        self.encoder_name = encoder_name

    def rank(self, text: str, language: str, encode: Encode | None, same: Synonyms | None = None) -> list[Ranked]:
        """The likeliest articles, best first; those of other languages only where `language` lacks the article.

        `encode` where there is an encoder, `same` where the site has synonyms.
        """
        vector = self._vector(text, language, encode)
        found: list[Ranked] = []
        known = np.empty(0, np.int64)
        for code in preferred(language):
            learned = self.languages.get(code)
            if learned is None:
                continue
            is_new = ~np.isin(learned.texts.article_ids, known)
            if is_new.any():
                question = Question(_read(text, code, same), vector if learned.texts.meaning else None)
                found += _candidates(learned, question, is_new, is_own=code == language)
                known = np.union1d(known, learned.texts.article_ids)
        return sorted(found, key=lambda one: -one.probability)[:_SHOWN_AT_MOST]

    def _vector(self, text: str, language: str, encode: Encode | None) -> Vectors | None:
        centre = self.centres.get(language)
        if encode is None or centre is None:
            return None
        raw = encode([text], "question")[0]
        return centre.see(raw) if raw.any() else None


def _read(text: str, language: str, same: Synonyms | None) -> Reading:
    """The question, also in the words that the site's editors say mean the same."""
    reading = read(text, language)
    ways = same([term for term, _ in reading.terms], language) if same else []
    if not ways:
        return reading
    return replace(reading, terms=(*reading.terms, *((term, _SYNONYM_TELLS) for way in ways for term in way)))


def _candidates(learned: Learned, question: Question, allowed: NDArray[np.bool_], *, is_own: bool) -> list[Ranked]:
    views, known = learned.texts.views(question)
    fusions = learned.own if is_own else learned.foreign
    fusion = fusions.plain if question.vector is None else fusions.with_meaning
    leads = fusion.lead(views, known)
    leads -= learned.rejected.penalties(letter_features(question.reading.words), len(views))
    places = np.flatnonzero(allowed)
    best = places[np.argsort(-leads[places], kind="stable")[:CANDIDATES]]
    terms = tuple(dict.fromkeys(term for term, _ in question.reading.terms))
    return [
        Ranked(
            int(learned.texts.translation_ids[place]),
            int(learned.texts.article_ids[place]),
            learned.texts.language,
            float(share),
            learned.texts.best_section(question, int(place)) if rank < _WITH_SECTION else None,
            terms,
        )
        for rank, (place, share) in enumerate(zip(best, probabilities(leads[best]), strict=True))
    ]
