"""A text as the matcher reads it: words, runs of words and runs of letters, each a number.

Numbers are hashes (Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning"), so that a model
is arrays alone: nothing has to be looked up in a dictionary of strings, and processes can share its files.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge.search import analysis, frequencies

Ids = NDArray[np.int32]
Weights = NDArray[np.float32]
Row = tuple[Ids, Weights]

_SPACE = (1 << 24) - 1
_SHORTEST_RUN, _LONGEST_RUN = 2, 5
_FOUR = 4
_EDGE = "|"
# On the Zipf scale: words as common as this tell nothing, and so many steps below it a word tells as much as any.
_EVERYDAY, _EVERYDAY_RANGE = 7.5, 3.0


def number(kind: str, text: str) -> int:
    return zlib.crc32(f"{kind}{text}".encode()) & _SPACE


@dataclass(frozen=True)
class Reading:
    """`terms`: what it is about, compounds with their parts, each with how much a word so common tells.

    `stems` and `words`: every word in order, stop words too, as stem and as written; `content` without those.
    """

    terms: tuple[tuple[str, float], ...]
    stems: tuple[str, ...]
    words: tuple[str, ...]
    content: tuple[str, ...]


def read(text: str, language: str) -> Reading:
    words = tuple(analysis.words(text))
    terms: list[tuple[str, float]] = []
    stems: list[str] = []
    content: list[str] = []
    for word, (term, parts) in zip(words, analysis.analysed(words, language), strict=True):
        stems.append(term)
        if analysis.is_stop_word(word, language):
            continue
        tells = telling(word, language)
        content.append(word)
        terms.append((term, tells))
        terms.extend((part, tells) for part in parts)
    if not terms:
        terms = [(stem, 1.0) for stem in stems]
    return Reading(tuple(terms), tuple(stems), words, tuple(content) or words)


@lru_cache(maxsize=32_768)
def telling(word: str, language: str) -> float:
    """How much a word says of what a question is about, by how rare it is in everyday language (0.15 to 1.5).

    The words of one site are too few to tell that "sent" is an everyday word and "refund" is not.
    """
    return min(max((_EVERYDAY - frequencies.zipf(word, language)) / _EVERYDAY_RANGE, 0.15), 1.5)


@lru_cache(maxsize=65_536)
def term_number(term: str) -> int:
    return number("t", term)


@lru_cache(maxsize=32_768)
def _fours_of(word: str) -> Ids:
    """The runs of four letters of a word, its edges marked; a shorter word is one run."""
    padded = f"{_EDGE}{word[:40]}{_EDGE}"
    runs = (padded[start : start + _FOUR] for start in range(max(len(padded) - _FOUR, 0) + 1))
    return np.array([number("f", run) for run in runs], dtype=np.int32)


@lru_cache(maxsize=32_768)
def _letters_of(word: str) -> Ids:
    """The runs of two to five letters of a word, its edges marked."""
    padded = f"{_EDGE}{word[:40]}{_EDGE}"
    runs = (
        padded[start : start + length]
        for length in range(_SHORTEST_RUN, _LONGEST_RUN + 1)
        for start in range(len(padded) - length + 1)
    )
    return np.array([number("c", run) for run in runs], dtype=np.int32)


def counted(ids: Ids) -> tuple[Ids, Weights]:
    """Different numbers with 1 + log of how often each occurs (sublinear term frequency)."""
    unique, counts = np.unique(ids, return_counts=True)
    return unique.astype(np.int32), (1.0 + np.log(counts)).astype(np.float32)


def term_features(terms: Iterable[tuple[str, float]]) -> tuple[Ids, Weights]:
    """Different terms, each with how much it tells, a little more where the question repeats it."""
    counts: Counter[int] = Counter()
    tells: dict[int, float] = {}
    for term, weight in terms:
        one = term_number(term)
        counts[one] += 1
        tells[one] = max(weight, tells.get(one, 0.0))
    ids = np.array(sorted(counts), dtype=np.int32)
    weights = [tells[one] * (1.0 + math.log(counts[one])) for one in ids.tolist()]
    return ids, np.array(weights, dtype=np.float32)


def letter_features(words: Sequence[str]) -> tuple[Ids, Weights]:
    return _counted_runs([_letters_of(word) for word in words])


def four_letter_features(words: Sequence[str]) -> tuple[Ids, Weights]:
    """Runs of four letters alone, for long texts: as good there as all lengths (McNamee & Mayfield 2004), and few."""
    return _counted_runs([_fours_of(word) for word in words])


def _counted_runs(runs: list[Ids]) -> tuple[Ids, Weights]:
    return counted(np.concatenate(runs)) if runs else (np.empty(0, np.int32), np.empty(0, np.float32))


def word_features(reading: Reading) -> tuple[Ids, Weights]:
    parts = (term for term, _ in reading.terms if term not in reading.stems)
    return counted(np.array([number("w", stem) for stem in (*reading.stems, *parts)], dtype=np.int32))


def run_features(stems: Sequence[str]) -> tuple[Ids, Weights]:
    """Pairs of neighbours, and pairs with one or two words between them, the ends of the text marked."""
    row = [_EDGE, *stems, _EDGE]
    pairs = Counter(
        f"{gap}{first} {row[place + gap]}"
        for gap in (1, 2, 3)
        for place, first in enumerate(row[: max(len(row) - gap, 0)])
    )
    return counted(np.array([number("g", pair) for pair in pairs.elements()], dtype=np.int32))
