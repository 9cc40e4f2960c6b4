"""Questions for which customers turned an article down: for others like them it counts for less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from deflection.matching.corpus import Document
from deflection.matching.reading import Reading, Row, Weights, letter_features
from deflection.matching.sparse import Arrays, inside, named
from deflection.matching.views import LetterIndex

# How alike (cosine of runs of letters) a question must be, and what a perfect likeness takes off an article's score:
# it was turned down by somebody, which says less than a question that it was found to answer.
_ALIKE_FROM = 0.5
_MOST_PENALTY = 3.0


class RejectedTexts:
    def __init__(self, owners: NDArray[np.int64], index: LetterIndex | None) -> None:
        self.owners, self.index = owners, index

    @classmethod
    def of(cls, documents: Sequence[Document], read: Mapping[str, Reading]) -> RejectedTexts:
        pairs = [(place, text) for place, document in enumerate(documents) for text in document.rejections]
        if not pairs:
            return cls(np.empty(0, np.int64), None)
        rows = [letter_features(read[text].words) for _, text in pairs]
        return cls(np.array([place for place, _ in pairs], dtype=np.int64), LetterIndex.of(rows))

    def penalties(self, letters: Row, count: int) -> Weights:
        """What to take off each text's score."""
        taken = np.zeros(count, np.float32)
        if self.index is not None:
            alike = np.maximum(self.index.scores(letters) - _ALIKE_FROM, 0.0) / (1.0 - _ALIKE_FROM)
            np.maximum.at(taken, self.owners, (alike * _MOST_PENALTY).astype(np.float32))
        return taken

    def arrays(self) -> Arrays:
        return {} if self.index is None else {"owners": self.owners} | named("index", self.index.arrays())

    @classmethod
    def load(cls, arrays: Mapping[str, NDArray[np.generic]]) -> RejectedTexts:
        if "owners" not in arrays:
            return cls(np.empty(0, np.int64), None)
        return cls(arrays["owners"], LetterIndex.load(inside(arrays, "index")))  # type: ignore[arg-type]
