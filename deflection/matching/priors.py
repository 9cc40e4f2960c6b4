"""Where the weights of a site start from: found on many sites at once (docs/benchmarks.md), none of them special."""

from __future__ import annotations

import numpy as np

from deflection.matching.fusion import Fusion

# In the order of fusion.VIEWS, then of fusion.DOUBTS.
_PRIORS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "bare": ((2.65, 0.9, 1.1, 5.4, 0, 0, 0, 0), (3.95, -0.8)),
    "bare+meaning": ((1.3, 0.95, 0.1, 2.9, 0, 0.3, 10.0, 0), (5.5, -0.8)),
    "asked": ((1.6, 0.7, 0.2, 3.2, 0.9, 0, 0, 0), (-1.0, 1.5)),
    "asked+meaning": ((1.4, 0.6, 0.2, 2.0, 0.05, 1.2, 4.3, 0.9), (0.0, 1.4)),
    "foreign": ((2.65, 0.9, 1.1, 5.4, 0, 0, 0, 0), (5.5, 1.5)),
    "foreign+meaning": ((1.2, 1.3, 0.0, 2.0, 0, 2.1, 17.1, 0), (4.7, 1.7)),
}


def prior(regime: str) -> Fusion:
    views, doubts = _PRIORS[regime]
    return Fusion(np.array(views, dtype=np.float64), np.array(doubts, dtype=np.float64))
