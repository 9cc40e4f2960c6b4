"""The arithmetic of comparisons, against figures published elsewhere and against chance itself."""

from __future__ import annotations

import numpy as np
import pytest

from deflection.services.statistics import difference, median_difference, sample_size, wilson

# Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10: cases (a) to (h).
NEWCOMBE = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0000),
    (10, 10, 0, 10, 0.6075, 1.0000),
]


@pytest.mark.parametrize(("a", "m", "b", "n", "low", "high"), NEWCOMBE)
def test_the_interval_is_newcombes(a, m, b, n, low, high):
    found = difference(a, m, b, n)
    assert found.estimate == pytest.approx(a / m - b / n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


# Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3.
@pytest.mark.parametrize(
    ("events", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_one_share_is_wilsons(events, of, low, high):
    found = wilson(events, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_swapping_the_groups_turns_the_interval_round():
    one, other = difference(7, 40, 90, 300), difference(90, 300, 7, 40)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


def test_the_interval_is_never_beyond_what_is_possible():
    for a in range(11):
        for b in range(11):
            found = difference(a, 10, b, 10)
            assert -1 - 1e-12 <= found.low <= found.estimate + 1e-12
            assert found.estimate - 1e-12 <= found.high <= 1 + 1e-12


def test_arrays_are_taken_element_by_element():
    found = difference(np.array([56, 9]), np.array([70, 10]), np.array([48, 3]), np.array([80, 10]))
    assert np.round(found.low, 4).tolist() == [0.0524, 0.1705]


class TestSampleSize:
    def test_of_equal_groups_is_the_textbook_one(self):
        # 388 in each: the usual example of 50 % against 40 %, without continuity correction.
        assert sample_size(0.5, 0.1, 0.5).control == sample_size(0.5, 0.1, 0.5).treated == 388

    def test_a_smaller_share_takes_more_people_in_all(self):
        totals = [sample_size(0.4, 0.05, share).total for share in (0.5, 0.2, 0.1, 0.05)]
        assert totals == sorted(totals)
        small = sample_size(0.4, 0.05, 0.05)
        assert small.control / small.total == pytest.approx(0.05, abs=0.001)

    @pytest.mark.parametrize(("rate", "effect", "share"), [(0.4, 0.06, 0.1), (0.5, -0.08, 0.3), (0.15, 0.05, 0.5)])
    def test_four_of_five_rounds_of_that_size_see_the_effect(self, rate, effect, share):
        size = sample_size(rate, effect, share)
        random = np.random.default_rng(5)
        control = random.binomial(size.control, rate, 20_000)
        treated = random.binomial(size.treated, rate - effect, 20_000)
        found = difference(control, size.control, treated, size.treated)
        seen = np.mean(found.low > 0 if effect > 0 else found.high < 0)
        assert 0.78 < seen < 0.83

    @pytest.mark.parametrize(
        ("rate", "effect", "share"), [(0.03, 0.05, 0.1), (0.98, -0.05, 0.1), (0.5, 0, 0.1), (0.5, 0.1, 0)]
    )
    def test_the_impossible_is_refused(self, rate, effect, share):
        with pytest.raises(ValueError, match="no sample size"):
            sample_size(rate, effect, share)


class TestMedians:
    def test_the_interval_covers_the_truth(self):
        """Waiting times are skewed, and the groups unequal; the true difference is that of the two medians."""
        random = np.random.default_rng(7)
        truth = 2 * np.log(2) - np.log(2)
        covered = 0
        for _ in range(1000):
            found = median_difference(random.exponential(2, 40), random.exponential(1, 90))
            assert found is not None
            covered += found.low <= truth <= found.high
        assert 930 <= covered <= 985

    def test_a_handful_says_nothing(self):
        assert median_difference([1, 2, 3, 4, 5], list(range(50))) is None

    def test_equal_times_are_no_difference(self):
        found = median_difference([60] * 30, [60] * 30)
        assert found is not None
        assert (found.estimate, found.low, found.high) == (0, 0, 0)
