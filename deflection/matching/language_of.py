"""Which language a short text is written in, when the page's language is the best guess before reading it.

Words that are common nowhere (names, typos, compounds) speak by their letter sequences, as in Cavnar & Trenkle 1994,
"N-Gram-Based Text Categorization"; those are learned at first use from our own questions in `foreign/`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache

from deflection.matching.foreign import foreign_questions
from knowledge.search import language_of as words
from knowledge.search.language_of import LANGUAGES, Evidence

__all__ = ["LANGUAGES", "language_of"]
_SEQUENCE_LENGTHS = (2, 3, 4)
_SMOOTHING = 0.3
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str, prior: str) -> str:
    """The language of a text: the `prior` (the page's), unless the text clearly speaks for another of the four."""
    return words.language_of(text, prior, _evidence_of_spelling)


def _evidence_of_spelling(word: str) -> Evidence:
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
def _letters() -> dict[str, Evidence]:
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
