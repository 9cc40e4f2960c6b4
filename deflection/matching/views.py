"""One language's texts as the matcher keeps them, and the views of a question that they give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deflection.matching.bm25 import Bm25
from deflection.matching.classifier import AskedClassifier
from deflection.matching.corpus import Document
from deflection.matching.foreign import foreign_questions
from deflection.matching.fusion import VIEWS
from deflection.matching.meaning import Encode, Meaning
from deflection.matching.reading import (
    Reading,
    Row,
    Weights,
    four_letter_features,
    letter_features,
    read,
    term_features,
)
from deflection.matching.sparse import Arrays, Columns, Grouped, Postings, best_of_owner, inside, matrix, named

FIELD_WEIGHTS = {"title": 3.0, "phrasings": 2.0, "headings": 1.5, "summary": 2.0, "body": 1.0}
# The title speaks for each of its passages, a little.
_TITLE_IN_PASSAGE = 0.5
# Below this a phrasing is one in e-mail length: everything that a classifier can learn is in the beginning.
_UNIT_CHARACTERS = 400
_LEAST_LOG = -8.0
# Among many texts, runs of letters that so large a share of them holds cost time and tell nothing.
_MANY_TEXTS, _COMMON_SHARE = 1000, 0.2

# Which of so few articles is meant says little of whether any is: a classifier would be sure of nonsense.
_FEWEST_TOLD_APART = 6

Reader = Callable[[str, str], Reading]


@dataclass(frozen=True)
class Question:
    """A written question, read in one language; `vector` (centred) where there is an encoder."""

    reading: Reading
    vector: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Seen:
    """A row of views (see fusion.VIEWS) for each text, the known share of the question's words, and each passage's
    score by words."""

    views: NDArray[np.float32]
    known: float
    by_piece: Weights


class LetterIndex:
    """Texts as bags of runs of letters, compared by cosine: finds other forms, compounds and misspellings."""

    def __init__(self, columns: Columns, postings: Postings) -> None:
        self.columns, self.postings = columns, postings

    @classmethod
    def of(cls, rows: Sequence[Row]) -> LetterIndex:
        columns = Columns.of(rows)
        if len(rows) > _MANY_TEXTS:
            columns.forget_common(_COMMON_SHARE, len(rows))
        return cls(columns, Postings.of(matrix([columns.weigh(row) for row in rows], len(columns.numbers))))

    def scores(self, row: Row) -> Weights:
        return self.postings.scores(*self.columns.weigh(row))

    def arrays(self) -> Arrays:
        return named("columns", self.columns.arrays()) | named("postings", self.postings.arrays())

    @classmethod
    def load(cls, arrays: Mapping[str, NDArray[np.generic]]) -> LetterIndex:
        return cls(Columns.load(inside(arrays, "columns")), Postings.load(inside(arrays, "postings")))


class LanguageTexts:
    """The texts of one language. Built from documents once, then only read."""

    def __init__(self, language: str, parts: Mapping[str, Any]) -> None:
        self.language = language
        self.translation_ids: NDArray[np.int64] = parts["translation_ids"]
        self.article_ids: NDArray[np.int64] = parts["article_ids"]
        self.whole: Bm25 = parts["whole"]
        self.pieces: Bm25 = parts["pieces"]
        self.piece_starts: NDArray[np.int64] = parts["piece_starts"]
        self.piece_sections: NDArray[np.int16] = parts["piece_sections"]
        self.letters: LetterIndex = parts["letters"]
        self.piece_letters: LetterIndex = parts["piece_letters"]
        self.unit_starts: NDArray[np.int64] = parts["unit_starts"]
        self.phrasings: NDArray[np.int32] = parts["phrasings"]
        self.asked: AskedClassifier | None = parts.get("asked")
        self.meaning: Meaning | None = parts.get("meaning")

    def __len__(self) -> int:
        return len(self.translation_ids)

    def arrays(self) -> Arrays:
        """All of it as named arrays, as `load` takes them."""
        found: Arrays = {name: getattr(self, name) for name in _PLAIN}
        for name in _PARTS:
            if (part := getattr(self, name)) is not None:
                found |= named(name, part.arrays())
        return found

    @classmethod
    def load(cls, language: str, arrays: Mapping[str, NDArray[np.generic]]) -> LanguageTexts:
        parts: dict[str, Any] = {name: arrays[name] for name in _PLAIN}
        for name, kind in _PARTS.items():
            if held := inside(arrays, name):
                parts[name] = kind(held)
        return cls(language, parts)

    @property
    def regime(self) -> str:
        """Which views there are: each needs weights of its own."""
        return ("asked" if self.asked else "bare") + ("+meaning" if self.meaning else "")

    def views(self, question: Question) -> Seen:
        """How each text looks to the question."""
        terms = term_features(question.reading.terms)
        found = np.zeros((len(self), len(VIEWS)), np.float32)
        found[:, 0], known = self.whole.scores(*terms)
        by_piece, _ = self.pieces.scores(*terms)
        found[:, 1] = best_of_owner(by_piece, self.piece_starts)
        found[:, 2] = best_of_owner(self.letters.scores(letter_features(question.reading.words)), self.unit_starts)
        fours = four_letter_features(question.reading.content)
        found[:, 3] = best_of_owner(self.piece_letters.scores(fours), self.piece_starts)
        if self.asked is not None:
            found[:, 4] = np.maximum(self.asked.log_probabilities(question.reading), _LEAST_LOG)
        if self.meaning is not None and question.vector is not None:
            found[:, 5], found[:, 6], asked = self.meaning.views(question.vector)
            if asked is not None:
                found[:, 7] = np.maximum(asked, _LEAST_LOG)
        return Seen(found, known, by_piece)

    def best_section(self, by_piece: Weights, place: int) -> int:
        """The section of a text whose passages score best; -1 for its summary."""
        start = int(self.piece_starts[place])
        end = int(self.piece_starts[place + 1]) if place + 1 < len(self.piece_starts) else len(by_piece)
        return int(self.piece_sections[start + int(np.argmax(by_piece[start:end]))])


_PLAIN = ("translation_ids", "article_ids", "piece_starts", "piece_sections", "unit_starts", "phrasings")
_PARTS: dict[str, Callable[[Arrays], Any]] = {
    "whole": Bm25.load,
    "pieces": Bm25.load,
    "letters": LetterIndex.load,
    "piece_letters": LetterIndex.load,
    "asked": AskedClassifier.load,
    "meaning": Meaning,
}


def build(
    documents: Sequence[Document],
    language: str,
    encode: Encode | None,
    reader: Reader = read,
    *,
    has_classifier: bool | None = None,
) -> LanguageTexts:
    """Reads and, with an encoder, embeds the documents of one language (at least one).

    With a classifier where there are phrasings and articles enough, unless `has_classifier` says.
    """
    is_asked = any(document.phrasings for document in documents)
    units = Grouped.of([[text[:_UNIT_CHARACTERS] for text in _units(one, is_asked=is_asked)] for one in documents])
    passages = [document.passages() for document in documents]
    pieces = Grouped.of([[passage.text for passage in of_one] for of_one in passages])
    readings = [reader(text, language) for text in units.texts]
    piece_readings = [reader(text, language) for text in pieces.texts]
    titles = [reader(document.title, language) for document in documents]
    if has_classifier is None:
        has_classifier = is_asked and len(documents) >= _FEWEST_TOLD_APART
    parts: dict[str, object] = {
        "translation_ids": np.array([document.translation_id for document in documents], dtype=np.int64),
        "article_ids": np.array([document.article_id for document in documents], dtype=np.int64),
        "whole": Bm25.of([_bag(document, language, reader) for document in documents]),
        "pieces": Bm25.of(
            [_piece_bag(reading, titles[owner]) for reading, owner in zip(piece_readings, pieces.owners, strict=True)]
        ),
        "piece_starts": pieces.starts,
        "piece_sections": np.array([piece.section for of_one in passages for piece in of_one], dtype=np.int16),
        "letters": LetterIndex.of([letter_features(reading.words) for reading in readings]),
        "piece_letters": LetterIndex.of([four_letter_features(reading.content) for reading in piece_readings]),
        "unit_starts": units.starts,
        "phrasings": np.array([len(document.phrasings) for document in documents], dtype=np.int32),
    }
    if has_classifier:
        parts["asked"] = AskedClassifier.of(readings, units.owners, len(documents))
    if encode is not None:
        told = [
            [passage.text if passage.section < 0 else f"{document.title}\n{passage.text}" for passage in of_one]
            for document, of_one in zip(documents, passages, strict=True)
        ]
        parts["meaning"] = Meaning.of(
            units, Grouped.of(told), encode, foreign_questions(language), with_classifier=has_classifier
        )
    return LanguageTexts(language, parts)


def _units(document: Document, *, is_asked: bool) -> list[str]:
    """The short texts that say what an article is about; beside articles with phrasings one without gets others."""
    return [document.title, *(document.phrasings or (document.stand_ins if is_asked else ()))]


def _bag(document: Document, language: str, reader: Reader) -> dict[str, float]:
    parts = {
        "title": document.title,
        "phrasings": "\n".join(document.phrasings),
        "headings": "\n".join(document.headings),
        "summary": document.summary,
        "body": document.body,
    }
    bag: defaultdict[str, float] = defaultdict(float)
    for part, content in parts.items():
        for term, _ in reader(content, language).terms if content else ():
            bag[term] += FIELD_WEIGHTS[part]
    return bag


def _piece_bag(piece: Reading, title: Reading) -> dict[str, float]:
    bag: defaultdict[str, float] = defaultdict(float)
    for term, _ in piece.terms:
        bag[term] += 1.0
    for term, _ in title.terms:
        bag[term] += _TITLE_IN_PASSAGE
    return bag
