"""From a match's features to the probability that the article answers.

A logistic model. The coefficients were fitted on held-out phrasings of the demo content (sv, en, nb, da)
together with its questions that no article answers; see docs/benchmarks.md for how well they hold.
"""

from __future__ import annotations

import math

_BIAS = -4.2
_SHARE = 4.6
_STRENGTH = 1.4
_RELATIVE = 1.5
_MARGIN = 1.6
_FEW_WORDS = -1.6


def probability(*, share: float, strength: float, relative: float, margin: float, words: int) -> float:
    """Probability (0 to 1) that a candidate answers.

    `share`: of the question's weight, how much stands in the article; `strength`: its score by the score of a
    perfect text; `relative`: its score by the best candidate's; `margin`: lead over the next; `words`:
    different terms of the question.
    """
    z = (
        _BIAS
        + _SHARE * share
        + _STRENGTH * strength
        + _RELATIVE * relative
        + _MARGIN * min(margin, 0.6)
        + _FEW_WORDS / max(words, 1)
    )
    return 1.0 / (1.0 + math.exp(-z))
