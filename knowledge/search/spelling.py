"""What a word that no text has was probably meant to be, judged by the words that the texts do have.

Only words that are likely to be wrong are corrected: what everyday text knows, what is another form of a word of the
texts, and a compound of known words are left as they are. Distance is that of Damerau (1964), restricted to one edit
a place, with lower costs for slips that are common: Nordic letters typed on a foreign keyboard, neighbouring keys, a
doubled letter, two letters swapped.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache

import numpy as np

from knowledge.search import analysis, compounds, frequencies
from knowledge.search.languages import FOLDS, LANGUAGES

_SHORTEST, _LONGEST = 4, 32
_LONGEST_ENDING = 6
# A search is no letter: each unknown word costs some milliseconds.
_MOST_WORDS = 12
# By the length of the word, from which on so much may be wrong with it.
_LIMITS = ((8, 2.0), (6, 1.4), (4, 1.0))
_FAR_KEY, _TOO_MANY_OR_FEW, _NEXT_KEY, _SWAPPED, _DOUBLED, _FOLDED = 1.1, 1.0, 0.7, 0.7, 0.6, 0.3
_OTHER_BEGINNING = 0.5
_CHEAPEST = 0.6
# A word ten times as frequent may be this much farther away.
_TEN_TIMES_AS_FREQUENT = 0.15
# Zipf: as common as this in everyday text, a word is meant as it is.
_EVERYDAY, _FOREIGN = 2.4, 3.5
_MOST_COMPARED = 40
_SHORTEST_PART = 3
_PART_IN_EVERYDAY = 3.3
# A part this rare in everyday texts (Zipf) may well be another one misspelt.
_HARDLY_A_WORD = 2.5
_SHORTEST_DOUBTFUL, _ONE_MISTAKE = 6, 1.0
_JOINED_MORE_OFTEN = 2

_SPELT_OUT = (("ae", "æ"), ("oe", "ø"), ("aa", "å"), ("ae", "ä"), ("oe", "ö"))
_KEYS = ("qwertyuiopå", "asdfghjklöä", "asdfghjkløæ", "asdfghjklæø", "zxcvbnm")


class Corrector:
    """Corrects by one set of words (lower case, with their frequencies). Cheap to make: it prepares at first use."""

    def __init__(self, words: Mapping[str, int], language: str) -> None:
        self._words = words
        self._language = language

    def correct(self, word: str) -> str | None:
        """The word that was meant; None where the word is right, or nothing is near enough."""
        word = word.casefold()
        if not self._is_unknown(word):
            return None
        if self._is_right(word):
            return self._far_more_common(word) or self._of_known_parts(word)
        return self._spelt_out(word) or self._nearest(word, _limit(word)) or self._with_one_part_right(word)

    def correct_query(self, text: str) -> str | None:
        """The text (lower case) with every wrong word put right; None where none is wrong, and for long texts."""
        words = analysis.words(text)
        if len(words) > _MOST_WORDS:
            return None
        corrected: list[str] = []
        while words:
            word, following = words[0], words[1:2]
            if following and self._belong_together(word, following[0]):
                corrected.append(word + following[0])
                words = words[2:]
                continue
            corrected.append(self._put_right(word))
            words = words[1:]
        return " ".join(corrected) if corrected != analysis.words(text) else None

    def _put_right(self, word: str) -> str:
        meant = self.correct(word)
        if meant is None or distance(word, meant) > _ONE_MISTAKE:
            return self._in_two(word) or meant or word
        return meant

    def _is_unknown(self, word: str) -> bool:
        if not _SHORTEST <= len(word) <= _LONGEST or not word.isalpha() or word in self._words:
            return False
        known = LANGUAGES.get(self._language)
        return not (known and word in known.stop_words) and not self._is_another_form(word)

    def _is_right(self, word: str) -> bool:
        """Whether it is a word, though one that no text has."""
        if frequencies.zipf(word, self._language) >= _EVERYDAY or frequencies.zipf(word, "en") >= _FOREIGN:
            return True
        return bool(compounds.split(word, self._language))

    def _of_known_parts(self, word: str) -> str | None:
        """A compound with a part that the texts lack, when it is one of theirs misspelt ("leveransaddress")."""
        parts = compounds.split(word, self._language)
        strange = (one for one in parts if one.word not in self._words)
        if not any(frequencies.zipf(one.word, self._language) < _HARDLY_A_WORD for one in strange):
            return None
        return self._with_one_part_right(word)

    def _far_more_common(self, word: str) -> str | None:
        """A word of the texts that is meant rather than this one, rare or perhaps only looking like a compound."""
        common = frequencies.zipf(word, self._language)
        if len(word) < _SHORTEST_DOUBTFUL or common >= _EVERYDAY + 1 or frequencies.zipf(word, "en") >= _FOREIGN:
            return None
        parts = compounds.split(word, self._language)
        if parts and all(part.word in self._words for part in parts):
            return None
        meant = self._nearest(word, _ONE_MISTAKE)
        if meant is None or (not parts and frequencies.zipf(meant, self._language) < common + 1):
            return None
        return meant

    def _is_another_form(self, word: str) -> bool:
        """Whether the texts have the word with another ending."""
        term = analysis.term_of(word, self._language)
        beginning = term[:-1] if len(term) > _SHORTEST else term
        for place in range(bisect.bisect_left(self._sorted, beginning), len(self._sorted)):
            known = self._sorted[place]
            if not known.startswith(beginning):
                break
            if len(known) <= len(term) + _LONGEST_ENDING and analysis.plain_term(known, self._language) == term:
                return True
        return False

    def _spelt_out(self, word: str) -> str | None:
        """The word with "ae" for "æ" and so on, where the texts have it so."""
        letters = LANGUAGES[self._language].letters if self._language in LANGUAGES else ""
        forms = [word.replace(plain, letter) for plain, letter in _SPELT_OUT if letter in letters and plain in word]
        return max((form for form in forms if form in self._words), key=self._words.__getitem__, default=None)

    def _nearest(self, word: str, limit: float) -> str | None:
        best, best_score = None, math.inf
        for candidate in self._alike(word, limit):
            cost = distance(word, candidate, limit)
            if cost <= limit:
                score = cost - _TEN_TIMES_AS_FREQUENT * math.log10(1 + self._words[candidate])
                if score < best_score:
                    best, best_score = candidate, score
        return best

    def _alike(self, word: str, limit: float) -> Iterator[str]:
        """The words that could be within the limit, those with most in common first, and of those enough."""
        vocabulary = self._sieve
        edits = math.floor(limit / _CHEAPEST)
        near, order = vocabulary.near(word, edits)
        for place in near[np.argsort(order, kind="stable")][:_MOST_COMPARED]:
            yield vocabulary.words[place]

    def _with_one_part_right(self, word: str) -> str | None:
        """A compound with one part misspelt: "fakturaadres" where the texts have "faktura" and "adress" apart."""
        known = LANGUAGES.get(self._language)
        if known is None or not known.links:
            return None
        found: list[tuple[float, str]] = []
        for place in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
            head, tail = word[:place], word[place:]
            for right, wrong in ((head, tail), (tail, head)):
                if wrong in self._words or not self._is_part(right):
                    continue
                meant = self._nearest(wrong, _ONE_MISTAKE if len(wrong) >= _SHORTEST else _SWAPPED)
                if meant:
                    whole = right + meant if right is head else meant + right
                    found.append((distance(wrong, meant) - 0.1 * len(right), whole))
        return min(found)[1] if found else None

    def _is_part(self, part: str) -> bool:
        if part in self._words or part.removesuffix("s") in self._words:
            return len(part) > _SHORTEST_PART
        return len(part) > _SHORTEST_PART and frequencies.zipf(part, self._language) >= _PART_IN_EVERYDAY

    def _belong_together(self, first: str, second: str) -> bool:
        """Whether the two words are one in the texts ("pass word"), and not rather two."""
        count = self._words.get(first + second, 0)
        return count > 0 and count >= _JOINED_MORE_OFTEN * min(self._words.get(first, 0), self._words.get(second, 0))

    def _in_two(self, word: str) -> str | None:
        """The two words of the texts that were written as one ("giftcard"), in a language that writes them apart."""
        known = LANGUAGES.get(self._language)
        if (known and known.links) or not self._is_unknown(word) or self._is_right(word):
            return None
        places = range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)
        pairs = [(word[:place], word[place:]) for place in places]
        both = [pair for pair in pairs if pair[0] in self._words and pair[1] in self._words]
        return " ".join(max(both, key=lambda pair: min(map(self._words.__getitem__, pair)))) if both else None

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._words)

    @cached_property
    def _sieve(self) -> _Sieve:
        return _Sieve(word for word in self._words if _SHORTEST_PART <= len(word) <= _LONGEST and word.isalpha())


class _Sieve:
    """Letters and pairs of letters of many words as bits, to find in one pass those that may be near a word."""

    def __init__(self, words: Iterator[str]) -> None:
        self.words = list(words)
        self._lengths, self._letters, self._pairs = _bits(self.words)

    def near(self, word: str, edits: int) -> tuple[np.ndarray, np.ndarray]:
        """Places of words that so many edits may turn into this one, and how many bits they differ in."""
        if not self.words:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        lengths, letters, pairs = _bits([word])
        # An edit changes at most two letters, and a swap six pairs.
        differ = np.bitwise_count(self._pairs ^ pairs[0])
        is_near = (
            (np.abs(self._lengths - lengths[0]) <= edits)
            & (np.bitwise_count(self._letters ^ letters[0]) <= 2 * edits)
            & (differ <= 6 * edits)
        )
        places = np.flatnonzero(is_near)
        return places, differ[places]


def _bits(words: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each word its length, its letters as bits, and its pairs of letters as bits; Nordic letters folded."""
    codes = np.array([word.translate(FOLDS) for word in words], dtype=f"U{_LONGEST}").view(np.uint32)
    codes = codes.reshape(len(words), _LONGEST).astype(np.uint64)
    is_letter = codes > 0
    one = np.uint64(1)
    letters = np.where(is_letter, one << (codes % np.uint64(64)), np.uint64(0))
    pair_codes = (codes[:, :-1] * np.uint64(31) + codes[:, 1:] * np.uint64(7)) % np.uint64(61)
    pairs = np.where(is_letter[:, 1:], one << pair_codes, np.uint64(0))
    return is_letter.sum(axis=1), np.bitwise_or.reduce(letters, axis=1), np.bitwise_or.reduce(pairs, axis=1)


