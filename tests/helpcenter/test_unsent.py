"""Forms that could not be taken: what was written comes back, to be sent again as it was."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError

from tests.factories import TopicFactory
from tickets.models import Channel, Ticket

pytestmark = pytest.mark.django_db
URL = "/en/contact/"
STORY = "The zip <broke> & I would like\na new one."


@pytest.fixture
def sent():
    TopicFactory(slug="returns")
    return {"message": STORY, "email": "cleo@example.com", "topic": "returns", "key": "k1", "name": "Cleo"}


def broken(*args, **kwargs):
    raise OperationalError("attempt to write a readonly database")


def fields_of(page: str) -> dict[str, str]:
    """What the page's own form would send."""
    form = page.split('<form class="card stack gap-3 written"')[1].split("</form>")[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    ((name, text),) = re.findall(r'<textarea id="unsent" name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL)
    return {key: unescape(value) for key, value in [*hidden, (name, text)]}


def test_a_database_that_cannot_be_written_costs_no_word(client, sent, monkeypatch):
    Channel.objects.create(kind="email", address="help@shop.example")
    client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr("deflection.services.journeys.Journey.objects.create", broken)
        response = client.post(
            URL, {**sent, "csrfmiddlewaretoken": "x", "attachments": SimpleUploadedFile("a.txt", b"a")}
        )
    page = response.content.decode()
    assert response.status_code == 500
    assert "Files cannot be kept on this page" in page
    assert 'href="mailto:help@shop.example?body=The%20zip%20%3Cbroke%3E%20%26%20I' in page
    again = fields_of(page)
    assert again == sent
    assert client.post(URL, again).status_code == 302
    assert Ticket.objects.get().messages.get().body == STORY


def test_without_any_database_a_letter_is_the_way(client, sent, monkeypatch, settings):
    client.raise_request_exception = False
    monkeypatch.setattr("deflection.views.contact._topics", broken)
    monkeypatch.setattr("tickets.context.ways_to_reach_us", broken)
    page = client.post(URL, sent).content.decode()
    assert fields_of(page) == sent
    assert page.count(f'data-channel="email" href="mailto:{settings.DEFAULT_FROM_EMAIL}') == 2


def test_where_no_page_can_be_made_a_plain_one_has_it_too(client, sent, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("deflection.views.contact._topics", broken)
    monkeypatch.setattr("helpcenter.views.errors.render", broken)
    page = client.post(URL, sent).content.decode()
    assert "The zip &lt;broke&gt; &amp; I would like\na new one.</textarea>" in page
    assert '<input type="hidden" name="key" value="k1">' in page
    assert "mailto:" in page


def test_whoever_writes_too_often_sends_it_again_with_one_click(client, sent, settings):
    settings.RATELIMIT_ENABLE = True
    for _ in range(31):
        response = client.post(URL, {"message": "", "email": ""})
    assert "unsent" not in response.content.decode()
    response = client.post(URL, sent)
    assert response.status_code == 429
    settings.RATELIMIT_ENABLE = False
    assert client.post(URL, fields_of(response.content.decode())).status_code == 302


def test_a_program_is_told_as_everywhere(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("deflection.services.journeys.Journey.objects.create", broken)
    response = client.post("/api/v1/journeys/", {"lang": "en"}, content_type="application/json")
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert response.json()["status"] == 500
