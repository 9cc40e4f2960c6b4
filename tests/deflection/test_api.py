"""The public API, as the contract says it."""

from __future__ import annotations

import uuid

import pytest

from deflection.models import Journey, JourneyEvent
from knowledge.models import SearchEvent
from tests.factories import TopicFactory, publish_article
from tickets.models import Channel, Ticket

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}
STORY = "I sent a jacket back two weeks ago and still have no refund. When does the money come?"


@pytest.fixture
def refund(commit):
    topic = TopicFactory(slug="returns", names={"en": "Returns", "sv": "Returer"})
    with commit():
        publish_article("Wash wool", "Thirty degrees.")
        publish_article("Track a parcel", "Open the link.")
        return publish_article(
            "When do I get my refund?", "The refund comes when the return has reached us. " * 3, topic=topic
        )


def test_search(client, refund):
    answer = client.get("/api/v1/search/", {"q": "refund", "lang": "en", "topic": "returns", "limit": 3}).json()
    assert (answer["query"], answer["language"], answer["did_you_mean"], answer["total"]) == ("refund", "en", None, 1)
    (result,) = answer["results"]
    assert result["id"] == refund.article_id
    assert set(result) == {"id", "title", "url", "excerpt", "topic", "language", "score", "section"}
    assert result["topic"] == "returns"
    assert result["url"].startswith("http://testserver/en/articles/when-do-i-get-my-refund/")
    assert SearchEvent.objects.get().result_count == 1


def test_typing_matches_prefixes_and_is_not_counted(client, refund):
    assert client.get("/api/v1/search/", {"q": "refu", "typing": 1}).json()["total"] == 1
    assert not SearchEvent.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        {"lang": "xx"},
        {"q": "x", "limit": "0"},
        {"q": "x", "limit": "many"},
        {"q": "x", "limit": 10**9},
        {"q": "x", "topic": "?"},
    ],
)
def test_bad_requests_are_problem_details(client, query):
    response = client.get("/api/v1/search/", query)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert set(response.json()) >= {"type", "title", "status", "detail", "errors"}


def test_suggestions(client, refund):
    Channel.objects.create(kind="phone", address="+46 31 390 06 10")
    response = client.post("/api/v1/suggestions/", {"text": STORY, "lang": "en", "topic": "returns"}, **JSON)
    answer = response.json()
    assert Journey.objects.get().pk == uuid.UUID(answer["journey"])
    first = answer["suggestions"][0]
    assert first["id"] == refund.article_id
    assert 0 <= first["probability"] <= 1
    assert set(first) == {"id", "title", "url", "excerpt", "probability", "language", "section"}
    for channel in answer["channels"]:
        assert set(channel) == {"channel", "state", "prominence", "label", "detail", "url"}
        assert channel["state"] in ("open", "closed")
        assert channel["prominence"] in ("featured", "listed", "minimised")
    assert {channel["channel"] for channel in answer["channels"]} >= {"phone", "form"}
    again = client.post("/api/v1/suggestions/", {"text": STORY, "lang": "en", "journey": answer["journey"]}, **JSON)
    assert again.json()["journey"] == answer["journey"]
    assert Journey.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        '"x"',
        "{}",
        '{"text": 1, "lang": "xx"}',
        '{"text": "x", "journey": "nope"}',
        '{"text": "x", "limit": 9}',
    ],
)
def test_bad_suggestion_requests(client, body):
    response = client.post("/api/v1/suggestions/", body, **JSON)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_silence_for_a_question_that_nothing_answers(client, refund):
    response = client.post("/api/v1/suggestions/", {"text": "Do you sell red bicycles?", "lang": "en"}, **JSON)
    assert response.json()["suggestions"] == []


def test_journey_events(client, refund):
    journey = Journey.objects.create(language="en")
    url = f"/api/v1/journeys/{journey.pk}/events/"
    response = client.post(url, {"type": "suggestion_opened", "article": refund.article_id}, **JSON)
    assert response.status_code == 201
    assert client.post(url, {"type": "channel_chosen", "channel": "phone"}, **JSON).status_code == 201
    assert set(JourneyEvent.objects.values_list("kind", flat=True)) == {"suggestion_opened", "channel_chosen"}
    assert client.post(url, {"type": "case_sent"}, **JSON).status_code == 400
    assert client.post(url, {"type": "answered", "article": 10**6}, **JSON).status_code == 400
    assert client.post(url, {"type": "answered", "article": 10**30}, **JSON).status_code == 400
    assert client.post(f"/api/v1/journeys/{uuid.uuid4()}/events/", {"type": "answered"}, **JSON).status_code == 404


def test_topics_and_articles(client, refund):
    topics = client.get("/api/v1/topics/", {"lang": "sv"}).json()
    assert [(topic["slug"], topic["name"], topic["articles"]) for topic in topics] == [("returns", "Returer", 1)]
    page = client.get("/api/v1/articles/", {"lang": "en", "topic": "returns"}).json()
    assert (page["total"], page["results"][0]["id"]) == (1, refund.article_id)
    detail = client.get(f"/api/v1/articles/{refund.article_id}/", {"lang": "sv"}).json()
    assert detail["language"] == "en"
    assert "<p>" in detail["html"]
    assert client.get("/api/v1/articles/999/").status_code == 404
    assert client.get("/api/v1/articles/", {"page": 10**9}).status_code == 400


