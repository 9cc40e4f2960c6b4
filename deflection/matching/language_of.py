"""Which language a short text is written in, when the page's language is the best guess before reading it.

Each word speaks for a language by how common it is there. Words that are common nowhere (names, typos, compounds)
speak by their letter sequences, as in Cavnar & Trenkle 1994, "N-Gram-Based Text Categorization"; those are learned at
first use from our own questions in `foreign/`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache

from deflection.matching.foreign import foreign_questions
from knowledge.search.frequencies import zipf

LANGUAGES = ("en", "sv", "nb", "da")
# How far the page's language is ahead before reading (in nats).
_PRIOR = 3.0
# A single word may be a name or a loan ("visa"): this more, divided by the square of the number of words.
_PRIOR_OF_ONE_WORD = 6.0
# What a word that a language's list does not have counts as, on the Zipf scale.
_RARE = 1.5
# A list knows a rare word of a sister language too, as a name or in a quotation: so much at most speaks for one.
_MOST = 6.0
# How much the letters of a word add to how common the word is.
_SPELLING = 0.3
_SEQUENCE_LENGTHS = (2, 3, 4)
_SMOOTHING = 0.3
# Enough of a text to tell: the rest would only cost time.
_CHARACTERS_READ = 600
_LONGEST_WORD = 40
_WORDS_KEPT = 8192
_WORD = re.compile(r"[^\W\d_]+")

_Evidence = tuple[float, ...]


def language_of(text: str, prior: str) -> str:
    """The language of a text: the `prior` (the page's), unless the text clearly speaks for another of the four."""
    if prior not in LANGUAGES:
        return prior
    words = _WORD.findall(text[:_CHARACTERS_READ].casefold())
    ahead = _PRIOR + _PRIOR_OF_ONE_WORD / max(len(words), 1) ** 2
    totals = [ahead if code == prior else 0.0 for code in LANGUAGES]
    for word in words:
        for place, weight in enumerate(_evidence_of(word[:_LONGEST_WORD])):
            totals[place] += weight
    return max(zip(totals, LANGUAGES, strict=True), key=lambda pair: pair[0])[1]


@lru_cache(maxsize=_WORDS_KEPT)
def _evidence_of(word: str) -> _Evidence:
    """How much a word speaks for each language, against the best (0 or less, in nats)."""
    common = [zipf(word, code) for code in LANGUAGES]
    spelling = _evidence_of_spelling(word)
    if not any(common):
        return _against_best(spelling)
    logs = [math.log(10) * max(rate, _RARE) for rate in common]
    return _against_best([log + _SPELLING * letters for log, letters in zip(logs, spelling, strict=True)])


def _against_best(logs: Sequence[float]) -> _Evidence:
    best = max(logs)
    return tuple(max(log - best, -_MOST) for log in logs)


def _evidence_of_spelling(word: str) -> _Evidence:
    """The parts of a word overlap, so what they say together grows with the root of their number only."""
    model = _letters()
    known = [model[part] for part in _parts(word) if part in model]
    if not known:
        return (0.0,) * len(LANGUAGES)
    return tuple(sum(column) / math.sqrt(len(known)) for column in zip(*known, strict=True))


def _parts(word: str) -> list[str]:
    """The sequences of letters of a word, with its edges marked."""
    edged = f"^{word}$"
    return [edged[at : at + length] for length in _SEQUENCE_LENGTHS for at in range(len(edged) - length + 1)]


@cache
def _letters() -> dict[str, _Evidence]:
    """The log-likelihood of each sequence of letters in each language, less their mean."""
    counts: dict[str, Counter[str]] = {code: Counter() for code in LANGUAGES}
    for code in LANGUAGES:
        for question in foreign_questions(code):
            for word in _WORD.findall(question.casefold()):
                counts[code].update(_parts(word))
    totals = {code: counts[code].total() for code in LANGUAGES}
    mean = sum(totals.values()) / len(LANGUAGES)
    model = {}
    for part in set().union(*counts.values()):
        logs = [math.log(counts[code][part] * mean / totals[code] + _SMOOTHING) for code in LANGUAGES]
        middle = sum(logs) / len(logs)
        model[part] = tuple(log - middle for log in logs)
    return model
