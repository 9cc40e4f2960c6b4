"""How common a word is in everyday text, on the Zipf scale: 3 is once in a million words, 6 once in a thousand.

The frequencies are those of the `wordfreq` package (Robyn Speer, Zenodo 2022, https://doi.org/10.5281/zenodo.7199437).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version

import marisa_trie

from knowledge.search import lemmas, stems, word_files
from knowledge.search.languages import LANGUAGES

# To be raised when the figures here change: the file is made anew.
_RULES = 2
_RAREST = 2.0
# A word borrowed from a sister language is less certain: it counts as this much rarer.
_BORROWED = 0.3
# The lists have misspelt, foreign and broken words; one that the dictionary lacks is that much less likely a word.
_NOT_IN_DICTIONARY = 1.0
# A long dictionary form is a word, even where the lists do not have it.
_RARE, _RARE_SHORTEST = 2.5, 7
_STEP = 0.05
# Marks stems in the same file, where no word can be.
_STEM = "="
_SHORTEST_STEM = 5


def zipf(word: str, language: str) -> float:
    """Between 2 and 8; 0 for a word (lower case) that is rarer or unknown, or a language without frequencies."""
    known = LANGUAGES.get(language)
    if known is None or not known.word_lists:
        return 0.0
    found = _trie(language).get(word)
    return found[0][0] * _STEP if found else 0.0


def zipf_of_any_form(word: str, language: str) -> float:
    """The frequency of the most common word that has the same stem; 0 for none, and for stems too short to tell."""
    known = LANGUAGES.get(language)
    if known is None or not known.word_lists:
        return 0.0
    return zipf_of_stem(stems.stem(word, language), language)


def zipf_of_stem(stem: str, language: str) -> float:
    """The frequency of the most common word that has this stem; 0 for none, and for stems too short to tell."""
    known = LANGUAGES.get(language)
    if known is None or not known.word_lists or len(stem) < _SHORTEST_STEM:
        return 0.0
    found = _trie(language).get(_STEM + stem)
    return found[0][0] * _STEP if found else 0.0


@lru_cache(maxsize=len(LANGUAGES))
def _trie(language: str) -> marisa_trie.BytesTrie:
    return word_files.load("frequencies", language, f"{_RULES}-{version('wordfreq')}-{version('simplemma')}")


def rows(language: str) -> Iterator[tuple[str, bytes]]:
    """Words and stems with their frequencies as a byte, for the file."""
    of_stem: dict[str, float] = {}
    for word, zipf in _weighed(language).items():
        if zipf >= _RAREST:
            yield word, bytes([round(zipf / _STEP)])
            stem = stems.stem(word, language)
            of_stem[stem] = max(zipf, of_stem.get(stem, 0.0))
    for stem, zipf in of_stem.items():
        yield _STEM + stem, bytes([round(zipf / _STEP)])


def _weighed(language: str) -> dict[str, float]:
    own, *sisters = LANGUAGES[language].word_lists
    dictionary = lemmas.dictionary(language)
    found = dict(_words(own))
    rarest = min(found.values())
    for word in found:
        if word not in dictionary:
            found[word] -= _NOT_IN_DICTIONARY
    for sister in sisters:
        for word, zipf in _words(sister):
            if word not in found and word in dictionary:
                found[word] = min(zipf - _BORROWED, rarest)
    for word in set(dictionary.values()):
        if len(word) >= _RARE_SHORTEST and word.isalpha() and word.islower():
            found[word] = max(found.get(word, 0.0), _RARE)
    return found


def _words(word_list: str) -> Iterator[tuple[str, float]]:
    """Words with their Zipf frequencies, the most common first."""
    import wordfreq  # Here, since it takes 20 MB, and only while the file is made.

    # The place in the list is the frequency in centibels: 10 ** (-place / 100) of all words.
    for place, words in enumerate(wordfreq.get_frequency_list(word_list)):
        zipf = 9 - place / 100
        if zipf < _RAREST:
            break
        for word in words:
            if word.isalpha():
                yield word, zipf
