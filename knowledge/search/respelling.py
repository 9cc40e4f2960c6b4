"""The spelling that a customer may have meant, from the words of the texts themselves."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from knowledge.search.snapshot import Snapshot
from knowledge.search.spelling import Corrector

# A new commit makes a new vocabulary, hardly different. A small one is read anew at once, a large one only when
# that takes no more than a hundredth of the time.
_READ_AT_ONCE = 5_000
_REST = 100


@dataclass(frozen=True)
class _Speller:
    snapshot: tuple[str, int]
    corrector: Corrector
    size: int
    built_at: float
    took: float

    def is_good_for(self, snapshot: Snapshot) -> bool:
        path, commit = self.snapshot
        if path != str(snapshot.path):
            return False
        if commit == snapshot.commit:
            return True
        return self.size > _READ_AT_ONCE and time.monotonic() < self.built_at + _REST * self.took


_spellers: dict[str, _Speller] = {}
_lock = threading.Lock()


def respelled(query: str, language: str, snapshot: Snapshot) -> str | None:
    """The query with misspelt words corrected; None where no better spelling is known."""
    with _lock:
        speller = _spellers.get(language)
        if speller is None or not speller.is_good_for(snapshot):
            speller = _spellers[language] = _built(language, snapshot)
    better = speller.corrector.correct_query(query)
    return better if better and better != query else None


def _built(language: str, snapshot: Snapshot) -> _Speller:
    began = time.monotonic()
    words = snapshot.vocabulary(language)
    corrector = Corrector(words, language)
    now = time.monotonic()
    return _Speller((str(snapshot.path), snapshot.commit), corrector, len(words), now, now - began)
