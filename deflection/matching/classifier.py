"""Which article a question belongs to, learned from how the articles are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from deflection.matching.reading import Reading, Row, Weights, letter_features, run_features, word_features
from deflection.matching.sparse import Arrays, Columns, inside, matrix, named

Matrix = NDArray[np.float32]
Labels = NDArray[np.int64]

# How freely weights may grow (the inverse of the L2 penalty): of sparse features, of which each text has its own few,
# more freely than of dense ones, which all texts share. And the steps of a fit: enough for features of length one.
_SPARSE_FREEDOM, _DENSE_FREEDOM = 100.0, 10.0
_STEPS = 50
# Of so many texts every direction is used; of more only the strongest.
_EXACT_TEXTS, _MANY_DIRECTIONS = 2500, 1500
# A regression of more classes than this takes too long; a discriminant does it in one step.
_MOST_CLASSES = 600
_REDUCED_TO = 256
_SHRINKAGE = 2.0
# Among so many texts what occurs in one alone is chance.
_MANY_UNITS = 2000

Linear = tuple[Matrix, NDArray[np.float32]]


class AskedClassifier:
    """Over words, runs of words and runs of letters of titles and phrasings."""

    # What each kind of feature weighs: each is a vector of length one before.
    KINDS = {"words": 1.0, "runs": 1.0, "letters": 1.0}

    def __init__(self, columns: Mapping[str, Columns], linear: Linear, projection: Matrix | None) -> None:
        self.columns = columns
        self.weights, self.bias = linear
        self.projection = projection

    @classmethod
    def of(cls, units: Sequence[Reading], labels: Labels, classes: int) -> AskedClassifier:
        rows = [_rows(unit) for unit in units]
        fewest = 2 if len(units) > _MANY_UNITS else 1
        columns = {kind: Columns.of([row[kind] for row in rows], fewest) for kind in cls.KINDS}
        model = cls(columns, (np.zeros((0, 0), np.float32), np.zeros(0, np.float32)), None)
        width = sum(len(one.numbers) for one in columns.values())
        seen = matrix([model._weigh(row) for row in rows], width)
        if classes > _MOST_CLASSES:
            model.projection = _directions(seen, _REDUCED_TO).astype(np.float16)
            model.weights, model.bias = discriminant(seen @ model.projection, labels, classes)
        else:
            model.weights, model.bias = _regression_of_sparse(seen, labels, classes)
        return model

    def _weigh(self, found: Mapping[str, Row]) -> tuple[NDArray[np.intp], Weights]:
        places, values, offset = [], [], 0
        for kind, share in self.KINDS.items():
            columns = self.columns[kind]
            where, weights = columns.weigh(found[kind])
            places.append(where + offset)
            values.append(weights * np.float32(share))
            offset += len(columns.numbers)
        return np.concatenate(places), np.concatenate(values)

    def log_probabilities(self, reading: Reading) -> Weights:
        """For each article the log of its probability, given that one of them is meant."""
        places, values = self._weigh(_rows(reading))
        source = self.weights if self.projection is None else self.projection
        added = values @ np.asarray(source[places], dtype=np.float32)
        scores = added if self.projection is None else added @ self.weights
        return log_softmax(scores + self.bias)

    def arrays(self) -> Arrays:
        found: Arrays = {"weights": self.weights, "bias": self.bias}
        if self.projection is not None:
            found["projection"] = self.projection
        for kind, columns in self.columns.items():
            found |= named(kind, columns.arrays())
        return found

    @classmethod
    def load(cls, arrays: Mapping[str, NDArray[np.generic]]) -> AskedClassifier:
        columns = {kind: Columns.load(inside(arrays, kind)) for kind in cls.KINDS}
        linear = arrays["weights"], arrays["bias"]
        return cls(columns, linear, arrays.get("projection"))  # type: ignore[arg-type]


def _rows(reading: Reading) -> dict[str, Row]:
    return {
        "words": word_features(reading),
        "runs": run_features(reading.stems),
        "letters": letter_features(reading.words),
    }


def log_softmax(scores: Weights) -> Weights:
    top = scores.max()
    return np.asarray(scores - top - np.log(np.exp(scores - top).sum()), dtype=np.float32)


def _regression_of_sparse(seen: sp.csr_matrix, labels: Labels, classes: int) -> Linear:
    """A softmax regression over hundreds of thousands of features, fitted in the few directions that the texts span.

    With an L2 penalty the weights are a sum of the texts themselves (the representer theorem, Schoelkopf, Herbrich &
    Smola 2001), so nothing is lost by it; only of many texts the least of the directions are left out.
    """
    if len(labels) <= _EXACT_TEXTS:
        likeness = np.asarray((seen @ seen.T).todense(), dtype=np.float64)
        strengths, turned = np.linalg.eigh(likeness)
        kept = strengths > 1e-6 * strengths[-1]
        roots = np.sqrt(strengths[kept])
        directions = seen.T @ (turned[:, kept] / roots)
        reduced = turned[:, kept] * roots
    else:
        directions = _directions(seen, _MANY_DIRECTIONS)
        reduced = seen @ directions
    weights, bias = softmax_regression(np.asarray(reduced, dtype=np.float32), labels, classes, _SPARSE_FREEDOM)
    return np.asarray(directions @ weights, dtype=np.float32), bias


def softmax_regression(seen: Matrix, labels: Labels, classes: int, freedom: float = _DENSE_FREEDOM) -> Linear:
    """Multinomial logistic regression with an L2 penalty (Bishop 2006, section 4.3.4), fitted by L-BFGS.

    `freedom` is the inverse of the penalty. Every class must have a row.
    """
    from scipy.optimize import minimize

    width = seen.shape[1]
    rows = np.arange(len(labels))

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        both = flat.reshape(width + 1, classes)
        scores = seen @ both[:width].astype(np.float32) + both[width].astype(np.float32)
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        totals = shares.sum(axis=1, keepdims=True)
        shares /= totals
        missed = float((np.log(totals[:, 0]) - scores[rows, labels]).sum(dtype=np.float64))
        shares[rows, labels] -= 1.0
        slope = np.vstack([seen.T @ shares + both[:width] / freedom, shares.sum(axis=0)])
        return missed + float(np.square(both[:width]).sum()) / (2 * freedom), slope.ravel()

    start = np.zeros((width + 1) * classes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS, "maxcor": 6}).x
    both = found.reshape(width + 1, classes).astype(np.float32)
    return both[:width], both[width]


def discriminant(seen: Matrix, labels: Labels, classes: int) -> Linear:
    """Linear discriminant analysis with a shrunk common covariance (Hastie et al. 2009, section 4.3).

    Nearly as good as a regression for thousands of articles, in one step instead of many.
    """
    seen = np.asarray(seen, dtype=np.float32)
    width = seen.shape[1]
    counts = np.maximum(np.bincount(labels, minlength=classes), 1)[:, None]
    chosen = sp.csr_matrix((np.ones(len(labels), np.float32), (labels, np.arange(len(labels)))), (classes, len(labels)))
    means = np.asarray(chosen @ seen) / counts
    rest = seen - means[labels]
    spread = rest.T @ rest / len(labels)
    level = float(np.trace(spread)) / width or float(np.mean(seen**2)) or 1.0
    weights = np.linalg.solve(spread + _SHRINKAGE * level * np.eye(width, dtype=np.float32), means.T)
    bias = -0.5 * np.einsum("cd,dc->c", means, weights)
    return weights.astype(np.float32), bias.astype(np.float32)


def _directions(seen: sp.csr_matrix, most: int) -> Matrix:
    """The directions in which the texts differ most, one a column (latent semantic analysis, Deerwester et al. 1990).

    Found by projecting on random directions first (Halko, Martinsson & Tropp 2011, algorithm 4.4), one power step.
    """
    size = min(most, *seen.shape)
    chance = np.random.default_rng(0)
    sketch, _ = np.linalg.qr(seen @ chance.standard_normal((seen.shape[1], size), dtype=np.float32))
    turned, _ = np.linalg.qr(seen.T @ sketch)
    sketch, _ = np.linalg.qr(seen @ turned)
    # The singular vectors of a tall matrix, by the small matrix of its columns' products.
    tall = seen.T @ sketch
    strengths, mixed = np.linalg.eigh(tall.T @ tall)
    kept = strengths > 1e-9 * strengths[-1]
    return np.ascontiguousarray((tall @ mixed[:, kept] / np.sqrt(strengths[kept]))[:, ::-1], dtype=np.float32)
