"""Words that mean the same, as the administrators listed them, in the terms that texts and queries are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.models import Synonym
from knowledge.search import analysis

Terms = tuple[str, ...]


@dataclass(frozen=True)
class Expansion:
    """The terms from `start` up to `end` may also be said in one of these ways."""

    start: int
    end: int
    alternatives: tuple[Terms, ...]


class _Book:
    """All active synonyms of a language: from what is said to what else may be said."""

    def __init__(self, rows: Sequence[Synonym]) -> None:
        self._also: dict[Terms, dict[Terms, None]] = defaultdict(dict)
        # Each way of saying something as the editor wrote it.
        self.written: dict[Terms, str] = {}
        for row in rows:
            said = [_terms(entry, row.language) for entry in row.entries]
            meant = [_terms(entry, row.language) for entry in row.also] or said
            self.written |= dict(zip(meant, row.also or row.entries, strict=True))
            for one in filter(None, said):
                self._also[one].update((other, None) for other in meant if other and other != one)
        self._longest = max(map(len, self._also), default=0)

    def expansions(self, terms: Sequence[str]) -> list[Expansion]:
        places = (
            (start, end)
            for start in range(len(terms))
            for end in range(start + 1, min(len(terms), start + self._longest) + 1)
        )
        return [
            Expansion(start, end, tuple(others))
            for start, end in places
            if (others := self._also.get(tuple(terms[start:end])))
        ]


def _terms(entry: str, language: str) -> Terms:
    return tuple(analysis.terms(entry, language))


@dataclass(frozen=True)
class _Shelf:
    stamp: str
    books: dict[str, _Book]


_shelf = _Shelf("", {})


def _books() -> dict[str, _Book]:
    """The synonyms as this process read them last; read again when the stamp says that they changed."""
    # Replaced as a whole, so that no thread sees half of it.
    global _shelf
    stamp = Synonym.objects.stamp()
    if _shelf.stamp != stamp:
        rows: dict[str, list[Synonym]] = defaultdict(list)
        for row in Synonym.objects.active():
            rows[row.language].append(row)
        _shelf = _Shelf(stamp, {language: _Book(found) for language, found in rows.items()})
    return _shelf.books


def expansions(terms: Sequence[str], language: str) -> list[Expansion]:
    """Where in a row of terms something stands that has synonyms, and which."""
    book = _books().get(language)
    return book.expansions(terms) if book else []


def other_words(text: str, language: str) -> list[str]:
    """What a text may also be saying, as the editors wrote it; for whoever reads more than terms."""
    book = _books().get(language)
    if book is None:
        return []
    found = book.expansions(analysis.terms(text, language))
    return list(dict.fromkeys(book.written[way] for one in found for way in one.alternatives))
