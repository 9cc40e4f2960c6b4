"""What a customer may mean by the words of a query, in one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.search import analysis
from knowledge.search.highlight import Wanted
from knowledge.search.languages import LANGUAGES
from knowledge.search.ranking import Alternative, Slot
from knowledge.search.synonyms import expansions

# What stands for a word is worth a little less than the word itself.
_PARTS_WORTH = 0.6
_SYNONYM_WORTH = 0.8
_MAX_WORDS = 24
_SHORTEST_PREFIX = 2


@dataclass(frozen=True)
class Interpretation:
    """A slot for each word that counts, what to mark in the texts, and the words as they were written."""

    slots: tuple[Slot, ...]
    wanted: Wanted


def interpret(query: str, language: str, *, is_typing: bool = False, is_apart: bool = False) -> Interpretation:
    """Reads a query (normalised); `is_typing` means that its last word may be unfinished.

    `is_apart` takes compounds for the words that they are made of, any of which may be missing.
    """
    words = analysis.words(query)[:_MAX_WORDS]
    prefix = words[-1] if is_typing and words else ""
    stop_words = LANGUAGES[language].stop_words if language in LANGUAGES else frozenset()
    finished = words[:-1] if prefix else words
    if prefix and finished and (prefix in stop_words or len(prefix) < _SHORTEST_PREFIX):
        prefix = ""
    counted = [word for word in finished if word not in stop_words]
    if prefix and prefix not in counted:
        counted.append(prefix)
    elif not counted and not prefix:
        # Made of stop words only ("how do I"): taken at its words.
        counted = finished
    by_term: dict[str, str] = {}
    for word in counted:
        for one in (analysis.parts_of(word, language) if is_apart else ()) or (word,):
            by_term.setdefault(analysis.term_of(word, language) if one == word else one, one)
    slots = _slots(by_term, language, prefix)
    terms = {term for slot in slots for alternative in slot.alternatives for term in alternative.terms}
    return Interpretation(slots, Wanted(frozenset(terms), prefix))


def _slots(by_term: dict[str, str], language: str, prefix: str) -> tuple[Slot, ...]:
    terms = list(by_term)
    ways: list[dict[tuple[str, ...], float]] = [{(term,): 1.0} for term in terms]
    for place, word in enumerate(by_term.values()):
        if parts := analysis.parts_of(word, language):
            ways[place].setdefault(parts, _PARTS_WORTH)
    _add_synonyms(ways, terms, language)
    return tuple(
        Slot(
            tuple(Alternative(way, worth) for way, worth in found.items()),
            prefix if by_term[term] == prefix else "",
        )
        for term, found in zip(terms, ways, strict=True)
    )


def _add_synonyms(ways: list[dict[tuple[str, ...], float]], terms: Sequence[str], language: str) -> None:
    """Each word of a phrase is satisfied by what the whole phrase may also be called."""
    for found in expansions(terms, language):
        for place in range(found.start, found.end):
            for other in found.alternatives:
                ways[place].setdefault(other, _SYNONYM_WORTH)
