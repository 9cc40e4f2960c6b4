"""The widget's files, what it begins with, and the visits of its visitors."""

from __future__ import annotations

import gzip
import re
import uuid
from datetime import timedelta

import pytest
from django.conf import settings

from deflection.models import Assignment, Journey, JourneyEvent
from deflection.services.holdout_rounds import start_round
from helpcenter.widget.sources import PANEL
from knowledge.models import SearchEvent, Topic
from tests.factories import TopicFactory, publish_article
from tickets.models import Channel, Chat, Ticket
from tickets.services import waits

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}
STORY = "I sent a jacket back two weeks ago and still have no refund. When does the money come?"
LIMIT = 15_000
SOURCES = settings.BASE_DIR / "static" / "widget"


@pytest.fixture
def refund(commit):
    with commit():
        publish_article("Wash wool", "Thirty degrees.")
        publish_article("Track a parcel", "Open the link.")
        return publish_article("When do I get my refund?", "The refund comes when the return has reached us. " * 3)


def text_of(client, path) -> bytes:
    response = client.get(path, headers={"Accept-Encoding": "identity"})
    assert response.status_code == 200, path
    return response.content


@pytest.mark.parametrize("language", ["en", "sv", "nb", "da"])
def test_all_of_it_is_small(client, language):
    for kind in ("form", "email", "phone", "chat", "callback"):
        Channel.objects.create(kind=kind, address="+46 31 390 06 10" if kind == "phone" else "help@shop.example")
    at_first = [text_of(client, path) for path in ("/widget.js", "/widget.css", f"/api/v1/widget/?lang={language}")]
    with_the_panel = [*at_first, text_of(client, "/widget-panel.js")]
    assert sum(len(gzip.compress(one)) for one in with_the_panel) < LIMIT


def test_a_channel_says_whether_it_is_open_and_how_long_it_takes(client, monkeypatch):
    Channel.objects.create(kind="form")
    Channel.objects.create(kind="phone", address="+46 31 390 06 10")
    monkeypatch.setattr(waits.Waits, "usual", lambda _, kind: timedelta(hours=4) if kind == "form" else None)
    channels = {one["channel"]: one for one in client.get("/api/v1/widget/?lang=en").json()["channels"]}
    assert (channels["form"]["standing"], channels["form"]["wait"]) == ("", "answer usually within 4 hours")
    assert (channels["phone"]["standing"], channels["phone"]["wait"]) == ("Open now", "")


