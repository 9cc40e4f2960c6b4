"""How much a word counts by where in a text it stands."""

from __future__ import annotations

from typing import NamedTuple


class Weights(NamedTuple):
    """Field weights of BM25F, in the order in which the index counts words (see `schema.PARTS`)."""

    title: float = 4.0
    phrasings: float = 3.0
    headings: float = 2.0
    summary: float = 2.0
    body: float = 1.0


DEFAULT_WEIGHTS = Weights()
HIGHEST_WEIGHT = 20.0
