"""BM25 over weighted terms, in memory (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework").

Terms of several fields are added up with their weights before saturation, as in BM25F (ibid., section 3.6), so
that a word in the title counts more without counting twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.6


class Bm25Index:
    """Scores documents, given as bags of weighted terms, against a query. Immutable once built."""

    def __init__(self, documents: Sequence[Mapping[str, float]]) -> None:
        self.size = len(documents)
        lengths = np.array([sum(document.values()) for document in documents], dtype=np.float32)
        average = float(lengths.mean()) if self.size else 1.0
        norms = K1 * (1 - B + B * lengths / (average or 1.0))
        rows: dict[str, list[tuple[int, float]]] = {}
        for place, document in enumerate(documents):
            for term, weight in document.items():
                rows.setdefault(term, []).append((place, weight))
        self._postings: dict[str, tuple[NDArray[np.int32], NDArray[np.float32]]] = {}
        for term, found in rows.items():
            places = np.array([place for place, _ in found], dtype=np.int32)
            weights = np.array([weight for _, weight in found], dtype=np.float32)
            saturated = weights * (K1 + 1) / (weights + norms[places])
            self._postings[term] = (places, (self.idf(len(found)) * saturated).astype(np.float32))

    def idf(self, document_frequency: int) -> float:
        n = document_frequency
        return float(np.log1p((self.size - n + 0.5) / (n + 0.5)))

    def weight_of(self, term: str) -> float:
        """How much a term tells: its idf; for a term that no document has, that of the rarest."""
        posting = self._postings.get(term)
        return self.idf(len(posting[0]) if posting else 0)

    def scores(self, terms: Iterable[str]) -> NDArray[np.float32]:
        """One score a document; a term that the query repeats counts a little more each time."""
        total = np.zeros(self.size, dtype=np.float32)
        for term, count in Counter(terms).items():
            if (posting := self._postings.get(term)) is not None:
                total[posting[0]] += posting[1] * (1 + np.log(count))
        return total
