"""The arithmetic of comparing two groups: intervals for shares, their difference, and that of medians; sample sizes.

Each function takes plain numbers. Those for shares also take arrays of them, element by element, so that a simulation
runs the same lines as the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, comb, sqrt
from statistics import NormalDist, median
from typing import Any

CONFIDENCE = 0.95
POWER = 0.80
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Interval:
    """An estimate with the ends of its interval."""

    estimate: Any
    low: Any
    high: Any


def _z(confidence: float) -> float:
    """The standard normal quantile for a two-sided interval."""
    return _NORMAL.inv_cdf(0.5 + confidence / 2)


def wilson(events: Any, of: Any, *, confidence: float = CONFIDENCE) -> Interval:
    """A share with Wilson's score interval, without continuity correction.

    Wilson 1927, Journal of the American Statistical Association 22:209-212; in the form of Newcombe 1998, Statistics
    in Medicine 17:857-872, method 3. `of` must be above 0.
    """
    z = _z(confidence)
    share = events / of
    middle = 2 * events + z * z
    spread = z * (z * z + 4 * events * (1 - share)) ** 0.5
    whole = 2 * (of + z * z)
    return Interval(share, (middle - spread) / whole, (middle + spread) / whole)


def difference(events_1: Any, of_1: Any, events_2: Any, of_2: Any, *, confidence: float = CONFIDENCE) -> Interval:
    """The difference of two independent shares, first minus second, with Newcombe's hybrid score interval.

    Newcombe 1998, Statistics in Medicine 17:873-890, method 10: the distances from each share to the ends of its
    Wilson interval, put together as the sides of a right-angled triangle. Neither group may be empty.
    """
    first = wilson(events_1, of_1, confidence=confidence)
    second = wilson(events_2, of_2, confidence=confidence)
    estimate = first.estimate - second.estimate
    down = ((first.estimate - first.low) ** 2 + (second.high - second.estimate) ** 2) ** 0.5
    up = ((first.high - first.estimate) ** 2 + (second.estimate - second.low) ** 2) ** 0.5
    return Interval(estimate, estimate - down, estimate + up)


@dataclass(frozen=True)
class SampleSize:
    control: int
    treated: int

    @property
    def total(self) -> int:
        return self.control + self.treated


def sample_size(
    rate: float, effect: float, share: float, *, power: float = POWER, confidence: float = CONFIDENCE
) -> SampleSize:
    """How many people each group takes to show a difference between `rate` (control) and `rate - effect` (treated).

    `share` is the control group's part of all, above 0 and below 1. Two-sided test of two shares, without continuity
    correction, unequal groups: Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions, 3rd ed. 2003,
    section 4.4 (with r, the ratio of the groups, and the pooled share weighted by it). Raises ValueError where either
    share lies outside 0 to 1 or the effect is zero.
    """
    other = rate - effect
    if not (0 <= rate <= 1 and 0 <= other <= 1 and 0 < share < 1 and effect):
        raise ValueError(f"no sample size for a rate of {rate}, an effect of {effect} and a share of {share}")
    ratio = (1 - share) / share
    pooled = (rate + ratio * other) / (1 + ratio)
    under_none = _z(confidence) * sqrt((ratio + 1) * pooled * (1 - pooled))
    under_effect = _NORMAL.inv_cdf(power) * sqrt(ratio * rate * (1 - rate) + other * (1 - other))
    control = (under_none + under_effect) ** 2 / (ratio * effect * effect)
    return SampleSize(ceil(control), ceil(control * ratio))


FEWEST_FOR_MEDIAN = 6


def median_difference(
    first: Sequence[float], second: Sequence[float], *, confidence: float = CONFIDENCE
) -> Interval | None:
    """The difference of two medians, first minus second, with an interval that assumes no shape of distribution.

    Bonett & Price 2002, Psychological Methods 7:370-383, with the standard error of each median taken from the
    distance of two order statistics. None where a group has fewer than six values.
    """
    if min(len(first), len(second)) < FEWEST_FOR_MEDIAN:
        return None
    estimate = median(first) - median(second)
    half = _z(confidence) * sqrt(_median_variance(first) + _median_variance(second))
    return Interval(estimate, estimate - half, estimate + half)


def _median_variance(values: Sequence[float]) -> float:
    """Price & Bonett 2001, Journal of Statistical Computation and Simulation 68:295-305."""
    ordered, count = sorted(values), len(values)
    place = max(1, round((count + 1) / 2 - sqrt(count)))
    # The chance that the true median lies outside the two order statistics, on one side; whole numbers of any size.
    tail = sum(comb(count, number) for number in range(place)) / 2**count
    z = -_NORMAL.inv_cdf(tail)
    return float(((ordered[count - place] - ordered[place - 1]) / (2 * z)) ** 2)
