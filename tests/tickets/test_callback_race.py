"""Two buyers of the last place, each in a connection of their own: one gets it, the other a kind word."""

from __future__ import annotations

import pytest

from tests.tickets.calling import MONDAY, QUARTER_PAST_TEN, asked, hours
from tests.tickets.racing import a_real_database, at_once
from tickets.models import Callback, Ticket
from tickets.services import callbacks

BUYERS = 6


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
