"""What managers see of what customers see."""

from __future__ import annotations

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tests.factories import TopicFactory
from tests.people import ada, max_, sam
from tickets.models import (
    Calendar,
    Channel,
    ChannelKind,
    ChannelPolicy,
    ChannelText,
    CustomField,
    CustomFieldText,
    OpeningPeriod,
)

pytestmark = pytest.mark.django_db
PREVIEW = "/admin/tickets/channel/preview/"
_WAYS = re.compile(r'<section class="hatch-row".*?</section>', re.DOTALL)


@pytest.fixture
def phone():
    calendar = Calendar.objects.create(name="Office", country="SE")
    for day in range(7):
        OpeningPeriod.objects.create(calendar=calendar, weekday=day, opens=time(8), closes=time(18))
    Channel.objects.create(kind=ChannelKind.FORM)
    phone = Channel.objects.create(kind=ChannelKind.PHONE, address="+46 31 390 06 10", calendar=calendar)
    ChannelText.objects.create(channel=phone, language="sv", detail="Ha ordernumret till hands.")
    return phone


def test_a_moment_a_topic_and_a_language(client, phone):
    topic = TopicFactory(names={"en": "Returns"})
    ChannelPolicy.objects.create(channel=phone, topic=topic, sentences={"sv": "Tryck 2 för returer."})
    client.force_login(max_())
    page = client.get(PREVIEW, {"language": "sv", "moment": "2026-12-25T10:00"}).content.decode()
    assert "Juldagen" in page
    assert "Ha ordernumret till hands." in page
    assert 'lang="sv"' in page
    page = client.get(PREVIEW, {"language": "sv", "topic": topic.pk, "moment": "2026-12-22T10:00"}).content.decode()
    assert "Tryck 2 för returer." in page
    assert "18:00" in page


def test_now_in_the_readers_language_is_what_is_shown_first(client, phone):
    client.force_login(max_())
    page = client.get(PREVIEW).content.decode()
    assert "Call +46 31 390 06 10" in page
    assert page.count("<h1") == 1


def test_a_chat_is_shown_as_if_somebody_were_there_at_another_moment_only(client, phone):
    Channel.objects.create(kind=ChannelKind.CHAT)
    client.force_login(max_())
    assert "Nobody there now" in client.get(PREVIEW).content.decode()
    page = client.get(PREVIEW, {"moment": "2026-12-22T10:00"}).content.decode()
    assert "Chat with us" in page
    assert "Shown as if somebody were at the chat" in page


def test_what_the_form_asks_and_whether_articles_come_between(client, phone):
    topic = TopicFactory(names={"en": "Returns"})
    field = CustomField.objects.create(key="order", is_for_customers=True)
    field.topics.add(topic)
    CustomFieldText.objects.create(field=field, language="sv", label="Ordernummer", hint="Sju siffror")
    client.force_login(max_())
    page = client.get(PREVIEW, {"language": "sv", "topic": topic.pk}).content.decode()
    assert "Ordernummer</b>" in page
    assert "Sju siffror" in page
    assert "No articles are suggested" not in page
    topic.kind = "sensitive"
    topic.save()
    field.delete()
    page = client.get(PREVIEW, {"language": "sv", "topic": topic.pk}).content.decode()
    assert "No articles are suggested" in page
    assert "This topic needs nothing else." in page


def test_nonsense_is_told_and_nothing_breaks(client, phone):
    client.force_login(max_())
    page = client.get(PREVIEW, {"moment": "soon", "language": "xx", "topic": "999"})
    assert page.status_code == 200
    assert 'class="error"' in page.content.decode()


def test_it_is_for_managers_alone_and_found_from_the_lists(client, phone):
    assert client.get(PREVIEW).status_code == 302
    client.force_login(sam())
    assert client.get(PREVIEW).status_code == 302
    client.force_login(ada())
    assert client.get(PREVIEW).status_code == 403
    client.force_login(max_())
    assert client.post(PREVIEW).status_code == 405
    for listed in ("channel", "channelpolicy"):
        page = client.get(f"/admin/tickets/{listed}/").content.decode()
        assert "See what customers see" in page
        assert client.get(f"/admin/tickets/{listed}/see", follow=True).redirect_chain


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-23T11:45",  # lunch
        "2026-11-23T12:15",
        "2026-12-25T10:00",  # a holiday
        "2026-12-23T23:30",  # night, and a short day tomorrow
        "2026-03-29T02:30",  # left out when the clock is put forward
        "2026-03-29T09:00",
        "2026-10-25T02:30",  # comes twice
    ],
)
def test_it_is_what_customers_see_at_that_moment(client, phone, monkeypatch, moment):
    topic = TopicFactory(names={"en": "Returns"})
    lunch, sunday = Calendar.objects.get(), Calendar.objects.create(name="Sunday night")
    lunch.hours.all().delete()
    for day in range(7):
        OpeningPeriod.objects.create(calendar=lunch, weekday=day, opens=time(8), closes=time(11, 30))
        OpeningPeriod.objects.create(calendar=lunch, weekday=day, opens=time(12, 15), closes=time(18))
    OpeningPeriod.objects.create(calendar=sunday, weekday=6, opens=time(2), closes=time(3))
    ChannelPolicy.objects.create(channel=phone, topic=topic, hours=sunday, prominence="featured")
    Channel.objects.create(kind=ChannelKind.EMAIL, address="help@example.com")
    client.force_login(max_())
    previewed = client.get(PREVIEW, {"language": "sv", "topic": topic.pk, "moment": moment}).content.decode()
    at = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Europe/Stockholm"))
    monkeypatch.setattr(timezone, "now", lambda: at)
    real = client.get("/sv/contact/", {"topic": topic.slug}).content.decode()
    assert _WAYS.findall(previewed) == _WAYS.findall(real) != []
