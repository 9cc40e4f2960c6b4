"""Vectors on disk, so that only what is new must be encoded when the matcher learns anew.

SQLite, because several processes write at the same time and any may die while it does. The vectors are numbers of
16 bits: half the space, and a change of 0.0002 in a cosine at most.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from deflection.matching.encoders.base import Kind

logger = logging.getLogger(__name__)

# What SQLite takes in one statement, in its older versions too.
_MOST_KEYS = 900
# The matcher asks for all that it uses at every learning; what it has not asked for so long is of texts that are gone.
_KEPT_DAYS = 30
_MOST_ROWS = 300_000
_PATIENCE_SECONDS = 5.0
_SHORT = np.dtype("<f2")
_SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, used_on INTEGER NOT NULL)"

Stored = NDArray[np.float16]
_Answer = TypeVar("_Answer")


def key_of(encoder_name: str, kind: Kind, text: str) -> bytes:
    """Under what a vector is kept."""
    return hashlib.blake2b(f"{encoder_name}\0{kind}\0{text}".encode(), digest_size=16).digest()


class VectorCache:
    """The vectors in a file. Never raises: without the file, or with a damaged one, it knows nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, keys: Collection[bytes], dimensions: int) -> dict[bytes, Stored]:
        """Those of the keys that are known."""
        wanted = list(keys)

        def work(connection: sqlite3.Connection) -> dict[bytes, Stored]:
            found: dict[bytes, Stored] = {}
            for start in range(0, len(wanted), _MOST_KEYS):
                part = wanted[start : start + _MOST_KEYS]
                marks = ",".join("?" * len(part))
                rows = connection.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part)  # noqa: S608
                for key, vector in rows:
                    if len(vector) == dimensions * _SHORT.itemsize:
                        found[key] = np.frombuffer(vector, _SHORT)
                today = _today()
                connection.execute(
                    f"UPDATE vectors SET used_on = ? WHERE used_on < ? AND key IN ({marks})",  # noqa: S608
                    [today, today, *part],
                )
            return found

        return self._do(work, {})

    def store(self, vectors: Mapping[bytes, Stored]) -> None:
        rows = [(key, vector.astype(_SHORT).tobytes(), _today()) for key, vector in vectors.items()]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

        self._do(work, None)

    def prune(self) -> None:
        """Drops what nobody has asked for lately, and the oldest of more than fits."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM vectors WHERE used_on < ?", [_today() - _KEPT_DAYS])
            connection.execute(
                "DELETE FROM vectors WHERE rowid IN"
                " (SELECT rowid FROM vectors ORDER BY used_on DESC, rowid DESC LIMIT -1 OFFSET ?)",
                [_MOST_ROWS],
            )

        self._do(work, None)

    def _do(self, work: Callable[[sqlite3.Connection], _Answer], otherwise: _Answer) -> _Answer:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_PATIENCE_SECONDS)) as connection, connection:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
                connection.execute(_SCHEMA)
                return work(connection)
        except (OSError, sqlite3.OperationalError) as error:
            logger.warning("%s cannot be used now, so its vectors are computed: %s", self._path, error)
        except sqlite3.DatabaseError as error:
            logger.warning("%s is damaged and is begun anew: %s", self._path, error)
            self._drop()
        return otherwise

    def _drop(self) -> None:
        for ending in ("", "-wal", "-shm"):
            try:
                Path(f"{self._path}{ending}").unlink(missing_ok=True)
            except OSError as error:
                logger.warning("%s%s cannot be removed: %s", self._path, ending, error)


def _today() -> int:
    """Days since 1970."""
    return int(time.time() // 86400)
