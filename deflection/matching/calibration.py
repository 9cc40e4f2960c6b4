"""From a match's features to the probability that the article answers.

A logistic model, fitted on the demo content: phrasings held out in three folds and solved cases in four languages
as questions with a known answer, and as questions without one the cases and searches that no article answers,
and questions about other things altogether. docs/benchmarks.md says how well it holds.
"""

from __future__ import annotations

import math

_BIAS = -6.74
_STRENGTH = 1.22
_RELATIVE = 3.49
_MARGIN = 2.98
_WORDS = 0.38
_MOST_MARGIN = 0.6


def probability(*, strength: float, relative: float, margin: float, words: int) -> float:
    """Probability (0 to 1) that a candidate answers.

    `strength`: its score by the weight of the question's words; `relative`: its score by the best candidate's;
    `margin`: its lead over the next, as a share of its score; `words`: different terms in the question.
    """
    z = (
        _BIAS
        + _STRENGTH * strength
        + _RELATIVE * relative
        + _MARGIN * min(margin, _MOST_MARGIN)
        + _WORDS * math.log(max(words, 1))
    )
    return 1.0 / (1.0 + math.exp(-z))
