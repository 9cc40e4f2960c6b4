"""Phrasings from solved cases: whose words, in which language, how many, and never again once removed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from deflection.services import learning
from deflection.services.learning import learn_from_cases, origin_of
from deflection.services.scrubbing import scrubbed
from knowledge.models import Article, Phrasing
from knowledge.services import phrasings
from knowledge.services.phrasings import bring_back_phrasing, learn_phrasing, remove_phrasing
from knowledge.services.publishing import add_phrasings
from tests.factories import make_ticket, publish_article
from tests.people import ada
from tickets.services.intake import add_customer_message
from tickets.services.lifecycle import change_status, clear_of_spam, close_by_customer, solve

pytestmark = pytest.mark.django_db

QUESTION = "Hi Ada! When is the money for my returned jacket on my account?\n\nBest regards\nCleo Lind"
LEARNED = "When is the money for my returned jacket on my account?"


@pytest.fixture
def article():
    return publish_article("Refunds", "Within five working days of the day your return reaches us.").article


@pytest.fixture
def agent():
    return ada()


@pytest.fixture
def solved(article, agent):
    def make(body=QUESTION, with_article=article, **fields):
        ticket = make_ticket(body=body, **fields)
        solve(ticket, agent=agent, article=with_article)
        ticket.refresh_from_db()
        return ticket

    return make


def texts(article):
    return [one.text for one in article.phrasings.all()]


def test_the_question_of_a_case_solved_with_an_article_becomes_its_phrasing(solved, article):
    ticket = solved()
    assert learn_from_cases() == 1
    phrasing = Phrasing.objects.get()
    assert (phrasing.text, phrasing.article, phrasing.language) == (LEARNED, article, "en")
    assert (phrasing.source, phrasing.origin) == (Phrasing.Source.CASE, origin_of(ticket))
    assert phrasing.created_at == ticket.solved_at


def test_running_again_changes_nothing(solved, article):
    solved()
    learn_from_cases()
    stamp = article.translations.get().updated_at
    assert learn_from_cases() == 0
    assert article.translations.get().updated_at == stamp


def test_what_is_learned_reaches_the_index_and_the_matcher(solved, article):
    before = article.translations.get().updated_at
    solved()
    learn_from_cases()
    assert article.translations.get().updated_at > before


def test_only_a_case_that_an_article_answered_teaches(solved, agent, article):
    solved(with_article=None)
    make_ticket(body=QUESTION)
    closed = make_ticket(body=QUESTION)
    close_by_customer(closed)
    learn_from_cases()
    assert not Phrasing.objects.exists()
    asked = make_ticket(body=QUESTION)
    close_by_customer(asked, article=article)
    assert learn_from_cases() == 1


def test_what_may_be_spam_teaches_nothing_until_somebody_has_said_that_it_is_none(solved, agent):
    ticket = solved(is_suspected_spam=True)
    learn_from_cases()
    assert not Phrasing.objects.exists()
    clear_of_spam(ticket, agent=agent)
    assert learn_from_cases() == 1


@pytest.mark.parametrize("how", ["agent", "customer"])
def test_a_case_that_goes_on_takes_its_phrasing_along(solved, agent, how):
    ticket = solved()
    learn_from_cases()
    if how == "agent":
        change_status(ticket, "open", agent=agent)
    else:
        add_customer_message(ticket, body="No, that was not it.", channel="email")
    assert learn_from_cases() == 1
    assert not Phrasing.with_removed.exists()


def test_solved_with_another_article_the_phrasing_moves(solved, agent, article):
    other = publish_article("Exchanges", "Send it back.").article
    ticket = solved()
    learn_from_cases()
    change_status(ticket, "open", agent=agent)
    solve(ticket, agent=agent, article=other)
    learn_from_cases()
    assert texts(article) == []
    assert texts(other) == [LEARNED]


def test_the_language_is_that_of_the_text_not_of_the_page(solved):
    solved(body="Hej! När kommer pengarna för jackan som jag skickade tillbaka?", language="en")
    learn_from_cases()
    assert Phrasing.objects.get().language == "sv"


def test_what_a_person_removed_never_comes_back_by_itself(solved, article):
    ticket = solved()
    learn_from_cases()
    remove_phrasing(Phrasing.objects.get())
    assert texts(article) == []
    assert list(Article.objects.prefetch_related("phrasings").get(pk=article.pk).phrasings.all()) == []
    assert learn_from_cases() == 0
    solved()
    solved(body="WHEN is the money for my returned jacket on my account")
    learn_from_cases()
    assert texts(article) == []
    assert bring_back_phrasing(Phrasing.with_removed.get(origin=origin_of(ticket)))
    assert texts(article) == [LEARNED]


def test_what_an_agent_wrote_may_equal_what_was_removed(solved, article):
    solved()
    learn_from_cases()
    removed = Phrasing.objects.get()
    remove_phrasing(removed)
    assert add_phrasings(article, "en", [LEARNED]) == 1
    assert not bring_back_phrasing(removed)
    assert texts(article) == [LEARNED]


@pytest.mark.parametrize(
    "body",
    [
        "when is the MONEY for my returned jacket on my account",
        "On my account, when is the money for my jacket (returned)?",
        "Hi. Refunds",
        "",
    ],
)
def test_what_says_nothing_new_is_not_taken(article, solved, body):
    learn_phrasing(article, "en", LEARNED, origin="case:0", asked_at=timezone.now())
    solved(body=body or "Hi")
    learn_from_cases()
    assert texts(article) == [LEARNED]


def test_an_article_keeps_so_many_varied_and_recent_ones_and_all_that_people_wrote(article, monkeypatch):
    monkeypatch.setattr(phrasings, "MOST_LEARNED", 3)
    add_phrasings(article, "en", ["when will you pay me back", "refund for a gift"])
    now = timezone.now()
    asked = [
        "the blue kettle whistles at night",
        "money for returned jacket on account please today",
        "money for returned jacket on card not account",
        "completely other matter about socks",
    ]
    for place, text in enumerate(asked):
        learn_phrasing(article, "en", text, origin=f"case:{place}", asked_at=now + timedelta(hours=place))
    kept = texts(article)
    assert {"when will you pay me back", "refund for a gift"} < set(kept)
    assert asked[1] not in kept
    assert set(asked) - set(kept) == {asked[1]}
    # One that was given up is not taken in again, and nothing else moves for its sake.
    assert not learn_phrasing(article, "en", asked[1], origin="case:1", asked_at=now + timedelta(hours=1))
    assert texts(article) == kept


def test_a_long_story_is_shortened_to_what_it_asks(solved):
    story = "I ordered a jacket in the spring and wore it to the lake with my dog on a rainy afternoon. " * 5
    solved(body=f"{story}When is my money back?")
    learn_from_cases()
    learned = Phrasing.objects.get().text
    assert len(learned) <= 300
    assert learned.endswith("When is my money back?")


def test_a_run_costs_a_fixed_number_of_queries_for_cases_learned_already(solved, django_assert_max_num_queries):
    for thing in ("kettle", "sock", "lamp", "chair", "table", "spoon", "fork", "plate"):
        solved(body=f"the {thing} that I ordered came in the wrong colour of {thing}")
    learn_from_cases()
    with django_assert_max_num_queries(12):
        assert learn_from_cases() == 0


def test_a_run_goes_on_where_the_last_one_stopped(solved, monkeypatch):
    monkeypatch.setattr("deflection.services.progress._READ_AGAIN", 0)
    solved()
    learn_from_cases()
    monkeypatch.setattr(learning, "_bring_in_line", lambda *args: pytest.fail("read again"))
    assert learn_from_cases() == 0


class TestScrubbing:
    @pytest.mark.parametrize(
        "private",
        [
            "cleo.lind@example.com",
            "+46 70 123 45 67",
            "070-1234567",
            "19850101-1234",
            "850101-1234",
            "010185-1234",
            "01018512345",
            "131052-308T",
            "SE45 5000 0000 0583 9825 7466",
            "4111 1111 1111 1111",
            "https://example.com/me?token=abc",
            "order 1042-7788",
            "SV-10023",
            "Storgatan 12 B, 114 55 Stockholm",
            "12 Elm Road",
            "Maria Svensson",
        ],
    )
    def test_what_names_a_person_or_an_order_goes(self, private):
        text = scrubbed(f"the kettle for {private} is broken")
        assert not set(private.split()) - {"order", "B,"} & set(text.split())
        assert text.startswith("the kettle")
        assert text.endswith("is broken")

    @pytest.mark.parametrize(
        "text",
        [
            "My name is Cleo Lind and it broke",
            "Jag heter Cleo Lind och den gick sönder",
            "Cleo says it broke. CLEO LIND",
        ],
    )
    def test_the_customers_own_name_goes_wherever_it_stands(self, text):
        assert not {"cleo", "lind"} & set(scrubbed(text, names=["Cleo Lind"]).casefold().replace(".", " ").split())

    def test_a_short_name_that_is_a_word_goes_only_where_it_is_a_name(self):
        assert scrubbed("vad kostar det per person", names=["Per Ek"]) == "vad kostar det per person"
        assert "Per" not in scrubbed("hälsa från Per till er", names=["Per Ek"])

    def test_names_that_the_site_uses_itself_stay(self):
        text = "I paid with Klarna on my iPhone 15 from 2023"
        assert scrubbed(text, known_words=frozenset({"klarna"})) == text

    def test_agents_are_people_too(self, solved, article):
        solved(body="the kettle that ada promised is broken again and again")
        learn_from_cases()
        assert "ada" not in Phrasing.objects.get().text
