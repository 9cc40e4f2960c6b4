"""Which of a few labels a question deserves, learned from questions that people have labelled.

It says how sure it is, and from which probability on it was right often enough about questions that it had not seen:
below that it has nothing to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deflection.matching.classifier import AskedClassifier, Labels, log_softmax, softmax_regression
from deflection.matching.meaning import Vectors, centred
from deflection.matching.reading import Reading, Weights
from deflection.matching.sparse import Arrays, inside, named

FEWEST_EXAMPLES, FEWEST_OF_A_LABEL = 30, 5
# A guess is worth showing where so many of those as sure as it, or surer, were right ...
_RIGHT_ENOUGH = 0.75
# ... of at least so many; and a label that is more likely wrong than right is none.
_FEWEST_TO_JUDGE, _LEAST_SURE = 10, 0.5
_FOLDS = 5
_NORMAL_90 = 1.645
# What the scores may be divided by, so that the probabilities are as high as they are right.
_TEMPERATURES = np.geomspace(0.2, 8.0, 40)


@dataclass(frozen=True)
class Asked:
    """A question as it is read, with its sentence vector where there is an encoder."""

    reading: Reading
    vector: Vectors | None = None


@dataclass(frozen=True)
class Guess:
    label: str
    probability: float


class _Scores:
    """Words and meaning, each with a regression of its own; their log-probabilities add up."""

    def __init__(self, words: AskedClassifier, meaning: tuple[Vectors, Vectors, Weights] | None) -> None:
        self.words = words
        # The middle of the questions, the weights and the bias.
        self.meaning = meaning

    @classmethod
    def of(cls, asked: Sequence[Asked], labels: Labels, count: int) -> _Scores:
        words = AskedClassifier.of([one.reading for one in asked], labels, count)
        vectors = [one.vector for one in asked if one.vector is not None]
        if len(vectors) < len(asked):
            return cls(words, None)
        seen = np.stack(vectors)
        middle = seen.mean(axis=0)
        weights, bias = softmax_regression(centred(seen, middle), labels, count)
        return cls(words, (middle, weights, bias))

    def __call__(self, asked: Asked) -> Weights:
        scores = self.words.log_probabilities(asked.reading)
        if self.meaning is None or asked.vector is None:
            return scores
        middle, weights, bias = self.meaning
        return scores + log_softmax(centred(asked.vector[None, :], middle)[0] @ weights + bias)


class LabelModel:
    """`examples`: from how many it has learned. `right`: how many of its guesses about unseen ones were right, and
    `spoken`: about what share of them it had a guess; both between 0 and 1."""

    def __init__(
        self, labels: Sequence[str], scores: _Scores, figures: NDArray[np.float64], told: NDArray[np.bool_]
    ) -> None:
        self.labels = tuple(labels)
        self._scores, self._figures, self._told = scores, figures, told
        self._temperature, self.guess_from, self.right, self.spoken = (float(one) for one in figures[:4])
        self.examples = int(figures[4])

    @classmethod
    def of(cls, asked: Sequence[Asked], labels: Sequence[str]) -> LabelModel | None:
        """None where there are too few examples, or of too few labels, to learn anything."""
        names = learnable(Counter(labels))
        kept = [place for place, label in enumerate(labels) if label in names]
        if not names:
            return None
        asked = [asked[place] for place in kept]
        numbers = np.array([names.index(labels[place]) for place in kept], dtype=np.int64)
        figures, told = _judged(_held_out(asked, numbers, len(names)), numbers)
        return cls(names, _Scores.of(asked, numbers, len(names)), np.array([*figures, len(asked)]), told)

    def guess(self, asked: Asked) -> Guess | None:
        """The likeliest label; None where it would be wrong too often."""
        shares = np.exp(log_softmax(self._scores(asked) / np.float32(self._temperature)))
        best = int(shares.argmax())
        sure = float(shares[best])
        return Guess(self.labels[best], sure) if sure >= self.guess_from and self._told[best] else None

    def arrays(self) -> Arrays:
        found: Arrays = {"labels": np.array(self.labels), "figures": self._figures, "told": self._told}
        if self._scores.meaning is not None:
            found |= named("meaning", dict(zip(_MEANING, self._scores.meaning, strict=True)))
        return found | named("words", self._scores.words.arrays())

    @classmethod
    def load(cls, arrays: Mapping[str, NDArray[np.generic]]) -> LabelModel:
        meaning = inside(arrays, "meaning")
        scores = _Scores(
            AskedClassifier.load(inside(arrays, "words")),
            tuple(meaning[name] for name in _MEANING) if meaning else None,  # type: ignore[arg-type]
        )
        names = [str(one) for one in arrays["labels"]]
        return cls(names, scores, arrays["figures"], arrays["told"])  # type: ignore[arg-type]


_MEANING = ("middle", "weights", "bias")


def learnable(counts: Mapping[str, int]) -> list[str]:
    """The labels that have enough examples; empty where that leaves nothing to tell apart, or too little in all."""
    enough = {label: count for label, count in counts.items() if count >= FEWEST_OF_A_LABEL}
    return sorted(enough) if len(enough) > 1 and sum(enough.values()) >= FEWEST_EXAMPLES else []


def _held_out(asked: Sequence[Asked], labels: Labels, count: int) -> Weights:
    """The scores of each question by a model that has not seen it (cross-validation, every label in every part)."""
    chance = np.random.default_rng(0)
    parts = np.zeros(len(labels), dtype=np.int64)
    for label in range(count):
        places = np.flatnonzero(labels == label)
        parts[places] = chance.permutation(len(places)) % _FOLDS
    scores = np.zeros((len(labels), count), dtype=np.float32)
    for part in range(_FOLDS):
        kept = np.flatnonzero(parts != part).tolist()
        model = _Scores.of([asked[place] for place in kept], labels[kept], count)
        for place in np.flatnonzero(parts == part).tolist():
            scores[place] = model(asked[place])
    return scores


def _judged(scores: Weights, labels: Labels) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """From held-out scores: the temperature (Guo et al. 2017, "On Calibration of Modern Neural Networks"), from which
    probability on guesses are right often enough, how many of those were, and of how many questions there were any;
    and which labels are guessed at all.
    """
    rows = np.arange(len(labels))

    def logs(temperature: float) -> Weights:
        return np.stack([log_softmax(row / np.float32(temperature)) for row in scores])

    temperature = float(min(_TEMPERATURES, key=lambda one: -float(logs(one)[rows, labels].sum())))
    shares = np.exp(logs(temperature))
    guessed, sure = shares.argmax(axis=1), shares.max(axis=1)
    is_right = guessed == labels
    lowest = _lowest(sure, is_right)
    told = np.array(
        [_tells(is_right[(guessed == one) & (sure >= lowest)], labels == one) for one in range(scores.shape[1])]
    )
    spoken = (sure >= lowest) & told[guessed]
    right = float(is_right[spoken].mean()) if spoken.any() else 0.0
    return np.array([temperature, lowest, right, spoken.mean()]), told


def _lowest(sure: Weights, is_right: NDArray[np.bool_]) -> float:
    """From which probability on guesses are right often enough; more than any where there is none."""
    order = np.argsort(-sure, kind="stable")
    right = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1)
    good = (right >= _RIGHT_ENOUGH) & (sure[order] >= _LEAST_SURE)
    good[: _FEWEST_TO_JUDGE - 1] = False
    return float(sure[order[np.flatnonzero(good)[-1]]]) if good.any() else 2.0


def _tells(is_right: NDArray[np.bool_], is_label: NDArray[np.bool_]) -> bool:
    """Whether guessing a label is surely better than knowing how common it is: by the lower end of the interval of
    Wilson (1927), 90 %. Where most cases have one label, naming it always would be right often, and say nothing."""
    count = len(is_right)
    if not count:
        return False
    share, spread = float(is_right.mean()), _NORMAL_90**2 / count
    least = (
        share + spread / 2 - _NORMAL_90 * float(np.sqrt((share * (1 - share) + _NORMAL_90**2 / (4 * count)) / count))
    )
    return least / (1 + spread) > float(is_label.mean())
