"""What the matcher has learned of a whole site, and how it ranks articles for a written question."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deflection.matching.fusion import CANDIDATES, Fusion, probabilities
from deflection.matching.meaning import Encode, QuestionCentre, Vectors
from deflection.matching.priors import prior
from deflection.matching.reading import Weights, letter_features, read
from deflection.matching.rejected import RejectedTexts
from deflection.matching.views import LanguageTexts, Question, Seen
from knowledge.search.languages import preferred

# A text and its language to other words for what it says (see knowledge.search.synonyms.other_words).
Synonyms = Callable[[str, str], list[str]]

# Below this nothing is ever shown, so its section is not looked for.
_LEAST_WITH_SECTION = 0.03


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
    """One language's texts with their weights for questions in that language.

    `digest` tells what it was learned from, `fitted_on` how many phrasings there were when its weights were fitted.
    """

    texts: LanguageTexts
    own: Fusions
    rejected: RejectedTexts
    digest: str = ""
    fitted_on: int = 0


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
        # As it was written, and beside it with the words that the editors say mean the same.
        also = same(text, language) if same else []
        ways = [text, "\n".join([text, *also])] if also else [text]
        vectors = [self._vector(way, language, encode) for way in ways]
        found: list[_Candidate] = []
        known: list[NDArray[np.int64]] = []
        for code in preferred(language):
            learned = self.languages.get(code)
            if learned is None:
                continue
            article_ids = learned.texts.article_ids
            is_new = ~np.isin(article_ids, np.concatenate(known)) if known else np.ones(len(article_ids), np.bool_)
            if is_new.any():
                has_meaning = learned.texts.meaning is not None
                asked = [
                    Question(read(way, code), vector if has_meaning else None)
                    for way, vector in zip(ways, vectors, strict=True)
                ]
                found += _candidates(learned, asked, is_new, is_own=code == language)
                known.append(article_ids)
        found = sorted(found, key=lambda one: -one.lead)[:CANDIDATES]
        if not found:
            return []
        shares = probabilities(np.array([one.lead for one in found]))
        return [one.ranked(float(share)) for one, share in zip(found, shares, strict=True)]

    def _vector(self, text: str, language: str, encode: Encode | None) -> Vectors | None:
        centre = self.centres.get(language)
        if encode is None or centre is None:
            return None
        raw = encode([text], "question")[0]
        return centre.see(raw) if raw.any() else None


@dataclass(frozen=True)
class _Candidate:
    """An article text, and how far its score is above that of "none of these"."""

    learned: Learned
    question: Question
    by_piece: Weights
    place: int
    lead: float

    def ranked(self, probability: float) -> Ranked:
        texts = self.learned.texts
        return Ranked(
            int(texts.translation_ids[self.place]),
            int(texts.article_ids[self.place]),
            texts.language,
            probability,
            texts.best_section(self.by_piece, self.place) if probability > _LEAST_WITH_SECTION else None,
            tuple(dict.fromkeys(term for term, _ in self.question.reading.terms)),
        )


def _candidates(
    learned: Learned, asked: Sequence[Question], allowed: NDArray[np.bool_], *, is_own: bool
) -> Iterator[_Candidate]:
    seen = [learned.texts.views(question) for question in asked]
    leads = np.max(
        [_leads(learned, question, one, is_own=is_own) for question, one in zip(asked, seen, strict=True)], axis=0
    )
    places = np.flatnonzero(allowed)
    for place in places[_highest(leads[places])]:
        yield _Candidate(learned, asked[-1], seen[-1].by_piece, int(place), float(leads[place]))


def _highest(leads: NDArray[np.float64]) -> NDArray[np.intp]:
    """Where the few highest stand, highest first, the earlier one first among equals."""
    if len(leads) > CANDIDATES:
        least = np.partition(leads, -CANDIDATES)[-CANDIDATES]
        places = np.flatnonzero(leads >= least)
    else:
        places = np.arange(len(leads))
    return places[np.argsort(-leads[places], kind="stable")[:CANDIDATES]]


def _leads(learned: Learned, question: Question, seen: Seen, *, is_own: bool) -> NDArray[np.float64]:
    texts, views, known = learned.texts, seen.views, seen.known
    has_meaning = question.vector is not None
    if not is_own:
        fusion = prior("foreign+meaning" if has_meaning else "foreign")
    else:
        fusion = learned.own.with_meaning if has_meaning else learned.own.plain
    leads = fusion.lead(views, known)
    if is_own and texts.asked is not None:
        # A new article, which nobody has asked for yet, is also judged as on a site without phrasings: next to
        # articles with many a classifier would seldom choose it.
        bare = prior("bare+meaning" if has_meaning else "bare").lead(views, known)
        leads = np.where(texts.phrasings == 0, np.maximum(leads, bare), leads)
    return leads - learned.rejected.penalties(letter_features(question.reading.words), len(views))
