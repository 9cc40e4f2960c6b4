"""From text to terms: one understanding of each language, used by the index, the queries and the matcher."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import Stemmer

from knowledge.search.languages import LANGUAGES

MAX_QUERY_CHARACTERS = 200
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_FOLDS = str.maketrans({"å": "a", "ä": "a", "æ": "a", "ö": "o", "ø": "o", "é": "e", "è": "e", "ü": "u"})
_local = threading.local()


@dataclass(frozen=True)
class Token:
    """A word where it stands in a text (`start` and `end` in characters) and the term that it is indexed as."""

    word: str
    term: str
    start: int
    end: int


def clean(text: str) -> str:
    """Composed Unicode without control characters: what a person meant to write."""
    text = unicodedata.normalize("NFC", text)
    return "".join(ch for ch in text if ch in "\n\t" or unicodedata.category(ch)[0] != "C")


def normalise_query(text: str) -> str:
    """A search as it is compared and counted: cleaned, lower case, single spaces, at most 200 characters."""
    return " ".join(clean(text).casefold().split())[:MAX_QUERY_CHARACTERS].strip()


def fold(word: str) -> str:
    """The word as somebody without Nordic letters on the keyboard would write it."""
    return word.translate(_FOLDS)


def _stemmer(language: str) -> Stemmer.Stemmer:
    # A Stemmer keeps state while it works, so threads must not share one.
    stemmers: dict[str, Stemmer.Stemmer] = _local.__dict__.setdefault("stemmers", {})
    if language not in stemmers:
        known = LANGUAGES.get(language)
        stemmers[language] = Stemmer.Stemmer(known.stemmer if known else "porter")
    return stemmers[language]


def stem(word: str, language: str) -> str:
    return str(_stemmer(language).stemWord(word))


def tokens(text: str, language: str) -> Iterator[Token]:
    """Every word of a text with its term, stop words left out."""
    known = LANGUAGES.get(language)
    stop_words = known.stop_words if known else frozenset()
    for match in _WORD.finditer(text):
        word = match.group().casefold()
        if word not in stop_words:
            yield Token(word, stem(word, language), match.start(), match.end())


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


@lru_cache(maxsize=4096)
def query_terms(text: str, language: str) -> tuple[str, ...]:
    """The terms of a short query. One made of stop words only ("how do I") is taken at its words."""
    found = dict.fromkeys(terms(text, language))
    return tuple(found) or tuple(dict.fromkeys(stem(word, language) for word in words(text)))
