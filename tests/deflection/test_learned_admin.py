"""What was learned, looked through by people: removed, brought back, and linked to its case."""

from __future__ import annotations

import pytest

from deflection.models import Rejection
from deflection.services.learning import learn_from_cases, origin_of
from knowledge.models import Phrasing
from knowledge.services.publishing import add_phrasings
from tests.factories import UserFactory, make_ticket, publish_article
from tests.people import ada, ed, max_, sam
from tickets.services.lifecycle import solve

pytestmark = pytest.mark.django_db
PHRASINGS = "/admin/knowledge/phrasing/"
REJECTIONS = "/admin/deflection/rejection/"


@pytest.fixture
def article():
    return publish_article("Refunds", "Within five days.").article


@pytest.fixture
def learned(article):
    ticket = make_ticket(body="When is the money for my jacket on my account?")
    solve(ticket, agent=UserFactory(email="a@example.com", roles=["agent"]), article=article)
    learn_from_cases()
    return Phrasing.objects.get(origin=origin_of(ticket))


@pytest.fixture
def rejection(article):
    return Rejection.objects.create(article=article, language="en", text="why was my card refused", source="dismissed")


def act(client, page, action, *rows):
    return client.post(page, {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True)


def test_the_list_shows_source_and_case_and_can_be_narrowed(client, learned, article):
    add_phrasings(article, "en", ["money back please"])
    client.force_login(ada())
    page = client.get(PHRASINGS).content.decode()
    assert "When is the money" in page
    assert "money back please" in page
    assert f"SV-{10_000 + int(learned.origin.removeprefix('case:'))}" in page
    narrowed = client.get(PHRASINGS, {"source__exact": "case"}).content.decode()
    assert "When is the money" in narrowed
    assert "money back please" not in narrowed


def test_a_list_of_many_costs_a_fixed_number_of_queries(client, learned, article, django_assert_max_num_queries):
    add_phrasings(article, "en", [f"phrasing number {place}" for place in range(30)])
    client.force_login(ada())
    with django_assert_max_num_queries(16):
        client.get(PHRASINGS)


def test_removing_is_undone_by_bringing_back(client, learned, article):
    client.force_login(ed())
    act(client, PHRASINGS, "remove", learned)
    assert not article.phrasings.exists()
    assert "When is the money" not in client.get(PHRASINGS).content.decode()
    assert "When is the money" in client.get(PHRASINGS, {"removed": "yes"}).content.decode()
    client.post(f"{PHRASINGS}?removed=yes", {"action": "bring_back", "_selected_action": [learned.pk]})
    assert article.phrasings.get() == learned


def test_on_the_article_too_removing_is_for_good(client, learned, article):
    client.force_login(ed())
    form = {
        "topic": "",
        "key": article.key,
        "phrasings-TOTAL_FORMS": 1,
        "phrasings-INITIAL_FORMS": 1,
        "phrasings-0-id": learned.pk,
        "phrasings-0-article": article.pk,
        "phrasings-0-language": "en",
        "phrasings-0-text": learned.text,
    }
    client.post(f"/admin/knowledge/article/{article.pk}/change/", {**form, "phrasings-0-DELETE": "on"})
    assert not article.phrasings.exists()
    assert learn_from_cases() == 0
    assert Phrasing.with_removed.get().is_removed


def test_what_a_person_rewrites_is_theirs(client, learned, article):
    client.force_login(ed())
    form = {
        "topic": "",
        "key": article.key,
        "phrasings-TOTAL_FORMS": 1,
        "phrasings-INITIAL_FORMS": 1,
        "phrasings-0-id": learned.pk,
        "phrasings-0-article": article.pk,
        "phrasings-0-language": "en",
        "phrasings-0-text": "where is my money",
    }
    client.post(f"/admin/knowledge/article/{article.pk}/change/", form)
    assert [(one.text, one.source) for one in article.phrasings.all()] == [("where is my money", "agent")]
    assert learn_from_cases() == 0


def test_a_manager_looks_and_removes_nothing(client, learned, rejection):
    client.force_login(max_())
    assert "When is the money" in client.get(PHRASINGS).content.decode()
    assert "why was my card refused" in client.get(REJECTIONS).content.decode()
    act(client, PHRASINGS, "remove", learned)
    act(client, REJECTIONS, "remove", rejection)
    assert Phrasing.objects.filter(pk=learned.pk).exists()
    assert Rejection.objects.active().exists()


@pytest.mark.parametrize("page", [PHRASINGS, REJECTIONS])
def test_a_stranger_gets_nowhere(client, page, learned, rejection):
    client.force_login(sam())
    assert client.get(page).status_code == 302
    act(client, page, "remove", learned)
    assert Phrasing.objects.filter(pk=learned.pk).exists()
    assert Rejection.objects.active().exists()


def test_an_editor_takes_a_rejection_back_and_again(client, rejection):
    client.force_login(ed())
    act(client, REJECTIONS, "remove", rejection)
    assert not Rejection.objects.active().exists()
    assert "why was my card" not in client.get(REJECTIONS).content.decode()
    client.post(f"{REJECTIONS}?removed=yes", {"action": "bring_back", "_selected_action": [rejection.pk]})
    assert Rejection.objects.active().exists()
