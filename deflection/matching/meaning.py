"""What texts mean: nearness of sentence vectors, and a classifier over them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from deflection.matching.classifier import discriminant, log_softmax, softmax_regression
from deflection.matching.reading import Weights
from deflection.matching.sparse import Arrays, Grouped, best_of_owner

Vectors = NDArray[np.float32]
# Texts and their kind ("question" or "passage") to vectors of length one.
Encode = Callable[[Sequence[str], str], Vectors]

_LARGEST_REGRESSION = 600
# A few texts do not show where their common centre is: so many others help, and no longer matter among hundreds.
_OTHERS_COUNT, _FEW_TEXTS = 5.0, 100
_ROWS_AT_ONCE = 512


class Meaning:
    """Sentence vectors of titles, phrasings and passages, and a classifier over the first two."""

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        self._arrays = dict(arrays)
        self.units, self.passages = arrays["units"], arrays["passages"]
        self.unit_starts, self.passage_starts = arrays["unit_starts"], arrays["passage_starts"]
        self.weights, self.bias = arrays.get("weights"), arrays.get("bias")

    @classmethod
    def of(
        cls, units: Grouped, passages: Grouped, encode: Encode, others: Sequence[str], *, with_classifier: bool
    ) -> Meaning:
        """`units`: title and phrasings of each text, the title first; `passages`: its pieces, or its title alone.

        `others` are texts of all kinds in the same language.
        """
        seen = _from_their_middle(units.texts, others, "question", encode)
        told = _from_their_middle(passages.texts, others, "passage", encode)
        # A title alone is no text to be read but a question in short: as one it is nearer to how customers ask.
        titles = [units.texts[start] for start in units.starts]
        alone = [place for place, owner in enumerate(passages.owners) if passages.texts[place] == titles[owner]]
        told[alone] = seen[units.starts[passages.owners[alone]]]
        arrays: Arrays = {
            "units": seen.astype(np.float16),
            "passages": told.astype(np.float16),
            "unit_starts": units.starts,
            "passage_starts": passages.starts,
        }
        if with_classifier:
            train = softmax_regression if units.count <= _LARGEST_REGRESSION else discriminant
            arrays["weights"], arrays["bias"] = train(seen, units.owners, units.count)
        return cls(arrays)

    def views(self, asked: Vectors) -> tuple[Weights, Weights, Weights | None]:
        """Nearness to the nearest title or phrasing, to the nearest passage, and the classifier's log-probabilities."""
        near = best_of_owner(_nearness(self.units, asked), self.unit_starts)  # type: ignore[arg-type]
        passage = best_of_owner(_nearness(self.passages, asked), self.passage_starts)  # type: ignore[arg-type]
        if self.weights is None or self.bias is None:
            return near, passage, None
        return near, passage, log_softmax(asked @ self.weights + self.bias)  # type: ignore[operator]

    def arrays(self) -> Arrays:
        return self._arrays


def _nearness(rows: NDArray[np.generic], asked: Vectors) -> Weights:
    """The product of each row with a vector. In parts: numbers of 16 bits are made longer before they are multiplied,
    and all at once they would take more memory than everything else, and leave the processor's cache."""
    found = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        found[part] = rows[part].astype(np.float32) @ asked
    return found


def _from_their_middle(texts: Sequence[str], others: Sequence[str], kind: str, encode: Encode) -> Vectors:
    """One text alone would be its own centre, and alike to nothing."""
    vectors = encode(texts, kind)
    if len(texts) >= _FEW_TEXTS or not others:
        return centred(vectors)
    middle = encode(others, kind).mean(axis=0)
    return centred(vectors, (vectors.sum(axis=0) + _OTHERS_COUNT * middle) / (len(texts) + _OTHERS_COUNT))


def centred(vectors: Vectors, centre: Vectors | None = None) -> Vectors:
    """Vectors seen from their common centre, of length one.

    Sentence vectors lie in a narrow cone: without this even unrelated texts are 0.8 alike.
    """
    moved = vectors - (vectors.mean(axis=0) if centre is None else centre)
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9), dtype=np.float32)


class QuestionCentre:
    """Where the questions of one site and language lie: learned from examples, then from what is really asked.

    Questions and articles are different kinds of text, and every site's customers ask about its own few things:
    seen from the right centre the nearest article is right more often (docs/benchmarks.md). No label is needed.
    """

    # Examples count as at most so many questions, and what was asked long ago fades out.
    _EXAMPLES_COUNT, _MEMORY = 30.0, 2000.0
    # A text that grows while it is written, or the same one sent again and again, is one question.
    _RECENT, _SAME = 64, 0.95

    def __init__(self, mean: Vectors, count: float) -> None:
        self.mean, self.count = mean, count
        self._recent: deque[Vectors] = deque(maxlen=self._RECENT)

    @classmethod
    def of(cls, examples: Vectors, count: float = _EXAMPLES_COUNT) -> QuestionCentre:
        return cls(examples.mean(axis=0), count)

    def see(self, vector: Vectors) -> Vectors:
        """The question seen from the centre; the centre then moves a little towards it, if it is a new one."""
        seen: Vectors = centred(vector[None, :], self.mean)[0]
        is_known = any(float(vector @ other) > self._SAME for other in list(self._recent))
        self._recent.append(vector)
        if is_known:
            return seen
        # Replaced, never changed in place: another thread may be reading it.
        self.mean = self.mean + (vector - self.mean) / (self.count + 1)
        self.count = min(self.count + 1, self._MEMORY)
        return seen
