"""Where the weights of a site start from: found on many sites at once (docs/benchmarks.md), none of them special."""

from __future__ import annotations

import numpy as np

from deflection.matching.fusion import Fusion

# In the order of fusion.VIEWS, then of fusion.DOUBTS.
_PRIORS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "bare": ((2.5, 1.1, 1.2, 5.4, 0, 0, 0, 0), (3.05, -0.7, 0.45)),
    "bare+meaning": ((1.15, 1.05, 0.2, 3.4, 0, 0.8, 9.2, 0), (4.1, -0.7, 0.65)),
    "asked": ((1.65, 0.2, 1.8, 0.9, 1.2, 0, 0, 0), (-3.7, 2.5, 0.6)),
    "asked+meaning": ((0.8, 0.1, 1.5, 0.6, 0.05, 3.9, 0.75, 1.7), (-2.5, 2.3, 0.5)),
    "foreign": ((2.5, 1.1, 1.2, 5.4, 0, 0, 0, 0), (4.5, 1.5, 0.5)),
    "foreign+meaning": ((1.3, 1.3, 0.0, 1.7, 0, 2.7, 15.4, 0), (4.6, 1.4, 0.05)),
}


def prior(regime: str) -> Fusion:
    views, doubts = _PRIORS[regime]
    return Fusion(np.array(views, dtype=np.float64), np.array(doubts, dtype=np.float64))
