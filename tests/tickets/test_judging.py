"""What answered a case, said when it is over: counted as at solving, once, with nobody written to."""

from __future__ import annotations

import pytest
from django.core import mail

from deflection.services.learning import learn_from_cases
from knowledge.models import Phrasing
from tests import people
from tests.factories import make_ticket, publish_article
from tests.tickets.desk import page, url
from tickets.errors import TicketError
from tickets.models import RootCause, Ticket
from tickets.services import lifecycle
from tickets.services.judging import judge

pytestmark = pytest.mark.django_db

ASKED = "When is the refund for my returned jacket on my account?"


@pytest.fixture
def article():
    return publish_article("Refunds", "A refund takes three days.").article


@pytest.fixture
def ticket(ada):
    """Solved with many others, and nobody said what answered it."""
    ticket = make_ticket(body=ASKED)
    lifecycle.solve(ticket, agent=ada, article=None, is_missing=False)
    return Ticket.objects.get(pk=ticket.pk)


def say(client, ticket, **fields):
    return client.post(url("cause", ticket.reference), {"root_cause": "", "demand_type": "", "article": ""} | fields)


def test_the_article_is_said_afterwards_with_cause_and_kind(client, ticket, article, commit):
    cause = RootCause.objects.create(key="slow", name="Refunds are slow")
    solved_at, letters = ticket.solved_at, ticket.outbox.count()
    mail.outbox.clear()
    assert "nobody has said what answered it" in page(client, "case", ticket.reference)
    with commit():
        say(client, ticket, article=article.pk, root_cause=cause.pk, demand_type="progress")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.resolution, ticket.answered_by) == ("solved", "article", article)
    assert (ticket.root_cause, ticket.demand_type, ticket.solved_at) == (cause, "progress", solved_at)
    assert (ticket.outbox.count(), mail.outbox) == (letters, [])
    html = page(client, "case", ticket.reference)
    assert "Ada Ek said that “Refunds” answers the case" in html
    assert "over-choices" not in html


def test_its_question_becomes_a_phrasing_of_the_article(client, ticket, article):
    learn_from_cases()
    assert not Phrasing.objects.filter(origin=f"case:{ticket.pk}").exists()
    say(client, ticket, article=article.pk)
    learn_from_cases()
    assert Phrasing.objects.get(origin=f"case:{ticket.pk}").article == article


def test_that_no_article_answers_it_counts_as_missing_content(client, ticket):
    assert ticket not in Ticket.objects.without_answer()
    say(client, ticket, article="none")
    assert ticket in Ticket.objects.without_answer()
    assert "Ada Ek said that no article answers the case" in page(client, "case", ticket.reference)


def test_nothing_said_of_the_article_leaves_it_open(client, ticket):
    say(client, ticket, demand_type="value")
    ticket.refresh_from_db()
    assert (ticket.resolution, ticket.demand_type) == ("", "value")
    assert not ticket.events.filter(kind="judged").exists()


def test_the_second_time_says_nothing_and_another_word_is_refused(ada, ticket, article):
    for _ in range(2):
        judge(ticket, agent=ada, article=article)
    assert ticket.events.filter(kind="judged").count() == 1
    with pytest.raises(TicketError, match="over already"):
        judge(ticket, agent=ada, article=None)


def test_a_case_that_goes_on_is_not_judged(ada, article):
    with pytest.raises(TicketError, match="open again"):
        judge(make_ticket(), agent=ada, article=article)


def test_what_was_chosen_is_kept_while_another_article_is_looked_for(client, ticket, article):
    html = say(client, ticket, find="refund", look="1", demand_type="value").content.decode()
    assert f'name="article" value="{article.pk}"' in html
    assert '<option value="value" selected>' in html
    ticket.refresh_from_db()
    assert ticket.demand_type == ""


@pytest.mark.parametrize("fields", [{"article": "999999"}, {"article": "x"}, {"demand_type": "nonsense"}])
def test_odd_words_are_refused_and_nothing_is_changed(client, ticket, fields):
    assert say(client, ticket, **fields).status_code == 422
    ticket.refresh_from_db()
    assert (ticket.resolution, ticket.demand_type) == ("", "")


def test_strangers_and_customers_cannot(client, ticket, article):
    for person in (people.sam, people.cleo):
        client.force_login(person())
        assert say(client, ticket, article=article.pk).status_code in (403, 404)
    ticket.refresh_from_db()
    assert ticket.resolution == ""
