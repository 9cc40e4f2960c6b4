"""Ways to a person: their state now, and the guard that nobody is left without one."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from tests.factories import TopicFactory
from tickets.models import Calendar, CalendarException, Channel, ChannelKind, ChannelPolicy, ChannelText, OpeningPeriod
from tickets.services.channel_policy import ways_to_reach_us

pytestmark = pytest.mark.django_db
STOCKHOLM = ZoneInfo("Europe/Stockholm")
MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=STOCKHOLM)
MONDAY_NIGHT = datetime(2026, 11, 23, 22, 0, tzinfo=STOCKHOLM)
SATURDAY_NIGHT = datetime(2026, 11, 28, 22, 0, tzinfo=STOCKHOLM)


@pytest.fixture
def calendar():
    calendar = Calendar.objects.create(name="Office")
    for weekday in range(5):
        OpeningPeriod.objects.create(calendar=calendar, weekday=weekday, opens=time(8), closes=time(11, 30))
        OpeningPeriod.objects.create(calendar=calendar, weekday=weekday, opens=time(12), closes=time(18))
    return calendar


@pytest.fixture
def channels(calendar):
    phone = Channel.objects.create(kind=ChannelKind.PHONE, address="+46 31 390 06 10", calendar=calendar)
    chat = Channel.objects.create(kind=ChannelKind.CHAT)
    ChannelText.objects.create(channel=chat, language="sv", closed_reason="Chatten öppnar snart.")
    ChannelPolicy.objects.create(channel=chat, prominence="closed")
    form = Channel.objects.create(kind=ChannelKind.FORM)
    email = Channel.objects.create(kind=ChannelKind.EMAIL, address="help@havsvind.example")
    return {"phone": phone, "chat": chat, "form": form, "email": email}


def offers(topic=None, at=MONDAY_NOON):
    return {offer.kind: offer for offer in ways_to_reach_us(topic, at=at)}


def test_the_phone_says_until_when_and_from_when(channels):
    assert offers()["phone"].is_open
    assert offers()["phone"].detail == "until 18:00"
    assert not offers(at=MONDAY_NIGHT)["phone"].is_open
    assert offers(at=MONDAY_NIGHT)["phone"].detail == "opens tomorrow at 08:00"
    assert offers(at=SATURDAY_NIGHT)["phone"].detail == "opens Monday at 08:00"
    assert offers()["phone"].url == "tel:+46313900610"


def test_lunch_and_dated_exceptions_count(calendar):
    lunch = datetime(2026, 11, 23, 11, 45, tzinfo=STOCKHOLM)
    assert not calendar.is_open(lunch)
    assert calendar.next_opening(lunch) == MONDAY_NOON
    CalendarException.objects.create(calendar=calendar, day=date(2026, 11, 23))
    calendar = Calendar.objects.get()
    assert not calendar.is_open(MONDAY_NOON)
    assert calendar.next_opening(MONDAY_NOON) == datetime(2026, 11, 24, 8, 0, tzinfo=STOCKHOLM)


def test_hours_hold_across_the_change_to_winter_time(calendar):
    before = datetime(2026, 10, 23, 17, 30, tzinfo=STOCKHOLM)
    after = datetime(2026, 10, 26, 17, 30, tzinfo=STOCKHOLM)
    assert calendar.closes_at(before).hour == calendar.closes_at(after).hour == 18
    assert before.utcoffset() != after.utcoffset()


def test_a_channel_closed_by_policy_is_named_with_its_reason_and_leads_nowhere(channels):
    with translation.override("sv"):
        chat = offers()["chat"]
    assert (chat.is_open, chat.is_offered, chat.url) == (False, False, "")
    assert chat.detail == "Chatten öppnar snart."


def test_form_and_mail_take_messages_at_any_hour(channels):
    assert offers(at=SATURDAY_NIGHT)["form"].is_open
    assert offers(at=SATURDAY_NIGHT)["email"].is_open


def test_a_topic_overrides_everywhere(channels):
    topic = TopicFactory()
    ChannelPolicy.objects.create(channel=channels["phone"], topic=topic, prominence="featured")
    assert next(iter(ways_to_reach_us(topic, at=MONDAY_NOON))).kind == "phone"
    assert offers()["phone"].prominence == "listed"


class TestGuard:
    def refuse(self, **fields):
        with pytest.raises(ValidationError, match="nobody to write to"):
            ChannelPolicy(**fields).full_clean()

    def test_the_last_channel_that_takes_a_message_cannot_be_closed_everywhere(self, channels):
        ChannelPolicy.objects.create(channel=channels["form"], prominence="closed")
        self.refuse(channel=channels["email"], prominence="closed")

    def test_nor_on_a_single_topic(self, channels):
        topic = TopicFactory()
        ChannelPolicy.objects.create(channel=channels["form"], prominence="closed")
        self.refuse(channel=channels["email"], topic=topic, prominence="closed")

    def test_closing_one_of_two_is_fine(self, channels):
        ChannelPolicy(channel=channels["email"], prominence="closed").full_clean()
        ChannelPolicy(channel=channels["phone"], prominence="closed").full_clean()

    def test_what_got_into_the_database_by_another_way_is_repaired_when_read(self, channels):
        for kind in ("form", "email"):
            ChannelPolicy.objects.create(channel=channels[kind], prominence="closed")
        assert offers()["form"].is_open
        assert offers()["form"].url

    def test_with_no_channels_at_all_the_form_is_offered(self):
        assert list(offers()) == ["form"]


def test_reading_the_offers_costs_few_queries(channels, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        ways_to_reach_us(at=MONDAY_NOON)
