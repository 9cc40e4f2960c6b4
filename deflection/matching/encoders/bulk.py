"""Vectors of many texts: from disk where they are known, from the encoder where they are new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from django.conf import settings

from deflection.matching.encoders.base import Encoder, Kind, Vectors, normalised, readable
from deflection.matching.encoders.cache import VectorCache, key_of

# To be raised when the file holds something else.
_FORMAT = 1
# Looked up and stored at once: what is lost when the process ends meanwhile.
_PORTION = 2000
# Handed to a thread at once.
_HANDFUL = 16

_Item = TypeVar("_Item")


def vectors(
    texts: Sequence[str], kind: Kind, encoder: Encoder, *, threads: int = 1, cache: VectorCache | None = None
) -> Vectors:
    """One row of length 1 a text, in order; zeros for a text without words.

    The same rows whether they were known or not: all have been rounded to what the cache keeps. Computing takes 3 to
    5 ms of one core a short phrasing, and 20 ms a passage of 100 words; more threads help where cores are idle.
    """
    cache = cache or VectorCache(settings.VAR_DIR / "encoder" / f"vectors-{_FORMAT}.sqlite3")
    places: dict[bytes, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        places[key_of(encoder.name, kind, readable(text, kind))].append(place)
    rows = np.zeros((len(texts), encoder.dimensions), dtype=np.float16)
    # Texts of like length together keep the threads equally busy.
    keys = sorted(places, key=lambda key: len(texts[places[key][0]]))
    is_new = False
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for portion in _parts(keys, _PORTION):
            known = cache.find(portion, encoder.dimensions)
            unknown = [key for key in portion if key not in known]
            handfuls = _parts([texts[places[key][0]] for key in unknown], _HANDFUL)
            found = pool.map(lambda handful: encoder.encode(handful, kind), handfuls)
            new = dict(zip(unknown, (row.astype(np.float16) for part in found for row in part), strict=True))
            if new:
                cache.store(new)
                is_new = True
            for key, row in (known | new).items():
                rows[places[key]] = row
    if is_new:
        cache.prune()
    return normalised(rows.astype(np.float32))


def _parts(items: Sequence[_Item], size: int) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
