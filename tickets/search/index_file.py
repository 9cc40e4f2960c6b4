"""The index of cases on disk: one SQLite file with a full-text table (FTS5), for one writer and many readers.

`IndexUnavailable` is raised for whatever is wrong with the file; the database of cases is what is true.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from knowledge.search.segments import IndexUnavailable
from tickets.search.documents import COLUMNS, Document, values_of

NAME = "cases.sqlite3"
_PATIENCE_SECONDS = 15.0
# What a match counts, by column: the number, then people, subject and tags, then what was asked, then what was said.
_WEIGHTS = {"reference": 20.0, "people": 8.0, "subject": 5.0, "question": 2.0, "said": 1.0, "tags": 4.0, "fields": 4.0}
_RANK = f"bm25(cases, {', '.join(str(_WEIGHTS.get(column, 1.0)) for column in COLUMNS)})"
_SCHEMA = f"""
CREATE VIRTUAL TABLE cases USING fts5({", ".join(COLUMNS)}, tokenize = "unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(cases, row);
CREATE TABLE indexed (ticket INTEGER PRIMARY KEY, event INTEGER NOT NULL);
CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


def create(folder: Path) -> None:
    with _connected(folder / NAME) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_SCHEMA)


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(path, timeout=_PATIENCE_SECONDS, isolation_level=None)) as connection:
            # What a power cut takes, the sweep brings back.
            connection.execute("PRAGMA synchronous = NORMAL")
            yield connection
    except sqlite3.Error as error:
        raise IndexUnavailable(f"The index of cases cannot be used ({error}).") from error


@contextmanager
def _existing(folder: Path) -> Iterator[sqlite3.Connection]:
    path = folder / NAME
    if not path.is_file():
        raise IndexUnavailable("The file of the index of cases is gone.")
    with _connected(path) as connection:
        yield connection


def write(folder: Path, documents: Mapping[int, Document | None], events: Mapping[int, int]) -> None:
    """Puts these cases in, or with None takes them out, all in one transaction.

    `events` says for each the last event that its document knows of.
    """
    marks = ", ".join("?" * (len(COLUMNS) + 1))
    rows = [(number, *values_of(one)) for number, one in documents.items() if one is not None]
    numbers = [(number,) for number in documents]
    with _existing(folder) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("DELETE FROM cases WHERE rowid = ?", numbers)
        connection.executemany(
            f"INSERT INTO cases (rowid, {', '.join(COLUMNS)}) VALUES ({marks})",  # noqa: S608 (names of ours)
            rows,
        )
        connection.executemany(
            "INSERT OR REPLACE INTO indexed VALUES (?, ?)", [(number, events.get(number, 0)) for number in documents]
        )
        connection.execute("COMMIT")


def optimise(folder: Path) -> None:
    """One b-tree of all: what a fresh index is left as."""
    with _existing(folder) as connection:
        connection.execute("INSERT INTO cases (cases) VALUES ('optimize')")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def check(folder: Path) -> None:
    """Raises IndexUnavailable for a file that cannot be read."""
    with _existing(folder) as connection:
        connection.execute("SELECT rowid FROM cases WHERE cases MATCH 'a' LIMIT 1").fetchall()
        connection.execute("SELECT event FROM indexed LIMIT 1").fetchall()


def count(folder: Path) -> int:
    """How many cases it holds."""
    with _existing(folder) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM indexed").fetchone()[0])


def fact(folder: Path, name: str) -> int:
    with _existing(folder) as connection:
        row = connection.execute("SELECT value FROM facts WHERE name = ?", [name]).fetchone()
        return int(row[0]) if row else 0


def note(folder: Path, name: str, value: int) -> None:
    with _existing(folder) as connection:
        connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [name, value])


def events_known(folder: Path, numbers: Collection[int]) -> dict[int, int]:
    """The last event that the index knows of each of these cases, where it knows the case."""
    found: dict[int, int] = {}
    with _existing(folder) as connection:
        for number in numbers:
            row = connection.execute("SELECT event FROM indexed WHERE ticket = ?", [number]).fetchone()
            if row:
                found[number] = row[0]
    return found


def matches(folder: Path, expression: str, limit: int, *, is_ranked: bool = True) -> list[int]:
    """The numbers of the cases that match an FTS5 expression: the best first, among equals the newest."""
    order = f"round({_RANK}, 1), rowid DESC" if is_ranked else "rowid DESC"
    with _existing(folder) as connection:
        rows = connection.execute(
            f"SELECT rowid FROM cases WHERE cases MATCH ? ORDER BY {order} LIMIT ?",  # noqa: S608 (names of ours)
            [expression, limit],
        )
        return [row[0] for row in rows]


def spread(folder: Path, terms: Iterable[str]) -> dict[str, int]:
    """In how many cases each of these terms stands, for those that stand anywhere."""
    found: dict[str, int] = {}
    with _existing(folder) as connection:
        for term in terms:
            row = connection.execute("SELECT doc FROM vocabulary WHERE term = ?", [term]).fetchone()
            if row:
                found[term] = row[0]
    return found


def expression_of(words: Sequence[str], columns: Sequence[str], *, is_prefix: bool = False) -> str:
    """These words, one after the other, in any of these columns. They hold letters and digits only."""
    phrase = '"' + " ".join(words) + '"'
    return f"{{{' '.join(columns)}}} : {phrase}{' *' if is_prefix else ''}"