def test_sending_a_case(client, refund):
    body = {"email": "cleo@example.com", "message": STORY, "lang": "sv", "topic": "returns"}
    response = client.post("/api/v1/tickets/", body, headers={"Idempotency-Key": "k1"}, **JSON)
    assert response.status_code == 201
    answer = response.json()
    assert set(answer) == {"reference", "status", "url"}
    assert answer["status"] == "new"
    assert client.get(answer["url"].removeprefix("http://testserver")).status_code == 200
    again = client.post("/api/v1/tickets/", body, headers={"Idempotency-Key": "k1"}, **JSON)
    assert again.status_code == 201
    assert again.json()["reference"] == answer["reference"]
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"email": "cleo@"},
        {"message": ""},
        {"message": "x" * 50_000},
        {"topic": "none"},
        {"email": None},
        {"name": "a\x00b"},
    ],
)
def test_a_case_that_cannot_be_taken_names_the_field(client, change):
    body = {"email": "cleo@example.com", "message": STORY, **change}
    response = client.post("/api/v1/tickets/", body, **JSON)
    assert response.status_code == 400
    assert list(response.json()["errors"]) == list(change)
    assert not Ticket.objects.exists()


def test_a_message_is_read_and_refused_as_on_our_own_pages(client):
    def send(message):
        body = {"email": "cleo@example.com", "message": message, "lang": "sv"}
        return client.post("/api/v1/tickets/", body, headers={"Accept-Language": "sv"}, **JSON)

    assert "20000" in send("x" * 20_001).json()["errors"]["message"][0]
    assert "50000" in send("x" * 50_000).json()["errors"]["message"][0]
    assert send("  Hej\x00 då ").status_code == 201
    assert Ticket.objects.get().messages.get().body == "Hej då"


def test_somebody_elses_key_leads_to_no_case_but_ones_own(client):
    """A key is chosen by its sender, so two may choose the same; the answer holds the signed link of a case."""
    references = {
        client.post(
            "/api/v1/tickets/", {"email": email, "message": STORY}, headers={"Idempotency-Key": "1"}, **JSON
        ).json()["reference"]
        for email in ("cleo@example.com", "sam@example.com")
    }
    assert len(references) == 2


def test_who_guesses_a_key_and_writes_something_else_gets_no_way_into_the_case(client):
    headers = {"Idempotency-Key": "order-1234"}
    body = {"email": "cleo@example.com", "message": STORY}
    first = client.post("/api/v1/tickets/", body, headers=headers, **JSON).json()

    guessed = client.post("/api/v1/tickets/", {**body, "message": "Let me in"}, headers=headers, **JSON)
    again = client.post("/api/v1/tickets/", {**body, "message": f" {STORY}\n"}, headers=headers, **JSON).json()

    assert guessed.status_code == 201
    assert guessed.json()["reference"] == first["reference"] == again["reference"]
    assert guessed.json()["url"] == first["url"].partition("?")[0]
    assert client.get(guessed.json()["url"].removeprefix("http://testserver")).status_code == 404
    assert client.get(again["url"].removeprefix("http://testserver")).status_code == 200


def test_who_asks_not_to_be_counted_is_not(client):
    for name in ("DNT", "Sec-GPC"):
        client.post("/api/v1/suggestions/", {"text": STORY}, headers={name: "1"}, **JSON)
    assert list(Journey.objects.values_list("is_measured", flat=True)) == [False, False]


def test_json_of_great_depth_or_size_is_a_problem_of_the_sender(client):
    assert client.post("/api/v1/suggestions/", "[" * 100_000, **JSON).status_code == 400
    response = client.post("/api/v1/suggestions/", {"text": "x" * 3_000_000}, **JSON)
    assert response.status_code == 413
    assert response["Content-Type"] == "application/problem+json"


def test_too_many_requests_are_told_to_wait(client, settings, monkeypatch):
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"tickets": "1/min"})
    body = {"email": "cleo@example.com", "message": STORY}
    assert client.post("/api/v1/tickets/", body, **JSON).status_code == 201
    response = client.post("/api/v1/tickets/", body, **JSON)
    assert response.status_code == 429
    assert response["Content-Type"] == "application/problem+json"
    assert response["Retry-After"]


def test_the_schema_covers_the_public_api(client):
    schema = client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    assert schema["openapi"].startswith("3.")
    assert set(schema["paths"]) == {
        "/api/v1/search/",
        "/api/v1/topics/",
        "/api/v1/articles/",
        "/api/v1/articles/{id}/",
        "/api/v1/suggestions/",
        "/api/v1/widget/",
        "/api/v1/journeys/",
        "/api/v1/chats/",
        "/api/v1/chats/{chat_id}/",
        "/api/v1/chats/{chat_id}/messages/",
        "/api/v1/chats/{chat_id}/wishes/",
        "/api/v1/journeys/{journey_id}/events/",
        "/api/v1/tickets/",
        "/api/v1/tickets/{reference}/",
        "/api/v1/tickets/{reference}/messages/",
        "/api/v1/customers/",
    }
    assert client.get("/api/docs/").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"), [("put", "/api/v1/suggestions/", 405), ("get", "/api/v1/no-such-thing/", 404)]
)
def test_what_the_api_does_not_have_is_a_problem_too(client, method, path, status):
    response = getattr(client, method)(path)
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["status"] == status
    assert "{" not in response.json()["title"]
