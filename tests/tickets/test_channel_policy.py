"""Ways to a person: their state now, and the guard that nobody is left without one."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from tests.factories import TopicFactory, UserFactory, make_ticket, publish_article
from tests.people import ada
from tickets.models import (
    AgentAvailability,
    Calendar,
    CalendarException,
    Channel,
    ChannelKind,
    ChannelPolicy,
    ChannelText,
    Chat,
    OpeningPeriod,
)
from tickets.services.channel_policy import is_open, support_address, ways_to_reach_us
from tickets.services.chat_openness import standing_by

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


def test_the_most_specific_topic_wins_and_what_is_for_a_while_over_what_is_for_good(channels, calendar):
    phone = channels["phone"]
    above = TopicFactory()
    below = TopicFactory(parent=above)

    def prominence(topic, at=MONDAY_NOON):
        return offers(topic, at)["phone"].prominence

    ChannelPolicy.objects.create(channel=phone, prominence="minimised")
    assert prominence(below) == "minimised"
    hour = timedelta(hours=1)
    while_open = {"hours": calendar, "prominence": "featured"}
    ChannelPolicy.objects.create(channel=phone, **while_open)
    assert (prominence(below), prominence(below, SATURDAY_NIGHT)) == ("featured", "minimised")
    dates = {"begins_at": MONDAY_NOON, "ends_at": MONDAY_NOON + hour}
    ChannelPolicy.objects.create(channel=phone, prominence="closed", **dates)
    assert (prominence(below), prominence(below, MONDAY_NOON + hour)) == ("closed", "featured")
    ChannelPolicy.objects.create(channel=phone, topic=above, prominence="listed")
    assert (prominence(below), prominence(above), prominence(None)) == ("listed", "listed", "closed")
    ChannelPolicy.objects.create(channel=phone, topic=below, prominence="minimised")
    assert (prominence(below), prominence(above)) == ("minimised", "listed")
    # Of two that began, the one that began last; of two that began together, the one that was written last.
    later = {"begins_at": MONDAY_NOON + hour / 2, "ends_at": MONDAY_NOON + 2 * hour}
    ChannelPolicy.objects.create(channel=phone, prominence="featured", **later)
    assert prominence(None, MONDAY_NOON + hour / 2) == "featured"
    ChannelPolicy.objects.create(channel=phone, prominence="listed", **later)
    assert prominence(None, MONDAY_NOON + hour / 2) == "listed"


def test_a_channel_is_seen_where_its_policy_says(channels):
    topic = TopicFactory()
    policy = ChannelPolicy.objects.create(channel=channels["phone"], place="channels")

    def is_seen(topic=None, place=None):
        return "phone" in {offer.kind for offer in ways_to_reach_us(topic, at=MONDAY_NOON, place=place)}

    assert (is_seen(), is_seen(topic), is_seen(place="channels")) == (False, False, True)
    policy.place = "topic"
    policy.save()
    assert (is_seen(), is_seen(topic), is_seen(place="channels")) == (False, True, True)


def test_the_pages_ask_for_their_own_place(client, channels):
    ChannelPolicy.objects.create(channel=channels["phone"], place="channels")
    assert 'data-channel="phone"' not in client.get("/en/").content.decode()
    assert 'data-channel="phone"' in client.get("/en/channels/").content.decode()


def test_the_sentence_of_the_policy_is_read_closed_or_not(client, channels):
    sentences = {"en": "Long queue after the storm.", "sv": "Lång kö efter stormen."}
    policy = ChannelPolicy.objects.create(channel=channels["phone"], sentences=sentences)
    with translation.override("sv"):
        assert offers()["phone"].sentence == "Lång kö efter stormen."
    policy.prominence = "closed"
    policy.save()
    with translation.override("nb"):
        assert offers()["phone"].detail == "Lång kö efter stormen."
    for page in ("/en/", "/en/channels/", "/en/contact/"):
        assert "Long queue after the storm." in client.get(page).content.decode()


def test_there_is_one_lasting_policy_a_channel_and_topic_and_any_number_for_a_while(channels, calendar):
    ChannelPolicy.objects.create(channel=channels["phone"])
    with pytest.raises(ValidationError, match="already"):
        ChannelPolicy(channel=channels["phone"], prominence="featured").full_clean()
    ChannelPolicy(channel=channels["phone"], prominence="featured", hours=calendar).full_clean()
    with pytest.raises(ValidationError, match="end after it begins"):
        ChannelPolicy(channel=channels["phone"], begins_at=MONDAY_NIGHT, ends_at=MONDAY_NOON).full_clean()


class TestPeopleFirst:
    @pytest.fixture
    def topic(self, channels):
        ChannelPolicy.objects.filter(channel=channels["chat"]).delete()
        return TopicFactory(kind="sensitive", names={"en": "A death"})

    def test_those_one_can_talk_to_are_featured(self, topic, channels):
        assert [offer.kind for offer in ways_to_reach_us(topic, at=MONDAY_NOON)][:2] == ["chat", "phone"]
        ChannelPolicy.objects.create(channel=channels["chat"], prominence="minimised")
        assert offers(topic)["chat"].prominence == "featured"

    def test_the_topics_own_policy_and_a_closed_channel_stay(self, topic, channels):
        ChannelPolicy.objects.create(channel=channels["chat"], prominence="closed")
        ChannelPolicy.objects.create(channel=channels["phone"], topic=topic, prominence="listed")
        assert not offers(topic)["chat"].is_offered
        assert offers(topic)["phone"].prominence == "listed"

    def test_on_its_page_a_person_stands_above_the_articles(self, client, topic):
        publish_article(topic=topic, title="What happens to an account")
        page = client.get(f"/en/topics/{topic.slug}/").content.decode()
        assert page.index('data-channel="phone"') < page.index("What happens to an account")
        assert page.count("data-escape-hatches") == 1
        topic.kind = "help"
        topic.save()
        page = client.get(f"/en/topics/{topic.slug}/").content.decode()
        assert page.index('data-channel="phone"') > page.index("What happens to an account")

    @pytest.mark.parametrize("kind", ["sensitive", "buying", "help"])
    def test_so_it_does_on_its_articles_and_in_a_search_that_they_answer_best(self, client, commit, topic, kind):
        topic.kind = kind
        topic.save()
        with commit():
            text = publish_article(topic=topic, title="What happens to an account", body="We close the account.")
        for path, words in (
            (text.get_absolute_url(), "We close the account."),
            ("/en/search/?q=close account", f"{text.get_absolute_url()}?"),
            (f"/en/search/?q=zzzz&topic={topic.slug}", "</main>"),
        ):
            page = client.get(path).content.decode()
            assert page.count("data-escape-hatches") == 1
            main = page[page.index("<main") :]
            assert (main.index('data-channel="phone"') < main.index(words)) == (kind != "help")

    def test_topics_below_it_are_so_too_unless_they_are_of_another_kind(self, client, topic, channels):
        between = TopicFactory(parent=topic)
        below = TopicFactory(parent=between, names={"en": "Papers we need"})
        assert below.is_for_people_first
        assert [offer.kind for offer in ways_to_reach_us(below, at=MONDAY_NOON)][:2] == ["chat", "phone"]
        assert "Talk to a person straight away" in client.get(f"/en/topics/{below.slug}/").content.decode()
        assert TopicFactory(parent=between, kind="buying").standing_kind == "buying"
        topic.kind = "help"
        topic.save()
        assert not type(below).objects.get(pk=below.pk).is_for_people_first

    def test_a_circle_of_topics_that_only_a_raw_edit_can_make_ends(self, topic):
        below = TopicFactory(parent=topic)
        type(topic).objects.filter(pk=topic.pk).update(parent=below, kind="help")
        assert not type(topic).objects.get(pk=topic.pk).is_for_people_first

    def test_managers_of_content_set_the_kind(self, client, topic):
        client.force_login(UserFactory(email="root@example.com", roles=["administrator"], is_staff=True))
        page = client.get(f"/admin/knowledge/topic/{topic.pk}/change/").content.decode()
        assert "no articles are suggested" in page


class TestChat:
    @pytest.fixture
    def chat(self, channels, calendar):
        ChannelPolicy.objects.all().delete()
        Channel.objects.filter(kind="chat").update(calendar=calendar)
        return channels["chat"]

    def available(self, at, **fields):
        return AgentAvailability.objects.create(user=ada(), state="available", seen_at=at, **fields)

    def test_it_is_open_when_it_should_be_and_somebody_is_there(self, chat):
        away = offers()["chat"]
        assert (away.is_open, away.is_staffed, away.next_opening) == (False, False, None)
        assert away.label == "Leave a message in the chat"
        assert away.detail == "nobody is at the chat right now"
        assert away.url == reverse("chat")
        agent = self.available(MONDAY_NOON)
        assert offers()["chat"].is_open
        assert is_open("chat", at=MONDAY_NOON)
        agent.state = "away"
        agent.save()
        assert not offers()["chat"].is_open

    def test_who_has_their_hands_full_may_be_free_soon_and_whose_desk_is_shut_may_not(self, chat):
        agent = self.available(MONDAY_NOON, chat_capacity=1)
        assert standing_by(at=MONDAY_NOON).has_room
        Chat.objects.create(ticket=make_ticket(), agent=agent.user, state=Chat.State.ACTIVE)
        for fields in ({}, {"state": "busy"}):
            AgentAvailability.objects.update(**fields)
            assert is_open("chat", at=MONDAY_NOON)
            by = standing_by(at=MONDAY_NOON)
            assert (by.is_answered, by.has_room) == (True, False)
        for at, fields in ((MONDAY_NOON + timedelta(minutes=5), {}), (MONDAY_NOON, {"own_capacity": 0})):
            AgentAvailability.objects.update(**fields)
            assert not is_open("chat", at=at)
            assert not standing_by(at=at).is_answered

    def test_outside_its_hours_it_says_when_it_opens_whoever_is_there(self, chat):
        self.available(MONDAY_NIGHT)
        closed = offers(at=MONDAY_NIGHT)["chat"]
        assert (closed.is_open, closed.is_staffed, closed.when) == (False, True, "opens tomorrow at 08:00")
        assert closed.next_opening == datetime(2026, 11, 24, 8, tzinfo=STOCKHOLM)


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


class TestAddresses:
    @pytest.mark.parametrize(
        ("kind", "address", "is_taken"),
        [
            ("phone", "", False),
            ("phone", "call us", False),
            ("phone", "+46 31-390 06 10", True),
            ("phone", "(08) 12 34 56", True),
            ("phone", "116 000", True),
            ("email", "help at example", False),
            ("email", "", True),
            ("email", "help@example.com", True),
            ("chat", "", True),
        ],
    )
    def test_what_leads_nowhere_is_refused(self, kind, address, is_taken):
        channel = Channel(kind=kind, address=address)
        if is_taken:
            channel.full_clean()
        else:
            with pytest.raises(ValidationError) as refused:
                channel.full_clean()
            assert "address" in refused.value.message_dict

    def test_what_got_into_the_database_by_another_way_leads_nobody_nowhere(self, channels, settings):
        Channel.objects.filter(kind__in=["phone", "email"]).update(address="ask at the till")
        assert "phone" not in offers()
        assert offers()["email"].url == f"mailto:{settings.DEFAULT_FROM_EMAIL}" == f"mailto:{support_address()}"


def test_reading_the_offers_costs_few_queries(channels, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        ways_to_reach_us(at=MONDAY_NOON)


def test_with_everything_set_it_costs_ten(channels, calendar, django_assert_max_num_queries):
    topic = TopicFactory(parent=TopicFactory())
    ChannelPolicy.objects.all().delete()
    for channel in channels.values():
        for _number in range(3):
            ChannelPolicy.objects.create(channel=channel, topic=topic, hours=calendar)
    with django_assert_max_num_queries(10):
        ways_to_reach_us(topic, at=MONDAY_NOON)
