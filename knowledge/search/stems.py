"""Snowball's stemmers, one of each language for each thread."""

from __future__ import annotations

import threading

import Stemmer

from knowledge.search.languages import LANGUAGES

_local = threading.local()


def stem(word: str, language: str) -> str:
    """The word (lower case) without its endings; by the English rules in a language that is not ours."""
    return str(_stemmer(language).stemWord(word))


def _stemmer(language: str) -> Stemmer.Stemmer:
    # A Stemmer keeps state while it works, so threads must not share one.
    stemmers: dict[str, Stemmer.Stemmer] = _local.__dict__.setdefault("stemmers", {})
    if language not in stemmers:
        known = LANGUAGES.get(language)
        stemmers[language] = Stemmer.Stemmer(known.stemmer if known else "porter")
    return stemmers[language]
