"""Which language a text is written in, when there is a best guess before reading it.

Each word speaks for a language by how common it is there. Whoever knows more of a language, such as how its words are
spelt, hands that in as `spelling`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from knowledge.search.frequencies import zipf

LANGUAGES = ("en", "sv", "nb", "da")
# How far the guess before reading is ahead (in nats).
_PRIOR = 3.0
# A single word may be a name or a loan ("visa"): this more, divided by the square of the number of words.
_PRIOR_OF_ONE_WORD = 6.0
# What a word that a language's list does not have counts as, on the Zipf scale.
_RARE = 1.5
# A list knows a rare word of a sister language too, as a name or in a quotation: so much at most speaks for one.
_MOST = 6.0
# How much the letters of a word add to how common the word is.
_SPELLING = 0.3
# Enough of a text to tell: the rest would only cost time.
_CHARACTERS_READ = 600
_LONGEST_WORD = 40
_WORDS_KEPT = 8192
_WORD = re.compile(r"[^\W\d_]+")

Evidence = tuple[float, ...]
"""How much something speaks for each of LANGUAGES, in nats."""
Spelling = Callable[[str], Evidence]


def _says_nothing(word: str) -> Evidence:
    return (0.0,) * len(LANGUAGES)


def language_of(text: str, prior: str, spelling: Spelling = _says_nothing) -> str:
    """The language of a text: the `prior`, unless the text clearly speaks for another of the four."""
    if prior not in LANGUAGES:
        return prior
    words = _WORD.findall(text[:_CHARACTERS_READ].casefold())
    ahead = _PRIOR + _PRIOR_OF_ONE_WORD / max(len(words), 1) ** 2
    totals = [ahead if code == prior else 0.0 for code in LANGUAGES]
    for word in words:
        for place, weight in enumerate(_evidence_of(word[:_LONGEST_WORD], spelling)):
            totals[place] += weight
    return max(zip(totals, LANGUAGES, strict=True), key=lambda pair: pair[0])[1]


@lru_cache(maxsize=_WORDS_KEPT)
def _evidence_of(word: str, spelling: Spelling) -> Evidence:
    """How much a word speaks for each language, against the best (0 or less, in nats)."""
    common = [zipf(word, code) for code in LANGUAGES]
    letters = spelling(word)
    if not any(common):
        return _against_best(letters)
    logs = [math.log(10) * max(rate, _RARE) for rate in common]
    return _against_best([log + _SPELLING * more for log, more in zip(logs, letters, strict=True)])


def _against_best(logs: Sequence[float]) -> Evidence:
    best = max(logs)
    return tuple(max(log - best, -_MOST) for log in logs)
