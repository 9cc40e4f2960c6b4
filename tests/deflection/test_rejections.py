"""What customers said no to, from what they did and how their cases ended."""

from __future__ import annotations

import pytest

from deflection.models import JourneyEvent, Rejection
from deflection.services import journeys, rejections
from deflection.services.contact import Written, send_case
from deflection.services.rejections import (
    bring_back_rejection,
    gather_rejections,
    rejected_texts,
    remove_rejection,
)
from knowledge.models import SearchEvent
from knowledge.services.publishing import add_phrasings
from tests.factories import publish_article
from tests.people import ada
from tickets.services.lifecycle import change_status, solve

pytestmark = pytest.mark.django_db
Kind = JourneyEvent.Kind
STORY = "Hello! Why was my gift card refused at the checkout on Sunday?\n\nKind regards\nCleo Lind"
ASKED = "Why was my gift card refused at the checkout on?"


@pytest.fixture
def article():
    return publish_article("Gift cards", "Buy one here.").article


@pytest.fixture
def journey():
    return journeys.begin(language="en")


def case_from(journey, message=STORY, **fields):
    written = Written(email="cleo@example.com", name="Cleo Lind", message=message, language="en", **fields)
    return send_case(journey, written)


def test_not_quite_to_a_suggestion_counts_against_it_with_what_was_asked(article, journey):
    journeys.note(journey, Kind.SUGGESTION_DISMISSED, article=article)
    case_from(journey)
    assert gather_rejections() == 1
    rejection = Rejection.objects.get()
    assert (rejection.article, rejection.source, rejection.language) == (article, "dismissed", "en")
    assert rejection.text == ASKED
    assert rejected_texts() == {article.pk: [("en", ASKED)]}


def test_running_again_changes_nothing(article, journey):
    journeys.note(journey, Kind.SUGGESTION_DISMISSED, article=article)
    case_from(journey)
    assert [gather_rejections(), gather_rejections()] == [1, 0]


def test_without_a_case_the_last_search_is_what_was_asked(article, journey):
    for text in ("socks", "my gift card was refused"):
        SearchEvent.objects.create(text=text, normalised=text, language="en", result_count=1, origin=str(journey.pk))
    journeys.note(journey, Kind.NOT_ANSWERED, article=article)
    gather_rejections()
    assert [(one.source, one.text) for one in Rejection.objects.all()] == [("not_answered", "my gift card was refused")]


def test_nobody_knows_what_was_asked_so_nothing_is_kept(article, journey):
    journeys.note(journey, Kind.NOT_ANSWERED, article=article)
    assert gather_rejections() == 0


def test_a_case_after_reading_says_something_only_when_it_is_over(article, journey):
    journeys.note(journey, Kind.SUGGESTION_OPENED, article=article)
    ticket = case_from(journey)
    assert gather_rejections() == 0
    solve(ticket, agent=ada(), article=None)
    assert gather_rejections() == 1
    assert Rejection.objects.get().source == Rejection.Source.CASE_FOLLOWED


def test_an_article_that_solved_the_case_in_the_end_was_right(article, journey):
    journeys.note(journey, Kind.SUGGESTION_OPENED, article=article)
    journeys.note(journey, Kind.SUGGESTION_DISMISSED, article=article)
    ticket = case_from(journey)
    assert gather_rejections() == 1
    agent = ada()
    solve(ticket, agent=agent, article=article)
    assert gather_rejections() == 1
    assert not Rejection.objects.exists()
    change_status(ticket, "open", agent=agent)
    gather_rejections()
    assert Rejection.objects.get().source == Rejection.Source.DISMISSED


def test_answered_is_no_rejection(article, journey):
    journeys.note(journey, Kind.SUGGESTION_OPENED, article=article)
    journeys.note(journey, Kind.ANSWERED, article=article)
    solve(case_from(journey), agent=ada(), article=None)
    assert gather_rejections() == 0


def test_who_asked_not_to_be_counted_is_not(article):
    journey = journeys.begin(language="en", is_measured=False)
    journeys.note(journey, Kind.SUGGESTION_DISMISSED, article=article)
    case_from(journey)
    assert gather_rejections() == 0


def test_spam_rejects_nothing(article, journey):
    journeys.note(journey, Kind.SUGGESTION_DISMISSED, article=article)
    case_from(journey, is_suspected_spam=True)
    assert gather_rejections() == 0


def test_what_an_agent_wrote_as_a_phrasing_is_not_made_a_rejection(article, journey):
    add_phrasings(article, "en", ["why was my gift card refused at the checkout"])
    journeys.note(journey, Kind.SUGGESTION_DISMISSED, article=article)
    case_from(journey)
    assert gather_rejections() == 0


def test_the_same_question_from_another_visit_is_kept_once(article):
    for _ in range(2):
        journey = journeys.begin(language="en")
        journeys.note(journey, Kind.SUGGESTION_DISMISSED, article=article)
        case_from(journey)
    gather_rejections()
    assert Rejection.objects.count() == 1


def test_removed_by_a_person_it_is_learned_from_no_longer_and_not_gathered_again(article, journey):
    journeys.note(journey, Kind.SUGGESTION_DISMISSED, article=article)
    case_from(journey)
    gather_rejections()
    remove_rejection(Rejection.objects.get())
    assert rejected_texts() == {}
    assert gather_rejections() == 0
    bring_back_rejection(Rejection.objects.get())
    assert rejected_texts() == {article.pk: [("en", ASKED)]}


def test_an_article_keeps_only_so_many(article, monkeypatch):
    monkeypatch.setattr(rejections, "MOST_KEPT", 2)
    for message in ("why does the kettle whistle", "my left sock has a hole", "can I pay with old banknotes"):
        journey = journeys.begin(language="en")
        journeys.note(journey, Kind.SUGGESTION_DISMISSED, article=article)
        case_from(journey, message)
    gather_rejections()
    assert Rejection.objects.count() == 2


@pytest.mark.parametrize("origin", ["", "not a journey", "0" * 32])
def test_a_case_without_a_known_journey_is_no_error(article, origin, journey):
    ticket = case_from(journey)
    ticket.origin = origin
    ticket.save(update_fields=["origin"])
    solve(ticket, agent=ada(), article=article)
    assert gather_rejections() == 0
