"""Opening hours: several periods a day, public holidays, single days, time zones and the change of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import translation
from holidays import country_holidays

from tests.people import ada, max_
from tickets.holiday_names import is_known
from tickets.models import Calendar, CalendarException, Channel, ChannelKind, OpeningPeriod
from tickets.public_holidays import countries, holiday_name, subdivisions
from tickets.services.hours import calendar_of, days_that_differ, read_hours, week, when
from tickets.timetable import MIDNIGHT, Timetable

STOCKHOLM = ZoneInfo("Europe/Stockholm")
CHRISTMAS = date(2026, 12, 25)
# The first Monday of May, a city's own feast, and a day off that one match gave.
_SAID_AS_THEY_ARE = ("May Day", "Augsburg Peace Festival", "Scotland's participation in the FIFA World Cup final")


def at(day: int, hour: int, minute: int = 0, *, month: int = 12, year: int = 2026, fold: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=STOCKHOLM, fold=fold)


def timetable(*periods: tuple[str, str], days=None, country="", zone=STOCKHOLM) -> Timetable:
    """The same hours every day."""
    hours = tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in periods)
    return Timetable(zone, (hours,) * 7, days or {}, country)


class TestTheClock:
    def test_in_the_night_when_the_clock_is_put_forward_the_missing_hour_is_left_out(self):
        early = timetable(("01:30", "02:30"))
        opens, closes = early.periods_on(date(2026, 3, 29))[0]
        assert closes.astimezone(UTC) - opens.astimezone(UTC) == timedelta(minutes=30)
        assert f"{closes:%H:%M}" == "03:00"
        assert timetable(("02:15", "02:45")).periods_on(date(2026, 3, 29)) == []
        assert timetable(("02:15", "04:00")).is_open(datetime(2026, 3, 29, 1, 0, tzinfo=UTC))
        assert not timetable(("02:15", "04:00")).is_open(datetime(2026, 3, 29, 0, 59, tzinfo=UTC))

    def test_in_the_night_when_it_is_put_back_the_doubled_hour_is_open_twice_as_long(self):
        night = timetable(("01:00", "04:00"))
        opens, closes = night.periods_on(date(2026, 10, 25))[0]
        assert closes.astimezone(UTC) - opens.astimezone(UTC) == timedelta(hours=4)
        assert night.is_open(at(25, 2, 30, month=10, fold=0))
        assert night.is_open(at(25, 2, 30, month=10, fold=1))
        assert night.closes_at(at(25, 2, 30, month=10, fold=1)).astimezone(UTC).hour == 3

    def test_customers_elsewhere_meet_the_hours_of_the_calendars_own_zone(self):
        office = timetable(("09:00", "17:00"), zone=ZoneInfo("America/New_York"))
        # For three weeks in spring New York is five hours behind Stockholm, not six.
        assert office.is_open(at(16, 14, 30, month=3))
        assert not office.is_open(at(6, 14, 30, month=4))

    def test_what_goes_on_after_midnight_closes_once(self):
        night = timetable(("00:00", "06:00"), ("22:00", "00:00"))
        assert night.closes_at(at(1, 23)) == at(2, 6)
        assert night.next_opening(at(1, 12)) == at(1, 22)
        always = timetable(("00:00", "00:00"))
        assert always.is_open(at(1, 3))
        assert always.closes_at(at(1, 3)) is None

    def test_periods_that_overlap_are_one(self):
        assert timetable(("08:00", "12:00"), ("11:00", "18:00")).closes_at(at(1, 9)) == at(1, 18)


class TestHolidays:
    def test_a_holiday_is_closed_and_a_single_day_wins_over_it(self):
        office = timetable(("08:00", "18:00"), country="SE")
        assert office.periods_on(CHRISTMAS) == []
        assert office.periods_on(date(2026, 12, 23)) != []
        open_then = timetable(("08:00", "18:00"), country="SE", days={CHRISTMAS: ((time(10), time(12)),)})
        assert open_then.periods_on(CHRISTMAS) == [(at(25, 10), at(25, 12))]

    @pytest.mark.parametrize(
        ("country", "language", "name"),
        [
            ("SE", "en", "Christmas Day"),
            ("SE", "sv", "Juldagen"),
            ("NO", "nb", "Første juledag"),
            ("DK", "da", "Juledag"),
            ("FI", "sv", "Juldagen"),
            ("XX", "en", ""),
            ("XX", "nb", ""),
        ],
    )
    def test_it_has_a_name_in_the_readers_language_where_there_is_one(self, country, language, name):
        assert holiday_name(country, "", CHRISTMAS, language) == name

    def test_where_the_package_has_no_name_in_a_language_it_is_ours(self, monkeypatch):
        said = {"Christmas Day": "Første juledag", "Labor Day": "Arbeidernes dag", "Boxing Day": "Andre juledag"}
        said |= {"Constitution Day": "Grunnlovsdagen", "Pentecost Monday": "Andre pinsedag"}
        monkeypatch.setattr("tickets.holiday_names._", lambda text: said.get(text, text))
        assert holiday_name("SE", "", CHRISTMAS, "nb") == "Første juledag"
        assert holiday_name("GB", "ENG", date(2026, 12, 28), "sv") == "Andre juledag (observed)"
        assert holiday_name("NO", "", date(2027, 5, 17), "da") == "Grunnlovsdagen, Andre pinsedag"
        assert holiday_name("DE", "", date(2026, 5, 1), "nb") == "Arbeidernes dag"
        # In September it is another day.
        assert holiday_name("US", "", date(2026, 9, 7), "nb") == "Labor Day"
        assert holiday_name("SE", "", date(2026, 12, 24), "nb") == ""

    @pytest.mark.parametrize("country", ["SE", "NO", "DK", "FI", "IS", "DE", "GB"])
    def test_we_have_words_for_every_holiday_of_our_neighbours(self, country):
        for part in ("", *subdivisions(country)):
            for year in (2026, 2027):
                for day, name in country_holidays(country, subdiv=part or None, years=year, language="en_US").items():
                    for one in name.split("; "):
                        assert is_known(one, day) or one in _SAID_AS_THEY_ARE, one

    def test_parts_of_a_country_have_their_own(self):
        epiphany = date(2026, 1, 6)
        assert holiday_name("DE", "BY", epiphany, "en")
        assert not holiday_name("DE", "BE", epiphany, "en")

    def test_neighbours_are_chosen_first(self):
        assert [code for code, _name in countries()[:3]] == ["SE", "NO", "DK"]
        assert ("US", "United States") in countries()


@pytest.mark.django_db
class TestWhatCustomersRead:
    @pytest.fixture
    def calendar(self):
        calendar = Calendar.objects.create(name="Office", country="SE")
        for day in range(5):
            OpeningPeriod.objects.create(calendar=calendar, weekday=day, opens=time(8), closes=time(11, 30))
            OpeningPeriod.objects.create(calendar=calendar, weekday=day, opens=time(12), closes=time(18))
        return calendar

    def test_why_it_is_closed_and_from_when_it_is_open(self, calendar):
        # Friday; Saturday is Boxing Day, and Monday is the next working day.
        assert when(calendar, at(25, 10), "en") == "closed for Christmas Day, opens Monday at 08:00"
        assert when(calendar, at(25, 10), "sv").startswith("closed for Juldagen")
        assert when(calendar, at(22, 11, 45), "en") == "opens today at 12:00"
        assert when(calendar, at(22, 9), "en") == "until 11:30"

    def test_an_opening_in_a_week_or_more_has_its_date(self, calendar):
        for day in range(10, 24):
            CalendarException.objects.create(calendar=calendar, day=date(2026, 12, day), names={"en": "Stocktaking"})
        calendar = Calendar.objects.get()
        assert when(calendar, at(10, 9), "en") == "closed for Stocktaking, opens Thursday 24 December at 08:00"

    def test_the_week_and_the_days_that_differ(self, calendar):
        timetable = calendar.timetable()
        assert week(timetable) == (("Monday–Friday", "08:00–11:30, 12:00–18:00"), ("Saturday–Sunday", "closed"))
        exception = CalendarException(calendar=calendar, day=date(2026, 12, 24), opens=time(8), closes=time(12))
        exception.names = {"sv": "Julafton"}
        exception.save()
        rows = days_that_differ(Calendar.objects.get(), at(20, 9), "en", days=7)
        assert rows == (
            ("Thursday 24 December, Julafton", "08:00–12:00"),
            ("Friday 25 December, Christmas Day", "closed"),
        )

    def test_an_exception_names_its_day_though_it_is_a_holiday(self, calendar):
        CalendarException.objects.create(calendar=calendar, day=CHRISTMAS, names={"en": "Our day off"})
        assert Calendar.objects.get().name_of_day(CHRISTMAS, "en") == "Our day off"

    def test_the_calendar_of_a_channel(self, calendar):
        Channel.objects.create(kind=ChannelKind.PHONE, calendar=calendar)
        assert calendar_of("phone") == calendar
        assert calendar_of("chat") is None

    def test_a_period_ends_after_it_begins_or_at_midnight(self, calendar):
        OpeningPeriod.objects.create(calendar=calendar, weekday=5, opens=time(20), closes=MIDNIGHT)
        with pytest.raises(IntegrityError):
            OpeningPeriod.objects.create(calendar=calendar, weekday=5, opens=time(20), closes=time(19))

    def test_managers_see_the_holidays_to_come(self, client, calendar):
        client.force_login(max_())
        page = client.get(f"/admin/tickets/calendar/{calendar.pk}/change/").content.decode()
        assert "Christmas Day" in page
        assert "08:00–11:30, 12:00–18:00" in page
        client.force_login(ada())
        assert client.get(f"/admin/tickets/calendar/{calendar.pk}/change/").status_code == 403


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("", ()),
        ("8-18", ((time(8), time(18)),)),
        ("08:00–11:30, 12.15 - 18", ((time(8), time(11, 30)), (time(12, 15), time(18)))),
        ("20-24", ((time(20), MIDNIGHT),)),
        ("0-24", ((MIDNIGHT, MIDNIGHT),)),
    ],
)
def test_hours_are_read_as_people_type_them(text, hours):
    assert read_hours(text) == hours


@pytest.mark.parametrize("text", ["8", "8-8", "18-8", "8-12 13-17", "8-24:30", "20-24, 21-22", "12-13, 8-9", "²-3"])
def test_what_cannot_be_meant_is_refused(text):
    with translation.override("en"), pytest.raises(ValidationError):
        read_hours(text)