def test_files_are_kept_for_a_short_time_and_asked_for_anew(client):
    response = client.get("/widget.js")
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "public, max-age=300"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Cookie" not in response.get("Vary", "")
    again = client.get("/widget.js", headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    assert client.post("/widget.js").status_code == 405
    zipped = client.get("/widget.js", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(zipped.content) == response.content


def test_a_named_version_is_kept_for_long(client):
    panel = client.get("/api/v1/widget/").json()["modules"]["panel"]
    assert client.get(panel)["Cache-Control"] == f"public, max-age={7 * 24 * 3600}"
    assert client.get("/widget-panel.js?v=older")["Cache-Control"] == "public, max-age=300"


def test_modules_have_no_name_in_common():
    """They are sent as one module, where the same name twice is an error."""
    names: list[str] = []
    for module in PANEL:
        text = (SOURCES / f"{module}.js").read_text()
        names += re.findall(r"^(?:export )?(?:async )?(?:const|let|function|class) (\w+)", text, re.MULTILINE)
        assert set(re.findall(r'from "\./(\w+)\.js"', text)) <= set(PANEL[: PANEL.index(module)])
    assert len(names) == len(set(names)) > 20


def test_nothing_is_read_as_html():
    """What the API gives becomes text; of an article's HTML only what is on a list is built anew."""
    for file in SOURCES.glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", file.read_text()), file


def test_the_look_is_the_organisations_own(client):
    css = text_of(client, "/widget.css").decode()
    assert "--brand:light-dark(#12604f" in css
    assert ":root" not in css
    assert not re.search(r"[\d.]rem\b", css.split("@media (max-width")[0])


def test_it_begins_with_words_and_ways(client):
    Channel.objects.create(kind="phone", address="+46 31 390 06 10")
    TopicFactory(slug="fraud", kind=Topic.Kind.SENSITIVE)
    answer = client.get("/api/v1/widget/?lang=sv&topic=fraud").json()
    assert answer["language"] == "sv"
    assert answer["people_first"] is True
    assert all(answer["texts"].values())
    assert {one["channel"] for one in answer["channels"]} >= {"phone", "form"}
    assert answer["pages"]["contact"] == f"{settings.SITE_URL}/sv/contact/?topic=fraud"
    assert client.get("/api/v1/widget/?topic=none").json()["people_first"] is False
    assert client.get("/api/v1/widget/?lang=xx").status_code == 400


def begin(client, headers=None, **body) -> str:
    response = client.post("/api/v1/journeys/", {"lang": "sv", **body}, headers=headers or {}, **JSON)
    assert response.status_code == 201
    return response.json()["journey"]


def test_a_visit_goes_on_and_is_followed_by_the_next(client):
    first = begin(client)
    assert begin(client, after=first) == first
    assert Journey.objects.count() == 1
    Journey.objects.update(ended_at="2026-01-01T00:00:00Z")
    second = begin(client, after=first)
    assert second != first
    assert len(set(Journey.objects.values_list("visitor", flat=True))) == 1
    unknown = begin(client, after=str(uuid.uuid4()))
    assert Journey.objects.get(pk=unknown).visitor != Journey.objects.get(pk=first).visitor


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
def test_whoever_asks_not_to_be_counted_is_not(client, header):
    assert Journey.objects.get(pk=begin(client, headers={header: "1"})).is_measured is False
    running = begin(client)
    begin(client, after=running, headers={header: "1"})
    assert Journey.objects.get(pk=running).is_measured is False


def test_searches_and_chats_belong_to_the_visit_that_the_address_names(client):
    journey = begin(client)
    client.get(f"/api/v1/search/?q=refund&journey={journey}")
    assert SearchEvent.objects.get().origin == journey
    response = client.post(f"/api/v1/chats/?journey={journey}", {"message": "Hello?", "place": "shop.example"}, **JSON)
    assert response.status_code == 201
    assert not response.cookies
    assert Chat.objects.get().ticket.origin == journey
    made_up = client.get(f"/api/v1/search/?q=jacket&journey={'x' * 50}")
    assert made_up.status_code == 200


def test_a_case_carries_what_was_done_before(client, commit):
    journey = begin(client)
    client.get(f"/api/v1/search/?q=refund&journey={journey}")
    body = {"email": "cleo@example.com", "message": STORY, "journey": journey, "lang": "sv"}
    with commit():
        assert client.post("/api/v1/tickets/", body, **JSON).status_code == 201
    ticket = Ticket.objects.get()
    assert ticket.origin == journey
    assert [step["kind"] for step in ticket.journey_summary] == ["searched"]


def test_who_sees_suggestions_is_decided_when_writing_begins(client, refund):
    journey = begin(client, lang="en")
    assert not Assignment.objects.exists()
    start_round(share=50, effect=0.1)
    events = f"/api/v1/journeys/{journey}/events/"
    for _ in range(2):
        assert client.post(events, {"type": "contact_opened"}, **JSON).status_code == 201
    assert JourneyEvent.objects.filter(kind="contact_opened").count() == 1
    arm = Assignment.objects.get().arm
    Assignment.objects.update(arm=Assignment.Arm.CONTROL)
    asked = {"text": STORY, "lang": "en", "journey": journey}
    assert client.post("/api/v1/suggestions/", asked, **JSON).json()["suggestions"] == []
    Assignment.objects.update(arm=Assignment.Arm.TREATED)
    (found, *_rest) = client.post("/api/v1/suggestions/", asked, **JSON).json()["suggestions"]
    assert found["id"] == refund.article_id
    assert arm in Assignment.Arm.values


@pytest.mark.parametrize("kind", [Topic.Kind.SENSITIVE, Topic.Kind.BUYING])
def test_nothing_is_suggested_where_a_person_comes_first(client, refund, kind):
    TopicFactory(slug="first", kind=kind)
    asked = {"text": STORY, "lang": "en"}
    assert client.post("/api/v1/suggestions/", asked, **JSON).json()["suggestions"]
    assert client.post("/api/v1/suggestions/", asked | {"topic": "first"}, **JSON).json()["suggestions"] == []


@pytest.mark.parametrize(("demo", "status"), [(True, 200), (False, 404)])
def test_the_demo_page_is_there_while_trying(client, settings, demo, status):
    settings.DEMO = demo
    assert client.get("/widget-demo/").status_code == status
