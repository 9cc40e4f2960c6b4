"""From text to terms: one understanding of each language, used by the index, the queries and the matcher."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from knowledge.search import compounds, frequencies, lemmas, vocabulary
from knowledge.search.languages import FOLDS, LANGUAGES
from knowledge.search.stems import stem

MAX_QUERY_CHARACTERS = 200
_WORDS_KEPT = 32_768
_JOINERS = "\u200c\u200d"
_LAST_LATIN = "\u024f"
_WORD = re.compile(r"[^\W_]+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Token:
    """A word where it stands in a text (`start` and `end` in characters) and the term that it is indexed as.

    `parts` are the terms of the words that a compound is made of, empty for any other word.
    """

    word: str
    term: str
    start: int
    end: int
    parts: tuple[str, ...] = ()


def clean(text: str) -> str:
    """Composed Unicode without control characters: what a person meant to write."""
    text = unicodedata.normalize("NFC", text)
    return "".join(
        ch for at, ch in enumerate(text) if ch in "\n\t" or unicodedata.category(ch)[0] != "C" or _joins(text, at)
    )


def _joins(text: str, at: int) -> bool:
    """Whether a zero-width joiner or non-joiner does its work there: in an emoji of several, in Persian or Hindi.

    Between Latin letters it only hides a word from search and from rules.
    """
    return text[at] in _JOINERS and min(text[at - 1 : at], text[at + 1 : at + 2]) > _LAST_LATIN


def normalise_query(text: str) -> str:
    """A search as it is compared and counted: cleaned, lower case, single spaces, at most 200 characters."""
    return " ".join(clean(text).casefold().split())[:MAX_QUERY_CHARACTERS].strip()


def fold(word: str) -> str:
    """The word as somebody without Nordic letters on the keyboard would write it."""
    return word.translate(FOLDS)


def tokens(text: str, language: str, worth: Callable[[str], bool] | None = None) -> Iterator[Token]:
    """Every word of a text with its term, stop words left out; of those only the ones that are `worth` it, if given."""
    known = LANGUAGES.get(language)
    stop_words = known.stop_words if known else frozenset()
    version = vocabulary.version(language)
    for match in _WORD.finditer(text):
        word = match.group().casefold()
        if word not in stop_words and (worth is None or worth(word)):
            term, parts = _analysed(word, language, version)
            yield Token(word, term, match.start(), match.end(), parts)


def analysed(words: Iterable[str], language: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Term and parts of each word (lower case), stop words too; quicker than word by word."""
    version = vocabulary.version(language)
    return (_analysed(word, language, version) for word in words)


def is_stop_word(word: str, language: str) -> bool:
    known = LANGUAGES.get(language)
    return known is not None and word in known.stop_words


def term_of(word: str, language: str) -> str:
    """What a word (lower case) is indexed as: the stem of its dictionary form."""
    return _analysed(word, language, vocabulary.version(language))[0]


def parts_of(word: str, language: str) -> tuple[str, ...]:
    """The terms of the words that a compound (lower case) is made of; empty for any other word."""
    return _analysed(word, language, vocabulary.version(language))[1]


@lru_cache(maxsize=_WORDS_KEPT)
def _analysed(word: str, language: str, _version: int) -> tuple[str, tuple[str, ...]]:
    """Term and parts. `_version` of the site's words makes answers for older ones go unused."""
    parts = compounds.split(word, language)
    return _whole(word, language, bool(parts)), tuple(plain_term(part.word, language) for part in parts)


def plain_term(word: str, language: str) -> str:
    """The term of a word that is not looked at as a compound: quicker, and seldom another."""
    return lemmas.stem_of_lemma(word, language) or stem(word, language)


def _whole(word: str, language: str, is_compound: bool) -> str:
    """The term of a word; of a compound that the dictionary lacks, by the dictionary form of its last part.

    The site's own words have no say in this, or what is indexed today could not be found when they change.
    """
    found = lemmas.stem_of_lemma(word, language)
    if found is None and is_compound and (parts := compounds.split(word, language, with_site=False)):
        last = parts[-1].surface
        found_last = lemmas.stem_of_lemma(last, language)
        found = word.removesuffix(last) + found_last if found_last else None
    return found or stem(word, language)


def terms(text: str, language: str) -> list[str]:
    return [token.term for token in tokens(clean(text), language)]


def words(text: str) -> list[str]:
    """Every word, stop words too, lower case and not stemmed: what as-you-type prefixes are made of."""
    return [match.group().casefold() for match in _WORD.finditer(clean(text))]


def prefixes(text: str, shortest: int = 2, longest: int = 15) -> list[str]:
    """The beginnings of every word of a text, plain and folded, each once."""
    found: dict[str, None] = {}
    for word in words(text):
        for form in {word, fold(word)}:
            for length in range(shortest, min(len(form), longest) + 1):
                found[form[:length]] = None
    return list(found)


def prepare() -> None:
    """Makes the files of words that are missing (some seconds a language), so that no reader waits for them."""
    for language in LANGUAGES:
        lemmas.stem_of_lemma("", language)
        frequencies.zipf("", language)


@lru_cache(maxsize=4096)
def query_terms(text: str, language: str) -> tuple[str, ...]:
    """The terms of a short query. One made of stop words only ("how do I") is taken at its words."""
    found = dict.fromkeys(terms(text, language))
    return tuple(found) or tuple(dict.fromkeys(term_of(word, language) for word in words(text)))
