"""Several people at once in tests: threads that begin in the same moment, each with a connection of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Barrier
from typing import TypeVar

from django.db import connection, connections

from knowledge.background import queue_nothing

Result = TypeVar("Result")


@contextmanager
def a_real_database(folder: Path) -> Iterator[None]:
    """Threads get connections to a file: SQLite's database in memory is one that they cannot share as processes do."""
    settings = connections.databases["default"]
    name = settings["NAME"]
    if connection.vendor == "sqlite":
        settings["NAME"] = str(folder / "race.sqlite3")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [settings["NAME"]])
        # As a site's file is by the time that anybody comes. Turned into one by several at once, it is locked to some.
        with closing(sqlite3.connect(settings["NAME"])) as file:
            file.execute("PRAGMA journal_mode=WAL")
    try:
        yield
    finally:
        settings["NAME"] = name


def at_once(count: int, do: Callable[[int], Result]) -> list[Result]:
    """What each of so many threads came to, all of them begun in the same moment.

    What they leave to the worker is not done: in tests it would be done within these threads, which then race for
    indexes as well.
    """
    start = Barrier(count)

    def begin(number: int) -> Result:
        with queue_nothing():
            start.wait()
            try:
                return do(number)
            finally:
                connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))
