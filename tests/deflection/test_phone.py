"""The phone page: the number first, and a reference that brings the story along."""

from __future__ import annotations

import re

import pytest

from deflection.middleware import COOKIE
from deflection.models import Journey, JourneyEvent, SpokenReference
from deflection.services import spoken
from tickets.models import Channel, ChannelKind, ChannelPolicy

pytestmark = pytest.mark.django_db


@pytest.fixture
def number() -> Channel:
    return Channel.objects.update_or_create(kind=ChannelKind.PHONE, defaults={"address": "+46 8 123 456 78"})[0]


def reference_on(page: str) -> str:
    found = re.search(r"<strong[^>]*>([A-Z0-9]{3} [A-Z0-9]{3})</strong>", page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("language", ["en", "sv", "nb", "da"])
def test_the_number_is_a_link_before_all_else(client, number, language):
    page = client.get(f"/{language}/phone/").content.decode()
    main = page[page.index("<main") :]
    assert main.index('href="tel:+46812345678"') < main.index("<strong")
    assert "<form" not in main[: main.index("data-escape-hatches", main.index("</main>"))]


def test_the_reference_leads_to_the_journey_and_stays_on_the_page(client, number):
    first = reference_on(client.get("/en/phone/").content.decode())
    assert reference_on(client.get("/en/phone/").content.decode()) == first
    assert str(spoken.find(first).pk) == client.cookies[COOKIE].value
    assert JourneyEvent.objects.filter(kind="channel_chosen", channel="phone").count() == 1


def test_no_other_page_gives_one(client, number):
    for path in ("/en/", "/en/contact/", "/en/channels/"):
        client.get(path)
    assert not SpokenReference.objects.exists()


def test_without_cookies_there_is_a_number_and_a_reference_too(client, number):
    for _ in range(2):
        client.cookies.clear()
        page = client.get("/en/phone/").content.decode()
        assert 'href="tel:+46812345678"' in page
        assert spoken.find(reference_on(page)) is not None


def test_where_nobody_answers_the_phone_that_is_said_and_other_ways_are_shown(client, number):
    ChannelPolicy.objects.create(channel=number, prominence="closed")
    page = client.get("/en/phone/").content.decode()
    assert "Nobody answers the phone" in page
    assert "tel:" not in page
    assert 'data-channel="form"' in page
    assert not Journey.objects.exists()


def test_a_topic_that_is_none_does_no_harm(client, number):
    assert client.get("/en/phone/?topic=%00nonsense").status_code in (200, 400)


def test_it_is_only_read(client, number):
    assert client.post("/en/phone/").status_code == 405
