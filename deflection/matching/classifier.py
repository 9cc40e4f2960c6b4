"""Which article a question belongs to, learned from how the articles are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from deflection.matching.reading import Reading, Weights, letter_features, run_features, word_features
from deflection.matching.sparse import Arrays, Columns, Row, inside, matrix, named

Matrix = NDArray[np.float32]
Labels = NDArray[np.int64]

# Strength of the fit (the inverse of the L2 penalty) and its steps: enough for features of length one.
_C = 10.0
_STEPS = 60
# A softmax regression of more weights than this takes minutes and hundreds of megabytes.
_MOST_WEIGHTS = 24_000_000
# And one of more classes than this takes too long for any number of features.
_MOST_CLASSES = 600
_REDUCED_TO = 384
_SHRINKAGE = 2.0

Linear = tuple[Matrix, NDArray[np.float32]]


class AskedClassifier:
    """Over words, runs of words and runs of letters of titles and phrasings."""

    # What each kind of feature weighs: each is a vector of length one before.
    KINDS = {"words": 1.0, "runs": 0.6, "letters": 1.0}

    def __init__(self, columns: Mapping[str, Columns], linear: Linear, projection: Matrix | None) -> None:
        self.columns = columns
        self.weights, self.bias = linear
        self.projection = projection

    @classmethod
    def of(cls, units: Sequence[Reading], labels: Labels, classes: int) -> AskedClassifier:
        rows = {kind: [row[kind] for row in map(_rows, units)] for kind in cls.KINDS}
        columns = {kind: Columns.of(rows[kind]) for kind in cls.KINDS}
        model = cls(columns, (np.zeros((0, 0), np.float32), np.zeros(0, np.float32)), None)
        width = sum(len(one.numbers) for one in columns.values())
        seen = matrix([model._weigh(unit) for unit in units], width)
        if width * classes > _MOST_WEIGHTS or classes > _MOST_CLASSES:
            model.projection = _projection(seen)
            model.weights, model.bias = discriminant(seen @ model.projection, labels, classes)
        else:
            model.weights, model.bias = softmax_regression(seen, labels, classes)
        return model

    def _weigh(self, reading: Reading) -> tuple[NDArray[np.intp], Weights]:
        found = _rows(reading)
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
        places, values = self._weigh(reading)
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
    return (scores - top - np.log(np.exp(scores - top).sum())).astype(np.float32)


def softmax_regression(seen: sp.csr_matrix | Matrix, labels: Labels, classes: int) -> Linear:
    """Multinomial logistic regression; a class that no row has gets no chance."""
    # Training happens in the worker and in commands: web processes never pay for this import.
    from sklearn.linear_model import LogisticRegression

    present = np.unique(labels)
    weights = np.zeros((seen.shape[1], classes), np.float32)
    bias = np.full(classes, -30.0, np.float32)
    if len(present) == 1:
        bias[present] = 0.0
        return weights, bias
    fitted = LogisticRegression(C=_C, max_iter=_STEPS, tol=1e-3).fit(seen, labels)
    coefficients, intercepts = fitted.coef_.T, fitted.intercept_
    if len(present) == 2:
        # Of two classes scikit-learn keeps one row: the log-odds of the second.
        coefficients, intercepts = np.hstack([-coefficients, coefficients]) / 2, np.array([-1.0, 1.0]) * intercepts / 2
    weights[:, present] = coefficients
    bias[present] = intercepts
    return weights, bias


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
    missing = np.setdiff1d(np.arange(classes), labels)
    bias[missing] = -30.0
    return weights.astype(np.float32), bias.astype(np.float32)


def _projection(seen: sp.csr_matrix) -> Matrix:
    """The directions in which the texts differ most (latent semantic analysis, Deerwester et al. 1990)."""
    from sklearn.utils.extmath import randomized_svd

    size = min(_REDUCED_TO, min(seen.shape) - 1)
    _, _, directions = randomized_svd(seen, size, n_iter=2, random_state=0)
    return np.ascontiguousarray(directions.T.astype(np.float16))
