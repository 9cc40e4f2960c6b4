"""BM25 over weighted terms (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework").

Terms of several fields are added up with their weights before saturation, as in BM25F (ibid., section 3.6), so
that a word in the title counts more without counting twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from deflection.matching.reading import Ids, Weights, term_number
from deflection.matching.sparse import Arrays, Columns, Postings, inside, matrix, named

K1 = 1.2
B = 0.6


class Bm25:
    """Scores texts, given as bags of weighted terms, against a question, as shares of the best score there can be."""

    def __init__(self, columns: Columns, postings: Postings) -> None:
        self.columns = columns
        self.postings = postings

    @classmethod
    def of(cls, bags: Sequence[Mapping[str, float]]) -> Bm25:
        lengths = np.array([sum(bag.values()) for bag in bags], dtype=np.float32)
        average = float(lengths.mean()) if len(bags) else 1.0
        norms = K1 * (1 - B + B * lengths / (average or 1.0))
        numbered = [_numbered(bag) for bag in bags]
        columns = Columns.of(numbered)
        columns.idf = _idf(numbered, columns)
        rows = []
        for (ids, weights), norm in zip(numbered, norms, strict=True):
            places, _ = columns.place(ids)
            rows.append((places, (columns.idf[places] * weights * (K1 + 1) / (weights + norm)).astype(np.float32)))
        return cls(columns, Postings.of(matrix(rows, len(columns.numbers))))

    def scores(self, ids: Ids, weights: Weights) -> tuple[Weights, float]:
        """A score for each text, 0 to about 2.2 (K1 + 1), and the share of the question's weight that is known.

        The score is divided by the sum of the idf of the question's terms, unknown ones as the rarest of all.
        """
        places, known = self.columns.place(ids)
        rarest = float(np.log1p(self.postings.size + 0.5) / 1.0)
        weight_known = float(weights[known] @ self.columns.idf[places]) if len(places) else 0.0
        ideal = weight_known + rarest * float(weights[~known].sum())
        scores = self.postings.scores(places, weights[known])
        return (scores / ideal if ideal else scores), (weight_known / ideal if ideal else 0.0)

    def arrays(self) -> Arrays:
        return named("columns", self.columns.arrays()) | named("postings", self.postings.arrays())

    @classmethod
    def load(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Bm25:
        return cls(Columns.load(inside(arrays, "columns")), Postings.load(inside(arrays, "postings")))


def _numbered(bag: Mapping[str, float]) -> tuple[Ids, Weights]:
    added: dict[int, float] = {}
    for term, weight in bag.items():
        added[term_number(term)] = added.get(term_number(term), 0.0) + weight
    ids = np.array(sorted(added), dtype=np.int32)
    return ids, np.array([added[int(one)] for one in ids], dtype=np.float32)


def _idf(rows: Sequence[tuple[Ids, Weights]], columns: Columns) -> Weights:
    counts = np.zeros(len(columns.numbers))
    for ids, _ in rows:
        counts[columns.place(ids)[0]] += 1
    return np.log1p((len(rows) - counts + 0.5) / (counts + 0.5)).astype(np.float32)
