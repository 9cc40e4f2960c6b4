"""What words a compound is made of: "fakturaadress" is "faktura" and "adress".

A split is as good as its weakest part, after Koehn and Knight, Empirical Methods for Compound Splitting (EACL 2003),
who take the mean; the weakest keeps rare endings from riding on a common first part. A part is the better the more
common it is in everyday text or in the texts of the site, and the longer; each further part costs something, and so
does splitting a word that is common as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from knowledge.search import frequencies, lemmas, stems, vocabulary
from knowledge.search.languages import LANGUAGES, Language

_SHORTEST_COMPOUND, _LONGEST_COMPOUND = 5, 40
_SHORTEST_SURFACE, _SHORTEST_PART = 2, 3
# On the scale of frequencies (Zipf), set on a list of words that is not the one of the tests.
_WEAKEST = 2.35
_SHORTNESS = {3: 1.3, 4: 0.3}
_FURTHER_PART = 1.3
_SHARED_LETTER = 0.8
_COMMON_WHOLE, _COMMON_WHOLE_COSTS = 3.5, 0.8
# A form that everyday text has not, of a word that it has.
_OTHER_FORM = 0.5
_SHORT_PART = 3.8
# A word that a site uses is a word, though everyday text may hardly know it.
_SITE_WORD, _SITE_WORD_MOST, _SITE_WORD_SHORTEST = 2.6, 4.5, 4


@dataclass(frozen=True, slots=True)
class Part:
    """A part as it stands in the compound ("beställnings") and as the word that it is ("beställning")."""

    surface: str
    word: str


@dataclass(frozen=True, slots=True)
class _Split:
    weakest: float
    parts: tuple[Part, ...]


_NO_SPLIT = _Split(-math.inf, ())


def split(word: str, language: str, *, with_site: bool = True) -> tuple[Part, ...]:
    """The parts of a compound (lower case), in order; empty for any other word.

    Without the site's own words (`with_site`) the answer never changes.
    """
    known = LANGUAGES.get(language)
    if known is None or not known.links or not _SHORTEST_COMPOUND <= len(word) <= _LONGEST_COMPOUND:
        return ()
    if not word.isalpha():
        return ()
    found = _Splitter(known, vocabulary.known(language) if with_site else {}).best(word)
    common = max(frequencies.zipf(word, language), frequencies.zipf_of_any_form(word, language))
    needed = _WEAKEST + _COMMON_WHOLE_COSTS * max(common - _COMMON_WHOLE, 0.0)
    return found.parts if found.weakest >= needed else ()


class _Splitter:
    """The search for the best split of one word: best readings of its pieces, each found once."""

    def __init__(self, language: Language, site: Mapping[str, int]) -> None:
        self._language = language
        self._site = site
        self._found: dict[tuple[str, bool], _Split] = {}

    def best(self, word: str) -> _Split:
        code = self._language.code
        lemma = lemmas.stem_of_lemma(word, code)
        stem = lemma if lemma and word.startswith(lemma) else stems.stem(word, code)
        self._length, self._length_of_stem = len(word), len(stem)
        self._is_a_form = stem == lemma or frequencies.zipf_of_any_form(word, code) > frequencies.zipf(word, code)
        return self._in_two(word, is_last=True)

    def _piece(self, surface: str, *, is_last: bool) -> _Split:
        """The best way to read a piece of the word: as one part, or, if that is better, as several."""
        key = (surface, is_last)
        if key not in self._found:
            strength, part = self._last(surface) if is_last else self._first(surface)
            several = self._in_two(surface, is_last=is_last) if len(surface) >= 2 * _SHORTEST_PART else _NO_SPLIT
            is_one = strength >= several.weakest - _FURTHER_PART
            self._found[key] = (
                _Split(strength, (part,)) if is_one else _Split(several.weakest - _FURTHER_PART, several.parts)
            )
        return self._found[key]

    def _in_two(self, surface: str, *, is_last: bool) -> _Split:
        best = _NO_SPLIT
        for place in range(_SHORTEST_SURFACE, len(surface) - _SHORTEST_PART + 1):
            head = self._piece(surface[:place], is_last=False)
            if head.weakest < _WEAKEST:
                continue
            for tail, cost in self._tails(surface, place, is_last):
                weakest = min(head.weakest, tail.weakest) - cost
                if weakest > best.weakest:
                    best = _Split(weakest, head.parts + tail.parts)
        return best

    def _tails(self, surface: str, place: int, is_last: bool) -> Iterator[tuple[_Split, float]]:
        """The ways to read what follows a first part, with what each costs."""
        yield self._piece(surface[place:], is_last=is_last), 0.0
        # Of three equal consonants one is left out: "pass" and "søknad" make "passøknad".
        if surface[place - 1] == surface[place - 2] and surface[place] != surface[place - 1]:
            yield self._piece(surface[place - 1 :], is_last=is_last), _SHARED_LETTER

    def _first(self, surface: str) -> tuple[float, Part]:
        """How good a part that others follow is, and the word that it is."""
        language = self._language
        if surface in language.never_first:
            return -math.inf, Part(surface, surface)
        if surface in language.short_parts:
            return _SHORT_PART, Part(surface, language.short_parts[surface])
        best, word = self._strength(surface), surface
        for ending, alone, cost in language.links:
            if len(surface) >= _SHORTEST_PART and surface.endswith(ending):
                base = surface.removesuffix(ending) + alone
                strength = self._strength(base) - cost
                if strength > best and base not in language.never_first:
                    best, word = strength, base
        return best, Part(surface, word)

    def _last(self, surface: str) -> tuple[float, Part]:
        # "kontoret" is a form of "kontor", and not "konto" and "ret".
        is_ending = self._is_a_form and self._length - len(surface) + _SHORTEST_PART > self._length_of_stem
        part = Part(surface, surface)
        if is_ending or surface in self._language.never_last:
            return -math.inf, part
        return self._strength(surface, self._zipf_of_other_form(surface) - _OTHER_FORM), part

    def _zipf_of_other_form(self, surface: str) -> float:
        """Where the dictionary knows the word better than the stemmer does, its stem counts too: that takes "etiket"
        for a form of "etik", and everyday text has only "etiketten" and "etiketter"."""
        code = self._language.code
        lemma = lemmas.stem_of_lemma(surface, code)
        by_dictionary = frequencies.zipf_of_stem(lemma, code) if lemma else 0.0
        return max(frequencies.zipf_of_any_form(surface, code), by_dictionary)

    def _strength(self, word: str, at_least: float = 0.0) -> float:
        if len(word) < _SHORTEST_PART or word in self._language.stop_words:
            return -math.inf
        common = max(frequencies.zipf(word, self._language.code), at_least)
        count = self._site.get(word, 0)
        if count > 1 and len(word) >= _SITE_WORD_SHORTEST:
            common = max(common, min(_SITE_WORD + math.log10(count), _SITE_WORD_MOST))
        if common <= 0:
            return -math.inf
        return common - _SHORTNESS.get(len(word), 0.0)
