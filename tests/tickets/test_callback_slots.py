"""When we can call: quarters of the opening hours, each as often as managers say, and never more."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests import people
from tests.tickets.calling import MONDAY, NIGHT, QUARTER_PAST_TEN, at, booked, hours
from tickets.errors import TicketError
from tickets.models import CalendarException, Callback, Channel
from tickets.services import callbacks, history, lifecycle
from tickets.services.callback_slots import calling_hours, free_days, read_slot, slot_value
from tickets.services.spam import mark_as_spam

pytestmark = pytest.mark.django_db


def offered(now=MONDAY) -> dict[str, list[str]]:
    return {f"{day.day}": [f"{one:%H:%M}" for one in day.slots] for day in free_days(calling_hours(), now)}


def test_quarters_lie_within_the_hours_and_ahead():
    hours(("08:00", "10:10"), ("13:05", "14:00"))
    days = offered()
    assert list(days) == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"]
    assert days["2026-11-23"] == ["09:15", "09:30", "09:45", "13:15", "13:30", "13:45"]
    assert days["2026-11-24"][:2] == ["08:00", "08:15"]


def test_a_quarter_that_begins_at_once_is_nobodys_to_book():
    hours()
    assert offered(at("2026-11-23 09:06"))["2026-11-23"][0] == "09:30"
    assert offered(at("2026-11-23 09:05"))["2026-11-23"][0] == "09:15"


def test_days_that_differ_count():
    calendar = hours()
    CalendarException.objects.create(calendar=calendar, day=date(2026, 11, 24))
    assert list(offered()) == ["2026-11-23", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30"]


def test_public_holidays_are_closed():
    calendar = hours()
    calendar.country = "SE"
    calendar.save()
    assert list(offered(at("2026-12-23 09:00")))[:3] == ["2026-12-23", "2026-12-24", "2026-12-28"]


def test_clocks_that_change_lose_and_double_no_quarter():
    hours(("00:00", "05:00"), days=range(7))
    spring, autumn = offered(at("2027-03-27 23:00")), offered(at("2026-10-24 23:00"))
    assert len(spring["2027-03-28"]) == 16
    assert "02:00" not in spring["2027-03-28"]
    assert len(autumn["2026-10-25"]) == 24


def test_full_quarters_are_not_offered():
    hours(places=2)
    booked(slot=QUARTER_PAST_TEN)
    assert "10:15" in offered()["2026-11-24"]
    booked(slot=QUARTER_PAST_TEN, number="+46701740606")
    assert "10:15" not in offered()["2026-11-24"]
    with pytest.raises(callbacks.SlotGone, match=r"Tuesday 24 November at 10:30, 10:45, 11:00"):
        booked(slot=QUARTER_PAST_TEN, number="+46701740607")
    assert Callback.objects.count() == 2


def test_what_is_given_up_can_be_booked_again():
    hours(places=1)
    first = booked(slot=QUARTER_PAST_TEN)
    moved = callbacks.move(first, slot=at("2026-11-24 11:00"), by=history.CUSTOMER, at=MONDAY)
    second = booked(slot=QUARTER_PAST_TEN, number="+46701740606")
    callbacks.cancel(second, by=history.CUSTOMER)
    assert booked(slot=QUARTER_PAST_TEN, number="+46701740607").slot_place == 0
    callbacks.cancel(moved, by=history.CUSTOMER)
    assert "11:00" in offered()["2026-11-24"]


def test_what_an_agent_finds_to_be_spam_gives_up_its_place():
    hours(places=1)
    spam = booked(slot=QUARTER_PAST_TEN)
    mark_as_spam(spam.ticket, agent=people.ada())
    assert "10:15" in offered()["2026-11-24"]
    assert booked(slot=QUARTER_PAST_TEN, number="+46701740606").slot_place == 0
    lifecycle.clear_of_spam(spam.ticket, agent=people.max_())
    assert Callback.objects.promised().count() == 2


def test_fewer_places_than_were_sold_sell_no_more():
    hours(places=3)
    rows = [booked(slot=QUARTER_PAST_TEN, number=f"+4670174060{digit}") for digit in (5, 6, 7)]
    callbacks.cancel(rows[0], by=history.CUSTOMER)
    Channel.objects.update(slots_per_quarter=1)
    assert "10:15" not in offered()["2026-11-24"]
    with pytest.raises(callbacks.SlotGone):
        booked(slot=QUARTER_PAST_TEN, number="+46701740608")


def test_the_database_sells_no_place_twice():
    hours()
    one = booked(slot=QUARTER_PAST_TEN)
    twin = Callback(
        ticket=booked(number="+46701740606").ticket, number=one.number, language="en", state="done",
        slot_at=one.slot_at, slot_place=one.slot_place, promised_at=MONDAY, due_at=MONDAY,
    )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()
    twin.slot_place = 1
    twin.save()


@pytest.mark.parametrize("slot", ["2026-11-24 10:05", "2026-11-24 12:30", "2026-11-22 10:15", "2027-06-01 10:15"])
def test_times_that_are_not_offered_are_not_sold(slot):
    hours()
    with pytest.raises(callbacks.SlotGone):
        booked(slot=at(slot))
    assert not Callback.objects.exists()


def test_as_soon_as_someone_is_free_is_never_refused():
    hours(places=0)
    assert booked(now=MONDAY).due_at == MONDAY
    assert booked(now=NIGHT, number="+46701740606").due_at == at("2026-11-24 08:00")
    assert booked(now=at("2026-11-23 12:30"), number="+46701740607").due_at == at("2026-11-23 13:00")


def test_without_a_channel_too():
    assert booked().due_at == MONDAY
    assert free_days(calling_hours(), MONDAY) == []


def test_always_open_is_around_the_clock():
    hours()
    Channel.objects.update(calendar=None)
    assert len(offered()["2026-11-24"]) == 96


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T10:00Z", "2026-11-24T10:15", "tomorrow", "9" * 50])
def test_what_is_no_moment(text):
    assert read_slot(text) is None


def test_a_moment_comes_back_as_it_went():
    assert read_slot(slot_value(QUARTER_PAST_TEN)) == QUARTER_PAST_TEN


def test_the_times_cost_as_many_queries_however_many_are_sold():
    hours(places=9)
    counts = []
    for number in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            free_days(calling_hours(), MONDAY)
        counts.append(len(queries))
        for digit in range(3):
            booked(slot=QUARTER_PAST_TEN + timedelta(minutes=15 * number), number=f"+467017406{digit}{number}")
    assert counts == [4, 4]


def test_one_number_is_promised_a_few_calls_only():
    hours(places=9)
    for _ in range(callbacks.MOST_FOR_A_NUMBER):
        booked()
    with pytest.raises(TicketError, match="several times already"):
        booked(slot=QUARTER_PAST_TEN)
    assert Callback.objects.count() == callbacks.MOST_FOR_A_NUMBER
    assert booked() not in Callback.objects.promised()


def test_what_was_no_spam_after_all_gets_its_place_while_there_is_one():
    hours(places=1)
    agent = people.ada()
    first, second = booked(slot=QUARTER_PAST_TEN), booked(slot=at("2026-11-24 11:00"), number="+46701740606")
    for one in (first, second):
        mark_as_spam(one.ticket, agent=agent)
    booked(slot=QUARTER_PAST_TEN, number="+46701740607")
    for one in (first, second):
        lifecycle.clear_of_spam(one.ticket, agent=agent)
        one.refresh_from_db()
    assert (first.slot_place, second.slot_place) == (None, 0)
    assert "11:00" not in offered()["2026-11-24"]
