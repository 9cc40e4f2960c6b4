"""Sparse matrices of numbered features, made once and then only read: plain arrays that can live in a mapped file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from deflection.matching.reading import Ids, Row, Weights

Arrays = dict[str, NDArray[np.generic]]

# From so many texts on a feature is added in a step of its own.
_LONG = 200


class Columns:
    """Which features a model knows (sorted numbers), and how much each tells: its idf."""

    def __init__(self, numbers: Ids, idf: Weights) -> None:
        self.numbers = numbers
        self.idf = idf

    @classmethod
    def of(cls, rows: Sequence[Row], fewest: int = 1) -> Columns:
        """The features that occur in at least `fewest` texts."""
        every = np.concatenate([ids for ids, _ in rows]) if rows else np.empty(0, np.int32)
        numbers, counts = np.unique(every, return_counts=True)
        numbers, counts = numbers[counts >= fewest], counts[counts >= fewest]
        # Smoothed as in Manning, Raghavan & Schuetze (2008), section 6.2.1: a feature of every text keeps a little.
        idf = np.log((1 + len(rows)) / (1 + counts)) + 1
        return cls(numbers.astype(np.int32), idf.astype(np.float32))

    def place(self, ids: Ids) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Column of each number, and which of them have one."""
        if not len(self.numbers):
            return np.zeros(0, np.intp), np.zeros(len(ids), np.bool_)
        places = np.searchsorted(self.numbers, ids)
        known = self.numbers[np.minimum(places, len(self.numbers) - 1)] == ids
        return places[known], known

    def weigh(self, row: Row) -> tuple[NDArray[np.intp], Weights]:
        """A text's features as a vector of length one; features that nobody knows count in its length."""
        ids, weights = row
        places, known = self.place(ids)
        values = weights[known] * self.idf[places]
        # An unknown feature is as rare as can be: a text of unknown words is near to nothing.
        strange = weights[~known] * (self.idf.max() if len(self.idf) else 1.0)
        length = float(np.sqrt(values @ values + strange @ strange)) or 1.0
        return places, (values / length).astype(np.float32)

    def forget_common(self, share: float, texts: int) -> None:
        """Drops the features that more than a share of the texts hold."""
        rare = self.idf > np.log((1 + texts) / (1 + share * texts)) + 1
        self.numbers, self.idf = self.numbers[rare], self.idf[rare]

    def arrays(self) -> Arrays:
        return {"numbers": self.numbers, "idf": self.idf}

    @classmethod
    def load(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Columns:
        return cls(arrays["numbers"], arrays["idf"])  # type: ignore[arg-type]


def matrix(rows: Sequence[tuple[NDArray[np.intp], Weights]], width: int) -> sp.csr_matrix:
    """One row a text."""
    lengths = np.array([len(places) for places, _ in rows])
    starts = np.concatenate([[0], np.cumsum(lengths)])
    indices = np.concatenate([places for places, _ in rows]) if rows else np.empty(0, np.intp)
    data = np.concatenate([values for _, values in rows]) if rows else np.empty(0, np.float32)
    return sp.csr_matrix((data.astype(np.float32), indices.astype(np.int32), starts), shape=(len(rows), width))


class Postings:
    """A matrix by feature: for each, in which texts it stands and what it adds to their score."""

    def __init__(self, starts: NDArray[np.int64], texts: Ids, values: Weights, size: int) -> None:
        self.starts, self.texts, self.values, self.size = starts, texts, values, size

    @classmethod
    def of(cls, by_text: sp.csr_matrix) -> Postings:
        by_feature = by_text.tocsc()
        return cls(
            by_feature.indptr.astype(np.int64),
            by_feature.indices.astype(np.int32),
            by_feature.data.astype(np.float32),
            by_text.shape[0],
        )

    def scores(self, places: NDArray[np.intp], values: Weights) -> Weights:
        """The weighted sum of the features' rows: one score a text."""
        begins, ends = self.starts[places], self.starts[places + 1]
        is_long = ends - begins > _LONG
        found = self._sum_of_short(begins[~is_long], ends[~is_long], values[~is_long])
        for begin, end, value in zip(begins[is_long], ends[is_long], values[is_long], strict=True):
            # A feature stands in a text once, so no text is named twice here.
            found[self.texts[begin:end]] += self.values[begin:end] * value
        return found

    def _sum_of_short(self, begins: NDArray[np.int64], ends: NDArray[np.int64], values: Weights) -> Weights:
        """The slices laid end to end without a loop over features, which many short ones would make slow."""
        lengths = ends - begins
        total = int(lengths.sum())
        if not total:
            return np.zeros(self.size, np.float32)
        offsets = np.repeat(begins - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
        where = offsets + np.arange(total)
        weighted = self.values[where] * np.repeat(values, lengths)
        return np.bincount(self.texts[where], weights=weighted, minlength=self.size).astype(np.float32)

    def arrays(self) -> Arrays:
        return {"starts": self.starts, "texts": self.texts, "values": self.values, "size": np.array([self.size])}

    @classmethod
    def load(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Postings:
        size = int(arrays["size"][0])
        return cls(arrays["starts"], arrays["texts"], arrays["values"], size)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Grouped:
    """Texts that stand together by owner; every owner has at least one."""

    texts: Sequence[str]
    owners: NDArray[np.int64]
    count: int

    @classmethod
    def of(cls, by_owner: Sequence[Sequence[str]]) -> Grouped:
        owners = np.repeat(np.arange(len(by_owner)), [len(one) for one in by_owner]).astype(np.int64)
        return cls([text for one in by_owner for text in one], owners, len(by_owner))

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each owner's texts begin."""
        return np.searchsorted(self.owners, np.arange(self.count)).astype(np.int64)


def best_of_owner(scores: Weights, starts: NDArray[np.int64]) -> Weights:
    """The highest score among each owner's texts, which stand together from its start on."""
    return np.maximum.reduceat(scores, starts) if len(scores) else scores


def inside(arrays: Mapping[str, NDArray[np.generic]], part: str) -> Arrays:
    """The arrays whose names begin with `part.`, without it."""
    return {name.removeprefix(f"{part}."): array for name, array in arrays.items() if name.startswith(f"{part}.")}


def named(part: str, arrays: Mapping[str, NDArray[np.generic]]) -> Arrays:
    return {f"{part}.{name}": array for name, array in arrays.items()}
