"""Cases that came without a visit get articles too: once, quietly, and only where an article is likely to answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from deflection.matching import matcher
from deflection.services import case_suggestions
from deflection.services.arrivals import look_into_forgotten
from deflection.services.case_suggestions import suggest_for_case
from deflection.tasks import look_into_case
from helpcenter.celery import app
from tests.factories import make_ticket, publish_article
from tests.people import ada
from tickets.models import ChannelKind, TicketSuggestion
from tickets.services.intake import VisitContext
from tickets.services.lifecycle import clear_of_spam, solve

pytestmark = pytest.mark.django_db

QUESTION = "Hello! I sent a jacket back two weeks ago. When is the refund for my return on my account?\n\nRegards, Cleo"


@pytest.fixture
def article():
    phrasings = ["when do I get my refund", "refund for a return", "money back for my jacket", "no refund yet"]
    wanted = publish_article(phrasings=phrasings).article
    publish_article("Wash wool", "Wash wool cold, with a mild soap.", phrasings=["how do I wash my sweater"])
    publish_article("Gift cards", "Type the code at the checkout.", phrasings=["redeem a voucher"])
    matcher.retrain()
    return wanted


def by_mail(**fields):
    return make_ticket(**({"channel": ChannelKind.EMAIL, "body": QUESTION, "subject": "My return"} | fields))


def suggested(ticket):
    return [row.article for row in ticket.suggestions.select_related("article")]


def test_a_letter_gets_the_article_that_may_answer_it(article):
    ticket = by_mail()
    assert suggest_for_case(ticket.pk) == 1
    assert suggested(ticket) == [article]
    assert 0.4 <= ticket.suggestions.get().probability <= 1


def test_the_second_time_changes_nothing(article):
    ticket = by_mail()
    suggest_for_case(ticket.pk)
    first = TicketSuggestion.objects.get()
    assert suggest_for_case(ticket.pk) == 0
    assert TicketSuggestion.objects.get() == first


def test_two_workers_at_once_make_one_set(article, monkeypatch):
    ticket = by_mail()
    real = case_suggestions.suggest

    def slow(*args, **fields):
        monkeypatch.setattr(case_suggestions, "suggest", real)
        assert suggest_for_case(ticket.pk) == 1
        return real(*args, **fields)

    monkeypatch.setattr(case_suggestions, "suggest", slow)
    assert suggest_for_case(ticket.pk) == 0
    assert suggested(ticket) == [article]


def test_what_no_article_answers_gets_none(article):
    ticket = by_mail(subject="", body="Do you sponsor our village's football club next summer?")
    assert suggest_for_case(ticket.pk) == 0


def test_whoever_came_by_our_pages_has_been_shown_what_there_is(article):
    ticket = by_mail(visit=VisitContext(origin="a-visit"))
    assert suggest_for_case(ticket.pk) == 0


def test_nothing_for_spam_for_a_case_that_is_over_and_for_one_that_is_gone(article):
    spam = by_mail(is_suspected_spam=True)
    over = by_mail()
    solve(over, agent=ada(), article=None)
    assert [suggest_for_case(pk) for pk in (spam.pk, over.pk, 0)] == [0, 0, 0]


@pytest.fixture
def queued(monkeypatch):
    found = []
    monkeypatch.setattr(look_into_case, "apply_async", lambda args: found.append(args))
    return found


def test_a_case_is_looked_into_when_it_is_in_the_database(queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        ticket = make_ticket()
        assert queued == []
    assert queued == [(ticket.pk,)]


def test_a_case_that_is_no_spam_after_all_is_looked_into(article, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        ticket = by_mail(is_suspected_spam=True)
    with django_capture_on_commit_callbacks(execute=True):
        clear_of_spam(ticket, agent=ada())
    assert queued == [(ticket.pk,)] * 2
    look_into_case(ticket.pk)
    assert suggested(ticket) == [article]


def test_nothing_waits_behind_a_training():
    route = app.amqp.router.route({}, look_into_case.name)
    assert route["queue"].name == "default"


def test_a_case_whose_task_was_lost_gets_its_articles_all_the_same(article):
    ticket = by_mail()
    assert look_into_forgotten() == 0, "its task may still be on the way"
    assert look_into_forgotten(at=timezone.now() + timedelta(minutes=5)) == 1
    assert suggested(ticket) == [article]


def test_a_case_for_which_nothing_is_found_is_looked_into_once_more_and_then_left_alone(article, monkeypatch):
    by_mail(subject="", body="Do you sponsor our village's football club next summer?")
    looked = []
    monkeypatch.setattr(case_suggestions, "suggest_for_case", lambda pk: looked.append(pk) or 0)
    for minutes in (5, 10):
        look_into_forgotten(at=timezone.now() + timedelta(minutes=minutes))
    assert len(looked) == 1
