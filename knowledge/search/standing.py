"""What decides between texts that match equally well: whom they helped, and how new they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import uuid4

import numpy as np
from django.core.cache import cache
from django.db.models import Count, Q

from knowledge.models import Feedback
from knowledge.search.ranking import Ranked
from knowledge.search.snapshot import Snapshot

# Ties are broken among these; further down nobody can tell.
_AMONG = 50
_SCORE_DIGITS = 3
_STAMP_KEY = "helpful-shares-stamp"
_COUNTED_AGAIN_AFTER_SECONDS = 300
_UNKNOWN = 0.5


@dataclass(frozen=True)
class _Shares:
    stamp: str
    by_text: Mapping[int, float]


_shares = _Shares("", {})


def ties_broken(ranked: Ranked, snapshot: Snapshot) -> Ranked:
    """Ranked texts with equal scores in the order of how helpful they are, then of how new."""
    top = slice(_AMONG)
    scores = np.round(ranked.scores[top].astype(float), _SCORE_DIGITS)
    if len(np.unique(scores)) == len(scores):
        return ranked
    records = snapshot.records[ranked.texts[top]]
    shares = _helpful_shares()
    helpful = np.array([shares.get(text_id, _UNKNOWN) for text_id in records["text_id"].tolist()])
    order = np.lexsort((-records["edited_at"].astype(np.int64), -helpful, -scores))
    texts, exact_scores = ranked.texts.copy(), ranked.scores.copy()
    texts[top], exact_scores[top] = texts[top][order], exact_scores[top][order]
    return replace(ranked, texts=texts, scores=exact_scores)


def _helpful_shares() -> Mapping[int, float]:
    """The share of readers whom a text helped, for those with feedback; counted every five minutes in a process.

    Few answers say little: one reader helped and one not are added to each text.
    """
    # Replaced as a whole, so that no thread sees half of it.
    global _shares
    stamp = str(cache.get_or_set(_STAMP_KEY, lambda: str(uuid4()), _COUNTED_AGAIN_AFTER_SECONDS))
    if _shares.stamp != stamp:
        rows = Feedback.objects.values_list("translation").annotate(
            helped=Count("pk", Q(is_helpful=True)), asked=Count("pk")
        )
        _shares = _Shares(stamp, {text: (helped + 1) / (asked + 2) for text, helped, asked in rows.order_by()})
    return _shares.by_text
