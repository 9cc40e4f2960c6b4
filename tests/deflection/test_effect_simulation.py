"""Visitors with a known truth, through the product's own hash and arithmetic: is what the report says true?

A thousand rounds of two thousand visitors each. Every visitor is assigned by the very keyed hash; whether they contact
a person is chance, with the probability that the scenario gives to visitors of their kind in their group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from deflection.services.effect import Group, Verdict, compare
from deflection.services.holdout import draw, unit_of
from deflection.services.holdout_rounds import key_of
from deflection.services.statistics import difference

ROUNDS, VISITORS = 1000, 2000
SHARE = 20
Rates = np.ndarray


@pytest.fixture(scope="module")
def held_out() -> np.ndarray:
    """Who is in the control group, a row a round: two million hashes, shared by all scenarios."""
    names = [f"{number:032x}" for number in range(VISITORS)]
    rows = np.empty((ROUNDS, VISITORS))
    for number in range(ROUNDS):
        key = key_of(number + 1)
        rows[number] = [draw(unit_of(key, "visitor", name)) for name in names]
    return rows < SHARE / 100


@dataclass(frozen=True)
class World:
    """Each visitor's probability of contacting a person within seven days, without and with suggestions.

    `needs` are how likely they are to need one (0 to 1), a number a visitor, the same in all rounds.
    """

    without: Rates
    with_: Rates

    @property
    def truth(self) -> float:
        """What showing suggestions to everybody averts, compared with showing them to nobody."""
        return float(np.mean(self.without - self.with_))


def people(seed: int = 1) -> tuple[np.ndarray, np.random.Generator]:
    random = np.random.default_rng(seed)
    # Some need little help, some much: base rates vary from one to the next.
    return random.beta(2, 3, VISITORS), random


def no_effect() -> World:
    needs, _ = people()
    return World(needs, needs)


def averts() -> World:
    """One in five of those who would have written finds the answer, and more so where the question is easy."""
    needs, _ = people()
    return World(needs, needs * (1 - 0.4 * (1 - needs)))


def causes() -> World:
    """Suggestions that confuse: some write who would not have."""
    needs, _ = people()
    return World(needs, needs + 0.08 * (1 - needs))


def biased_abandonment() -> World:
    """Many leave without a word, most of all those with hard questions and most of all on some days; in both groups.

    Whoever left does not come back: neither group contacts as often as it needs to, and the truth is the difference
    that is left.
    """
    needs, random = people()
    stays = 1 - 0.7 * needs * random.choice([0.4, 1.0], VISITORS)
    return World(needs * stays, needs * (1 - 0.3 * (1 - needs)) * stays)


def drifting_rates() -> World:
    """The base rate doubles in the course of the round, and the effect with it."""
    needs, _ = people()
    season = np.linspace(0.4, 0.8, VISITORS)
    return World(needs * season, needs * season * 0.85)


def rare_contacts() -> World:
    needs, _ = people()
    return World(needs * 0.1, needs * 0.07)


WORLDS = [no_effect, averts, causes, biased_abandonment, drifting_rates, rare_contacts]


def live_through(world: World, held_out: np.ndarray, seed: int = 2):
    """Who contacts a person: a row a round, by each visitor's own chance in the group that they are in."""
    random = np.random.default_rng(seed)
    return random.random(held_out.shape) < np.where(held_out, world.without, world.with_)


def estimates(held_out: np.ndarray, contacted: np.ndarray):
    """What the report would say at the end of each round, by the product's own function."""
    return difference(
        (contacted & held_out).sum(axis=1),
        held_out.sum(axis=1),
        (contacted & ~held_out).sum(axis=1),
        (~held_out).sum(axis=1),
    )


def test_the_hash_holds_out_as_many_as_it_should(held_out):
    count = held_out.sum()
    expected = held_out.size * SHARE / 100
    assert abs(count - expected) < 4 * (expected * (1 - SHARE / 100)) ** 0.5


@pytest.mark.parametrize("make", WORLDS, ids=lambda make: make.__name__)
def test_the_estimate_is_right_on_average_and_its_interval_covers_the_truth(make, held_out):
    world = make()
    found = estimates(held_out, live_through(world, held_out))
    error = found.estimate - world.truth
    of_the_mean = error.std(ddof=1) / ROUNDS**0.5
    assert abs(error.mean()) < 3 * of_the_mean
    covered = np.mean((found.low <= world.truth) & (world.truth <= found.high))
    assert 0.93 <= covered <= 0.97
    # It could have failed: a tenth of a round's spread off, and the mean would be out.
    assert 3 * of_the_mean < error.std(ddof=1) / 10


def test_no_effect_is_called_one_as_seldom_as_promised(held_out):
    found = estimates(held_out, live_through(no_effect(), held_out))
    assert 0.03 <= np.mean((found.low > 0) | (found.high < 0)) <= 0.07


def test_the_vendors_score_is_fooled_by_friction_and_ours_is_not(held_out):
    """The form is hidden behind three more pages: a third of those who would have written give up.

    Nobody is helped by it. Visits for each case go up, as if self-service had become half again as good; the share of
    contacts averted by suggestions stays what it was: none.
    """
    before = no_effect()
    after = World(before.without * 2 / 3, before.with_ * 2 / 3)
    scores, effects = {}, {}
    for name, world in (("before", before), ("after", after)):
        contacted = live_through(world, held_out)
        scores[name] = contacted.size / contacted.sum()
        effects[name] = estimates(held_out, contacted).estimate.mean()
    assert scores["after"] / scores["before"] == pytest.approx(1.5, rel=0.02)
    assert abs(effects["before"]) < 0.003
    assert abs(effects["after"]) < 0.003


def test_what_is_observed_after_leaving_is_no_effect(held_out):
    """Counting those who read and left as helped finds "deflection" where suggestions do nothing at all."""
    world = no_effect()
    contacted = live_through(world, held_out)
    assumed = ~contacted & ~held_out
    assert assumed.sum() / (~held_out).sum() > 0.5
    assert abs(estimates(held_out, contacted).estimate.mean()) < 0.003


class TestVerdict:
    def test_few_people_say_nothing_whatever_their_difference(self):
        assert compare(Group(29, 29), Group(2000, 0)).verdict(0.05) == Verdict.TOO_LITTLE
        assert compare(Group(0, 0), Group(2000, 0)).verdict(0.05) == Verdict.TOO_LITTLE

    def test_an_interval_that_leaves_both_open_says_nothing(self):
        assert compare(Group(50, 20), Group(900, 320)).verdict(0.05) == Verdict.TOO_LITTLE

    def test_an_interval_beyond_zero_says_which_way(self):
        assert compare(Group(400, 180), Group(7600, 2900)).verdict(0.05) == Verdict.AVERTS
        assert compare(Group(400, 120), Group(7600, 2900)).verdict(0.05) == Verdict.CAUSES

    def test_a_narrow_interval_around_zero_says_that_there_is_no_such_effect(self):
        assert compare(Group(5000, 2000), Group(20_000, 8000)).verdict(0.05) == Verdict.NO_DIFFERENCE
        assert compare(Group(5000, 2000), Group(20_000, 8000)).verdict(0.01) == Verdict.TOO_LITTLE
