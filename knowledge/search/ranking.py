"""Which texts of a language hold the words of a query, and how well: BM25F over the postings of a snapshot.

Source: Robertson, Zaragoza, Taylor, "Simple BM25 extension to multiple weighted fields" (CIKM 2004): the weighted
frequencies of a term in the parts of a text are added up first and saturate together. Each part is first divided by
its own length, as in Zaragoza et al., "Microsoft Cambridge at TREC-13" (2004).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.search import analysis, schema
from knowledge.search.segments import IndexUnavailable, Postings
from knowledge.search.snapshot import Snapshot, Values, latest
from knowledge.search.storage import IndexStore
from knowledge.search.tuning import Weights

# How fast more of the same word stops counting, and how much the length of a part matters (title, phrasings,
# headings, summary, body). Little depends on them: between K1 = 1.2 and 5, and B = 0.3 and 0.75, the mean reciprocal
# rank on SweFAQ, GNOME da, NorQuAD and shuffled English titles moves by 0.02 at most.
K1 = 2.0
B = np.array([0.5, 0.3, 0.5, 0.5, 0.75], np.float32)

# What a match is worth by its kind, next to the word itself.
_WORTH = {schema.EXACT: 1.0, schema.INSIDE: 0.4, schema.FOLDED: 0.3, schema.PREFIX: 0.6}
_BEGINS_IN_BODY = 0.3
_WORDS_FOR_A_BEGINNING = 8
_SHORTEST_BEGINNING = 3
_LONGEST_PREFIX = 15

# A text that holds fewer of the query's words than this is not what was asked for.
MIN_SHARE_OF_WORDS = 0.5


@dataclass(frozen=True)
class Alternative:
    """Terms that, all together, stand for a word of the query; `worth` next to the word itself."""

    terms: tuple[str, ...]
    worth: float = 1.0


@dataclass(frozen=True)
class Slot:
    """One word of a query: each of the alternatives will do. `prefix` is set for a word not yet finished."""

    alternatives: tuple[Alternative, ...]
    prefix: str = ""


@dataclass(frozen=True)
class Ranked:
    """Texts (by their position in the snapshot) and their scores, best first."""

    texts: npt.NDArray[np.intp]
    scores: Values
    is_all: bool
    """Whether these texts hold all words of the query, or only most of them."""
    unknown: tuple[int, ...] = ()
    """The places of words that no text of the language holds."""


def open_snapshot(store: IndexStore) -> Snapshot:
    """The index as it is now. Raises IndexUnavailable when it is missing or damaged."""
    path = store.current()
    if path is None:
        raise IndexUnavailable(store.why_unusable())
    return latest.get(path)


def rank(snapshot: Snapshot, slots: Sequence[Slot], language: str, readers: str, weights: Weights) -> Ranked:
    """The texts in `language` that `readers` of a language get: those with all words, else those with most.

    Raises IndexUnavailable when the index turns out to be damaged.
    """
    scores = np.zeros(snapshot.size, np.float32)
    words = np.zeros(snapshot.size, np.uint8)
    unknown = []
    number = snapshot.extent(language).count
    audience = snapshot.audience(readers).texts
    by_part = np.array(weights, np.float32)
    for place, slot in enumerate(slots):
        strength = _strength(snapshot, slot, language, by_part)
        holders = np.flatnonzero((strength > 0) & audience)
        if not len(holders):
            unknown.append(place)
            continue
        held = strength[holders]
        scores[holders] += _rarity(len(holders), number) * held / (K1 + held)
        words[holders] += 1
    found = np.flatnonzero(words == len(slots)) if slots else np.empty(0, np.intp)
    is_all = len(found) > 0
    if not is_all:
        found = np.flatnonzero(words >= max(1.0, MIN_SHARE_OF_WORDS * len(slots)))
    best = found[np.argsort(-scores[found], kind="stable")]
    return Ranked(best, scores[best], is_all, tuple(unknown))


def _rarity(holders: int, number: int) -> float:
    """The inverse document frequency, never negative (Lucene's form)."""
    return math.log(1.0 + max(0.0, number - holders + 0.5) / (holders + 0.5))


def _strength(snapshot: Snapshot, slot: Slot, language: str, weights: Values) -> Values:
    """How much of a word each text holds, by its best alternative; all texts of the snapshot, mostly zeros."""
    best = np.zeros(snapshot.size, np.float32)
    for alternative in slot.alternatives:
        together = _frequency(snapshot, alternative.terms[0], language, weights)
        for term in alternative.terms[1:]:
            np.minimum(together, _frequency(snapshot, term, language, weights), out=together)
        np.maximum(best, together * np.float32(alternative.worth), out=best)
    if slot.prefix:
        np.maximum(best, _beginning(snapshot, slot.prefix, language, weights), out=best)
        if not best.any():
            _add_words_beginning(best, snapshot, slot.prefix, language, weights)
    return best


def _frequency(snapshot: Snapshot, term: str, language: str, weights: Values) -> Values:
    """The weighted frequency of a term in all texts, its folded spelling and its compounds with it."""
    total = np.zeros(snapshot.size, np.float32)
    kinds = [schema.EXACT, schema.INSIDE]
    if analysis.fold(term) == term:
        kinds.append(schema.FOLDED)
    for kind in kinds:
        _add(total, snapshot, snapshot.postings(schema.field(kind, language), term), language, weights * _WORTH[kind])
    return total


def _beginning(snapshot: Snapshot, prefix: str, language: str, weights: Values) -> Values:
    total = np.zeros(snapshot.size, np.float32)
    postings = snapshot.postings(schema.field(schema.PREFIX, language), prefix[:_LONGEST_PREFIX])
    _add(total, snapshot, postings, language, weights * _WORTH[schema.PREFIX])
    return total


def _add_words_beginning(total: Values, snapshot: Snapshot, prefix: str, language: str, weights: Values) -> None:
    """For a beginning that no title has: the words in the texts that begin so."""
    # Half the vocabulary begins with two given letters.
    if len(prefix) < _SHORTEST_BEGINNING:
        return
    words = snapshot.words_beginning(prefix, language, _WORDS_FOR_A_BEGINNING)
    for term in dict.fromkeys(analysis.term_of(word, language) for word in words):
        postings = snapshot.postings(schema.field(schema.EXACT, language), term)
        _add(total, snapshot, postings, language, weights * _BEGINS_IN_BODY)


def _add(total: Values, snapshot: Snapshot, postings: Postings, language: str, weights: Values) -> None:
    if len(postings.texts):
        lengths = 1.0 - B + B * snapshot.extent(language).lengths[postings.texts]
        total[postings.texts] += (postings.counts / lengths) @ weights
