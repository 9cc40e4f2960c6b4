"""From views to probabilities, and weights that follow what the site's own questions show."""

from __future__ import annotations

import numpy as np
import pytest

from deflection.matching.fusion import DOUBTS, VIEWS, Fusion, Sample, doubts_of, fit, probabilities
from deflection.matching.priors import prior

REGIMES = ("bare", "bare+meaning", "asked", "asked+meaning", "foreign", "foreign+meaning")
START = prior("asked")
TERMS, LETTERS = VIEWS.index("terms"), VIEWS.index("letters")


def row(**views: float) -> list[float]:
    return [views.get(name, 0.0) for name in VIEWS]


def sample(right: int | None, *rows: list[float], known: float = 1.0, weight: float = 1.0) -> Sample:
    return Sample(np.array(rows), doubts_of(known), right, weight)


def share(fusion: Fusion, one: Sample, place: int) -> float:
    return float(probabilities(fusion.scores(one.views) - one.doubts @ fusion.doubts)[place])


@pytest.mark.parametrize("leads", [[2.0, 1.0], [-3.0, -9.0], [900.0, 0.0], [-900.0], [0.0] * 10])
def test_they_are_probabilities_with_a_rest_for_none_of_these(leads):
    found = probabilities(np.array(leads))
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert found.sum() <= 1
    assert found.tolist() == sorted(found, reverse=True)


def test_the_rest_is_what_none_of_these_gets():
    assert probabilities(np.zeros(3)).tolist() == [0.25] * 3


def test_a_question_of_unknown_words_is_doubted_more():
    fusion = Fusion(np.array(row(terms=1.0)), np.array([0.0, 2.0]))
    views = np.array([row(terms=1.0)])
    assert fusion.lead(views, known=0.0)[0] < fusion.lead(views, known=1.0)[0]


@pytest.mark.parametrize("regime", REGIMES)
def test_no_view_starts_by_speaking_against_an_article(regime):
    start = prior(regime)
    assert start.views.shape == (len(VIEWS),)
    assert start.doubts.shape == (len(DOUBTS),)
    assert (start.views >= 0).all()


@pytest.mark.parametrize("regime", REGIMES)
def test_a_prior_uses_only_views_that_exist(regime):
    start = dict(zip(VIEWS, prior(regime).views, strict=True))
    if not regime.startswith("asked"):
        assert start["asked"] == start["meaning_asked"] == 0
    if not regime.endswith("+meaning"):
        assert start["meaning"] == start["meaning_passage"] == start["meaning_asked"] == 0


def test_without_samples_the_start_stays():
    assert fit([], START) is START


def test_weights_move_towards_what_tells_the_right_one():
    """The letters are always right, the terms always wrong."""
    asked = [sample(0, row(letters=0.9), row(terms=0.9)) for _ in range(200)]
    found = fit(asked, START)
    assert found.views[LETTERS] > START.views[LETTERS]
    assert found.views[TERMS] < START.views[TERMS]
    assert share(found, asked[0], 0) > share(START, asked[0], 0)


def test_few_samples_move_it_less_than_many():
    one = sample(0, row(letters=0.9), row(terms=0.9))
    few, many = fit([one] * 3, START), fit([one] * 300, START)
    assert START.views[LETTERS] < few.views[LETTERS] < many.views[LETTERS]


def test_a_weight_counts_as_so_many_samples():
    one = sample(0, row(letters=0.9), row(terms=0.9))
    heavy = fit([sample(0, row(letters=0.9), row(terms=0.9), weight=20.0)], START)
    assert heavy.views == pytest.approx(fit([one] * 20, START).views, abs=0.02)


def test_no_view_ever_speaks_against_an_article():
    asked = [sample(1, row(terms=1.0, letters=1.0, asked=0.0), row(asked=-1.0)) for _ in range(500)]
    assert (fit(asked, START).views >= 0).all()


def test_questions_without_an_answer_teach_silence():
    asked = [sample(None, row(terms=0.5), row(letters=0.5), known=0.3) for _ in range(200)]
    found = fit(asked, START)
    assert share(START, asked[0], 0) > 0.4
    assert share(found, asked[0], 0) < 0.1


def test_the_share_that_is_right_becomes_the_probability():
    """Of questions that all look the same, the first article answers 6 in 10, the second 1, nothing 3."""
    looks = row(terms=0.6), row(letters=0.6)
    asked = [sample(0, *looks)] * 600 + [sample(1, *looks)] * 100 + [sample(None, *looks)] * 300
    found = fit(asked, START, strength=0.01)
    assert share(found, asked[0], 0) == pytest.approx(0.6, abs=0.03)
    assert share(found, asked[0], 1) == pytest.approx(0.1, abs=0.03)