def distance(wrong: str, right: str, limit: float = math.inf) -> float:
    """What it costs to turn one word into the other; infinite as soon as it is more than `limit`."""
    rows: list[list[float]] = [[], [float(place) for place in range(len(right) + 1)]]
    for i, letter in enumerate(wrong, start=1):
        before, previous = rows
        row = [float(i)]
        for j, other in enumerate(right, start=1):
            cost = min(
                previous[j - 1] + _substitution(letter, other),
                previous[j] + (_DOUBLED if i > 1 and wrong[i - 2] == letter else _TOO_MANY_OR_FEW),
                row[j - 1] + (_DOUBLED if j > 1 and right[j - 2] == other else _TOO_MANY_OR_FEW),
            )
            if i > 1 and j > 1 and letter == right[j - 2] and other == wrong[i - 2] and letter != other:
                cost = min(cost, before[j - 2] + _SWAPPED)
            row.append(cost)
        # A swap reaches over a row.
        if min(row) > limit and min(previous) + _SWAPPED > limit:
            return math.inf
        rows = [previous, row]
    begins_otherwise = wrong[:1].translate(FOLDS) != right[:1].translate(FOLDS)
    return rows[1][-1] + (_OTHER_BEGINNING if begins_otherwise else 0.0)


@lru_cache(maxsize=2048)
def _substitution(letter: str, other: str) -> float:
    if letter == other:
        return 0.0
    if letter.translate(FOLDS) == other.translate(FOLDS):
        return _FOLDED
    return _NEXT_KEY if any(letter + other in row or other + letter in row for row in _KEYS) else _FAR_KEY


def _limit(word: str) -> float:
    return next((limit for length, limit in _LIMITS if len(word) >= length), 0.0)
