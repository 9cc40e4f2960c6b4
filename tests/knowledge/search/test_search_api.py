"""What `/api/v1/search/` says beyond the contract's shape: spelling, sections, topics."""

from __future__ import annotations

import pytest

from tests.factories import TopicFactory, publish_article

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _articles(commit):
    topic = TopicFactory(slug="account")
    with commit():
        publish_article("Password forgotten", "Text.\n\n## Ask anew\n\nAsk for another password.", topic=topic)
        publish_article("Change your address", "In your account.")


def search(client, q: str, **options: object) -> dict:
    response = client.get("/api/v1/search/", {"q": q, "lang": "en", **options})
    assert response.status_code == 200
    return response.json()


def test_a_section_has_its_own_address(client):
    (result,) = search(client, "another password")["results"]
    assert result["section"]["heading"] == "Ask anew"
    assert result["section"]["url"] == result["url"] + "#s-ask-anew"
    assert result["excerpt"] == "Ask for another password."


def test_a_misspelt_word_is_corrected_at_once_unless_told_not_to(client):
    answer = search(client, "pasword")
    assert (answer["query"], answer["corrected_to"], answer["did_you_mean"]) == ("pasword", "password", "password")
    assert answer["total"] == 1
    answer = search(client, "pasword", exact=1)
    assert (answer["total"], answer["corrected_to"], answer["did_you_mean"]) == (0, None, None)


def test_where_something_is_found_the_spelling_is_only_suggested(client):
    answer = search(client, "forgotten pasword")
    assert (answer["corrected_to"], answer["did_you_mean"], answer["total"]) == (None, "forgotten password", 1)


def test_topics_are_those_of_all_results(client):
    answer = search(client, "your password", topic="account")
    assert answer["topics"] == [{"topic": "account", "results": 1}]


def test_a_search_costs_few_queries(client, django_assert_max_num_queries):
    search(client, "password")
    with django_assert_max_num_queries(1):
        search(client, "address", typing=1)
    # Remembering it: a savepoint, the row, its release.
    with django_assert_max_num_queries(4):
        search(client, "address")
