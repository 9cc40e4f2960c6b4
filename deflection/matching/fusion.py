"""From several views of a question to one probability an article, and one that none of them answers.

A conditional logit (McFadden 1974): each article's features are added up with weights, beside them stands "none of
these", and the softmax over all is the probability. The weights are fitted on the site's own questions, held near
values that were found on many sites, so that a site with few phrasings is judged by those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

# Views of one article. Zero where a view does not exist (no phrasings, no encoder).
VIEWS = (
    "terms",
    "passage",
    "letters",
    "letters_passage",
    "asked",
    "meaning",
    "meaning_passage",
    "meaning_asked",
)
# What speaks for "none of these": always, and the share of the question that no article knows.
DOUBTS = ("always", "unknown")
CANDIDATES = 10


@dataclass(frozen=True)
class Sample:
    """A question with a known answer: a row of views for each candidate, and which one is right (None: none)."""

    views: Vector
    doubts: Vector
    answer: int | None
    weight: float = 1.0


@dataclass(frozen=True)
class Fusion:
    views: Vector
    doubts: Vector

    def scores(self, views: NDArray[np.floating]) -> Vector:
        """One score for each article (rows); comparable within one question."""
        return np.asarray(views @ self.views, dtype=np.float64)

    def lead(self, views: NDArray[np.floating], known: float) -> Vector:
        """How far each article's score is above that of "none of these"."""
        return self.scores(views) - float(doubts_of(known) @ self.doubts)


def probabilities(leads: Vector) -> Vector:
    """The probability that each of these, the best few candidates, answers: a softmax with none of them at zero."""
    top = max(float(leads.max()), 0.0)
    shares = np.exp(leads - top)
    return np.asarray(shares / (shares.sum() + np.exp(-top)))


def doubts_of(known: float) -> Vector:
    return np.array([1.0, 1.0 - known])


# How far each weight may lie from one site to another: a nearness between 0 and 1 needs a larger one than a logarithm.
_SPREAD = np.array([1.0, 1.0, 1.0, 3.0, 0.7, 4.0, 5.0, 1.0, 2.0, 1.0])


def fit(samples: Sequence[Sample], start: Fusion, strength: float = 4.0) -> Fusion:
    """The most likely weights given the samples and a normal distribution around `start`.

    `strength` is how many questions' worth of evidence holds a weight within its usual spread.
    """
    # Here, since web processes never fit: the import costs them 20 MB.
    from scipy.optimize import minimize

    if not samples:
        return start
    split = len(VIEWS)
    origin = np.concatenate([start.views, start.doubts])
    blocks = [_block(sample) for sample in samples]

    def loss(weights: Vector) -> tuple[float, Vector]:
        away = (weights - origin) / _SPREAD
        total = strength / 2 * float(away @ away)
        slope = strength * away / _SPREAD
        for block, right, share in blocks:
            scores = block @ weights
            scores -= scores.max()
            shares = np.exp(scores)
            shares /= shares.sum()
            total -= share * float(np.log(shares[right] + 1e-12))
            slope += share * (shares @ block - block[right])
        return total, slope

    # No view ever speaks against an article: a weight below nothing would be chance.
    bounds = [(0.0, None)] * split + [(None, None)] * len(DOUBTS)
    found = minimize(loss, origin, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 80}).x
    return Fusion(found[:split], found[split:])


def _block(sample: Sample) -> tuple[Vector, int, float]:
    """Rows of candidates with views, and a last row for none of these with doubts."""
    count = len(sample.views)
    block = np.zeros((count + 1, len(VIEWS) + len(DOUBTS)))
    block[:count, : len(VIEWS)] = sample.views
    block[count, len(VIEWS) :] = sample.doubts
    return block, count if sample.answer is None else sample.answer, sample.weight
