"""The guard: whatever is saved, in whichever way, no topic is at any time without a channel that takes a message."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import TopicFactory
from tests.people import ada, max_
from tickets.models import Calendar, CalendarException, Channel, ChannelKind, ChannelPolicy, OpeningPeriod
from tickets.services.channel_guard import nobody_left_out
from tickets.services.channel_policy import offer_for_a_while, ways_to_reach_us
from tickets.services.channel_rules import lineage, standing_policy
from tickets.timetable import MIDNIGHT

pytestmark = pytest.mark.django_db
STOCKHOLM = ZoneInfo("Europe/Stockholm")
CLOSED, LISTED = ChannelPolicy.Prominence.CLOSED, ChannelPolicy.Prominence.LISTED
POLICY = "/admin/tickets/channelpolicy/"


@pytest.fixture
def form():
    return Channel.objects.create(kind=ChannelKind.FORM)


@pytest.fixture
def email():
    return Channel.objects.create(kind=ChannelKind.EMAIL, address="help@example.com")


@pytest.fixture
def office():
    """Monday to Friday from 8 to 18."""
    calendar = Calendar.objects.create(name="Office")
    for day in range(5):
        OpeningPeriod.objects.create(calendar=calendar, weekday=day, opens=time(8), closes=time(18))
    return calendar


def refusal(**fields) -> str:
    with pytest.raises(ValidationError) as refused:
        ChannelPolicy(**fields).full_clean()
    return " ".join(refused.value.messages)


def save(**fields) -> ChannelPolicy:
    policy = ChannelPolicy(**fields)
    policy.full_clean()
    policy.save()
    return policy


class TestWhatIsRefused:
    def test_hours_that_leave_the_nights_open(self, form, email, office):
        topic = TopicFactory(names={"en": "Returns"})
        save(channel=form, prominence=CLOSED)
        save(channel=email, topic=topic, prominence=LISTED, hours=office)
        sentence = refusal(channel=email, topic=topic, prominence=CLOSED)
        assert "Mondays–Thursdays 18:00–08:00, Fridays 18:00 – Mondays 08:00 for “Returns”" in sentence
        assert "the whole site" not in sentence

    def test_a_night_that_begins_on_one_day_and_ends_on_the_next(self, form, email, office):
        save(channel=form, prominence=CLOSED)
        night = Calendar.objects.create(name="Night")
        OpeningPeriod.objects.create(calendar=night, weekday=0, opens=time(22), closes=MIDNIGHT)
        OpeningPeriod.objects.create(calendar=night, weekday=1, opens=MIDNIGHT, closes=time(6))
        sentence = refusal(channel=email, prominence=CLOSED, hours=night)
        assert "Mondays 22:00–06:00 for the whole site" in sentence

    def test_it_speaks_the_language_of_whoever_saves(self, form, email):
        save(channel=form, prominence=CLOSED)
        with translation.override("sv"):
            assert "hela webbplatsen" in refusal(channel=email, prominence=CLOSED)

    def test_a_window_is_named_by_its_dates(self, form, email):
        begins = datetime(2030, 12, 1, 10, tzinfo=STOCKHOLM)
        save(channel=form, prominence=CLOSED)
        fields = {"channel": email, "prominence": CLOSED, "begins_at": begins}
        assert "1 December 2030 10:00–12:00" in refusal(**fields, ends_at=begins + timedelta(hours=2))
        assert "from 1 December 2030 at 10:00 on" in refusal(**fields)

    def test_two_windows_that_overlap_for_an_hour(self, form, email):
        begins = datetime(2030, 12, 1, 10, tzinfo=STOCKHOLM)
        save(channel=form, prominence=CLOSED, begins_at=begins, ends_at=begins + timedelta(hours=3))
        later = begins + timedelta(hours=2)
        sentence = refusal(channel=email, prominence=CLOSED, begins_at=later, ends_at=later + timedelta(hours=3))
        assert "1 December 2030 12:00–13:00" in sentence
        save(channel=email, prominence=CLOSED, begins_at=later + timedelta(hours=1), ends_at=later + timedelta(days=1))

    def test_only_on_the_channels_page_is_nowhere_else(self, form, email):
        save(channel=form, prominence=CLOSED)
        assert "the whole site" in refusal(channel=email, place=ChannelPolicy.Place.CHANNELS)
        sentence = refusal(channel=email, place=ChannelPolicy.Place.TOPIC)
        assert "the whole site" in sentence

    def test_what_is_concerned_is_named_and_the_rest_of_much_is_counted(self, form, email):
        topics = [TopicFactory(names={"en": name}) for name in ("Returns", "Delivery", "Payment", "Sizes", "Care")]
        lifeline = save(channel=form, topic=topics[0], prominence=LISTED)
        save(channel=form, prominence=CLOSED)
        sentence = refusal(channel=email, prominence=CLOSED)
        assert "at all times for pages without a topic, “Delivery”, “Payment” and 2 more." in sentence
        lifeline.delete()
        assert "at all times for the whole site." in refusal(channel=email, prominence=CLOSED)

    def test_a_lunch_is_told_once_for_all_days(self, form, email):
        save(channel=form, prominence=CLOSED)
        office = Calendar.objects.create(name="Office")
        for day in range(5):
            OpeningPeriod.objects.create(calendar=office, weekday=day, opens=time(8), closes=time(11, 30))
            OpeningPeriod.objects.create(calendar=office, weekday=day, opens=time(12), closes=time(18))
        sentence = refusal(channel=email, prominence=CLOSED, hours=office)
        assert "Mondays–Fridays 08:00–11:30, 12:00–18:00 for the whole site." in sentence

    def test_a_topic_below_another_inherits(self, form, email):
        above = TopicFactory(names={"en": "Money"})
        below = TopicFactory(names={"en": "Debt"}, parent=above)
        save(channel=form, topic=above, prominence=CLOSED)
        assert "“Debt”" in refusal(channel=email, topic=below, prominence=CLOSED)

    def test_a_topic_is_not_moved_to_where_nobody_answers(self, form, email):
        above = TopicFactory()
        below = TopicFactory(parent=above)
        save(channel=email, topic=above, prominence=LISTED)
        save(channel=form, topic=below, prominence=CLOSED)
        save(channel=email, prominence=CLOSED)
        below.parent = None
        with pytest.raises(ValidationError, match="nobody to write to"):
            below.full_clean()

    def test_a_holiday_that_closes_the_hours_on_which_it_hangs(self, form, email):
        always = Calendar.objects.create(name="Always")
        for day in range(7):
            OpeningPeriod.objects.create(calendar=always, weekday=day, opens=MIDNIGHT, closes=MIDNIGHT)
        save(channel=form, prominence=CLOSED)
        save(channel=email, prominence=LISTED, hours=always)
        save(channel=form, prominence=LISTED, hours=always)
        ChannelPolicy.objects.filter(channel=email, hours=None).delete()
        save(channel=email, prominence=CLOSED)
        always.country = "SE"
        with pytest.raises(ValidationError) as refused:
            always.full_clean()
        assert "00:00" in refused.value.messages[0]

    def test_an_incident_cannot_close_the_last_channel(self, form, email):
        begins = timezone.now()
        fields = {"topic": None, "prominence": CLOSED, "begins_at": begins, "ends_at": begins + timedelta(hours=4)}
        offer_for_a_while(channel=form, sentences={"en": "Down."}, **fields)
        with pytest.raises(ValidationError, match="nobody to write to"):
            offer_for_a_while(channel=email, sentences={}, **fields)
        assert ChannelPolicy.objects.count() == 1


class TestSchedules:
    @pytest.fixture
    def closed_in_office_hours(self, form, email, office):
        """The form is closed in office hours, e-mail on the evening after them."""
        evening = Calendar.objects.create(name="Evening")
        OpeningPeriod.objects.create(calendar=evening, weekday=0, opens=time(18), closes=time(20))
        save(channel=form, prominence=CLOSED, hours=office)
        save(channel=email, prominence=CLOSED, hours=evening)
        return evening

    def test_a_period_that_would_overlap(self, closed_in_office_hours):
        period = OpeningPeriod(calendar=closed_in_office_hours, weekday=1, opens=time(17), closes=time(19))
        with pytest.raises(ValidationError, match="Tuesdays 17:00–18:00"):
            period.full_clean()

    def test_a_day_that_differs(self, closed_in_office_hours):
        day = date(2030, 1, 7)
        row = CalendarException(calendar=closed_in_office_hours, day=day, opens=time(9), closes=time(10))
        with pytest.raises(ValidationError, match="7 January 2030 09:00–10:00"):
            row.full_clean()

    def test_another_time_zone(self, closed_in_office_hours):
        closed_in_office_hours.time_zone = "Europe/Helsinki"
        with pytest.raises(ValidationError, match="Mondays 17:00–18:00"):
            closed_in_office_hours.full_clean()

    def test_in_the_admin_the_whole_of_a_calendar_is_judged(self, client, closed_in_office_hours):
        client.force_login(max_())
        address = f"/admin/tickets/calendar/{closed_in_office_hours.pk}/change/"
        data = {"name": "Evening", "time_zone": "Europe/Stockholm", "exceptions-TOTAL_FORMS": 0}
        data["exceptions-INITIAL_FORMS"] = 0
        page = client.post(address, data | {"day_0": "17-20"})
        # Beside the days that differ, and at the top, where it is seen.
        assert page.content.decode().count("Mondays 17:00–18:00 for the whole site") == 2
        assert closed_in_office_hours.hours.get().opens == time(18)
        # Neither half alone would do; together they do.
        assert client.post(address, data | {"time_zone": "Europe/Helsinki", "day_0": "19-20"}).status_code == 302

    def test_a_calendar_on_which_a_policy_hangs_cannot_be_deleted(self, client, closed_in_office_hours):
        client.force_login(max_())
        client.post(f"/admin/tickets/calendar/{closed_in_office_hours.pk}/delete/", {"post": "yes"})
        assert Calendar.objects.filter(pk=closed_in_office_hours.pk).exists()


class TestManyAtOnce:
    def test_a_bulk_action_that_would_trap_people_changes_nothing(self, client, form, email):
        rows = [save(channel=form), save(channel=email), save(channel=form, topic=TopicFactory())]
        client.force_login(max_())
        data = {"action": "close", "_selected_action": [row.pk for row in rows]}
        page = client.post(POLICY, data, follow=True).content.decode()
        assert "That would leave nobody to write to" in page
        assert not ChannelPolicy.objects.filter(prominence=CLOSED).exists()
        client.post(POLICY, data | {"_selected_action": [rows[0].pk]})
        assert ChannelPolicy.objects.get(prominence=CLOSED).pk == rows[0].pk

    def test_nor_does_removing_many(self, client, form, email):
        topic = TopicFactory(names={"en": "Returns"})
        lifeline = save(channel=form, topic=topic)
        ChannelPolicy.objects.create(channel=email, topic=topic, prominence=CLOSED)
        ChannelPolicy.objects.create(channel=form, prominence=CLOSED)
        client.force_login(max_())
        data = {"action": "remove", "_selected_action": [lifeline.pk], "post": "yes"}
        page = client.post(POLICY, data, follow=True).content.decode()
        assert "at all times for “Returns”" in page
        assert ChannelPolicy.objects.filter(pk=lifeline.pk).exists()

    def test_agents_steer_nothing(self, client, form):
        row = save(channel=form)
        client.force_login(ada())
        assert client.post(POLICY, {"action": "close", "_selected_action": [row.pk]}).status_code == 403

    def test_whatever_is_done_in_code(self, form, email):
        def trap_people() -> None:
            with nobody_left_out():
                Channel.objects.filter(kind="email").delete()
                ChannelPolicy.objects.create(channel=form, prominence=CLOSED)

        with pytest.raises(ValidationError, match="nobody to write to"):
            trap_people()
        assert Channel.objects.count() == 2
        assert not ChannelPolicy.objects.exists()


def test_what_trapped_people_before_does_not_keep_anybody_from_mending_it(form, email):
    topic = TopicFactory()
    for channel in (form, email):
        ChannelPolicy.objects.create(channel=channel, topic=topic, prominence=CLOSED)
    save(channel=form, prominence=LISTED)
    mended = ChannelPolicy.objects.get(channel=form, topic=topic)
    mended.prominence = LISTED
    mended.full_clean()


# --- Whatever they save -------------------------------------------------------------------------------

# A week in which the clock is put back, seen from both ends of the union.
START = datetime(2026, 10, 22, 22, tzinfo=UTC)
MINUTES = 6 * 24 * 60
ZONES = ("Europe/Stockholm", "America/New_York")
# Two o'clock comes twice in that week; which of the two is meant, test_opening_hours shows.
clock = st.integers(0, 24 * 12 - 1).map(lambda five: time(five // 12, five % 12 * 5)).filter(lambda at: at.hour != 2)
moments = st.integers(0, MINUTES // 5).map(lambda five: START + timedelta(minutes=five * 5))
periods = st.tuples(st.integers(0, 6), clock, clock).filter(lambda period: period[1] < period[2] or not period[2])
calendars = st.tuples(st.sampled_from(ZONES), st.sampled_from(["", "SE"]), st.lists(periods, max_size=5))
policies = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(["form", "email"]),
        "topic": st.sampled_from(["", "above", "below"]),
        "prominence": st.sampled_from(["closed", "closed", "listed"]),
        "place": st.sampled_from(["every_page", "every_page", "topic", "channels"]),
        "hours": st.sampled_from([None, None, 0, 1]),
        "begins_at": st.none() | moments,
        "ends_at": st.none() | moments,
    }
)


@pytest.fixture
def frozen(monkeypatch):
    monkeypatch.setattr("tickets.services.channel_guard.timezone.now", lambda: START)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.tuples(calendars, calendars), st.lists(policies, min_size=1, max_size=6))
def test_nothing_that_was_saved_through_the_guard_leaves_a_gap_in_any_minute(frozen, hours, rows):
    with taken_back():
        world = make_world(hours)
        for row in rows:
            try_to_save(world, row)
        for topic in (None, world["above"], world["below"]):
            assert_somebody_takes_messages(topic)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.tuples(calendars, calendars), st.lists(policies, min_size=1, max_size=6), moments)
def test_rows_that_got_in_by_another_way_trap_nobody_when_they_are_read(hours, rows, at):
    with taken_back():
        world = make_world(hours)
        for row in rows:
            if not conflicts(row):
                ChannelPolicy.objects.filter(**same_place(world, row)).delete()
                ChannelPolicy.objects.create(**values(world, row))
        later = TopicFactory(parent=world["below"])
        for topic in (None, world["above"], world["below"], later):
            for place in (None, "channels"):
                offers = ways_to_reach_us(topic, at=at, place=place)
                assert any(offer.is_offered and offer.url for offer in offers if offer.kind in ("form", "email"))


@contextmanager
def taken_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def make_world(hours):
    world = {kind: Channel.objects.create(kind=kind) for kind in ("form", "email")}
    world["above"] = TopicFactory()
    world["below"] = TopicFactory(parent=world["above"])
    world["calendars"] = []
    for zone, country, week in hours:
        calendar = Calendar.objects.create(name=zone, time_zone=zone, country=country)
        for day, opens, closes in week:
            OpeningPeriod.objects.create(calendar=calendar, weekday=day, opens=opens, closes=closes)
        world["calendars"].append(calendar)
    return world


def conflicts(row):
    return bool(row["begins_at"] and row["ends_at"] and row["ends_at"] <= row["begins_at"])


def values(world, row):
    return row | {
        "channel": world[row["channel"]],
        "topic": world.get(row["topic"]),
        "hours": None if row["hours"] is None else world["calendars"][row["hours"]],
    }


def same_place(world, row):
    found = values(world, row)
    return {name: found[name] for name in ("channel", "topic", "hours", "begins_at", "ends_at")}


def try_to_save(world, row):
    policy = ChannelPolicy(**values(world, row))
    try:
        policy.full_clean()
    except ValidationError:
        return
    policy.save()


def assert_somebody_takes_messages(topic):
    """Minute by minute, by the rule in words alone: no intervals, no shared arithmetic."""
    line = lineage(topic)
    stored = list(ChannelPolicy.objects.select_related("hours", "channel"))
    by_channel = {kind: [row for row in stored if row.channel.kind == kind] for kind in ("form", "email")}
    open_hours = {row.hours_id: minutes_open(row.hours) for row in stored if row.hours_id}
    for minute in range(MINUTES):
        at = START + timedelta(minutes=minute)
        holds = partial(holds_in_minute, at=at, minute=minute, open_hours=open_hours)
        standing = [standing_policy(rows, line, holds) for rows in by_channel.values()]
        assert any(takes(policy, topic) for policy in standing), (topic, at)


def minutes_open(calendar):
    zone = calendar.zone
    periods = [(row.weekday, row.opens, row.closes) for row in calendar.hours.all()]
    timetable = calendar.timetable()
    found = set()
    for minute in range(MINUTES):
        local = (START + timedelta(minutes=minute)).astimezone(zone)
        if not timetable.is_holiday(local.date()) and any(
            day == local.weekday() and opens <= local.time() and (local.time() < closes or closes == MIDNIGHT)
            for day, opens, closes in periods
        ):
            found.add(minute)
    return found


def holds_in_minute(policy, *, at, minute, open_hours):
    if (policy.begins_at and at < policy.begins_at) or (policy.ends_at and at >= policy.ends_at):
        return False
    return policy.hours_id is None or minute in open_hours[policy.hours_id]


def takes(policy, topic):
    if policy is None:
        return True
    return policy.prominence != CLOSED and policy.place in (["every_page", "topic"] if topic else ["every_page"])
