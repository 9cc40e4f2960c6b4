"""Two buyers of the last place, each in a connection of their own: one gets it, the other a kind word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection, connections

from tests.tickets.calling import MONDAY, QUARTER_PAST_TEN, asked, hours
from tickets.models import Callback, Ticket
from tickets.services import callbacks

BUYERS = 6
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
    try:
        yield
    finally:
        settings["NAME"] = name


def at_once(count: int, do: Callable[[int], Result]) -> list[Result]:
    """What each of so many threads came to, all of them begun in the same moment."""
    start = Barrier(count)

    def begin(number: int) -> Result:
        start.wait()
        try:
            return do(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("places", [1, 3])
def test_no_place_is_sold_twice(places, tmp_path):
    hours(places=places)

    def buy(number: int) -> str:
        wanted = asked(number=f"+4670174060{number}", slot=QUARTER_PAST_TEN, email=f"buyer{number}@example.com")
        try:
            callbacks.book(wanted, at=MONDAY)
        except callbacks.SlotGone as gone:
            return str(gone)
        return ""

    def look(_number: int) -> tuple[list[int], int]:
        return list(
            Callback.objects.order_by("slot_place").values_list("slot_place", flat=True)
        ), Ticket.objects.count()

    with a_real_database(tmp_path):
        told = at_once(BUYERS, buy)
        ((sold, cases),) = at_once(1, look)
    assert sold == list(range(places))
    assert told.count("") == places
    assert all("10:30" in one for one in told if one)
    # Those who came too late left nothing behind: no case that nobody knows of, no letter.
    assert cases == places


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_twice_at_once_is_one_call_back(tmp_path):
    hours()

    def send(_number: int) -> None:
        callbacks.book(asked(slot=QUARTER_PAST_TEN), idempotency_key="same", at=MONDAY)

    def look(_number: int) -> tuple[int, int]:
        return Callback.objects.count(), Ticket.objects.count()

    with a_real_database(tmp_path):
        at_once(2, send)
        assert at_once(1, look) == [(1, 1)]
