"""How it went: asked once, of the customer, when the case is solved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from tests import people
from tests.factories import make_ticket
from tickets.errors import TicketError
from tickets.models import Rating, TicketEvent
from tickets.services import lifecycle, ratings
from tickets.services.links import case_key, case_path, rating_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return people.ada()


@pytest.fixture
def ticket(agent):
    ticket = make_ticket()
    lifecycle.solve(ticket, agent=agent, article=None, body="It is on its way now.")
    ticket.refresh_from_db()
    return ticket


def rate(client, ticket, **fields: object):
    return client.post(f"/en/cases/{ticket.reference}/rate/", {"key": case_key(ticket), **fields})


def test_an_answer_is_kept_and_told_to_the_agents(client, ticket):
    assert rate(client, ticket, satisfaction=4, effort=6, comment=" Quick and kind. ").status_code == 302
    rating = Rating.objects.get()
    assert (rating.satisfaction, rating.effort, rating.comment) == (4, 6, "Quick and kind.")
    event = ticket.events.last()
    assert (event.kind, event.data["satisfaction"], event.data["effort"]) == (TicketEvent.Kind.RATED, 4, 6)


def test_only_the_first_question_is_required(client, ticket):
    assert rate(client, ticket, satisfaction=2).status_code == 302
    assert Rating.objects.get().effort is None


@pytest.mark.parametrize(
    "fields", [{}, {"satisfaction": 0}, {"satisfaction": 6}, {"satisfaction": "x"}, {"satisfaction": 3, "effort": 8}]
)
def test_what_is_no_answer_is_said_so_and_the_comment_kept(client, ticket, fields):
    page = rate(client, ticket, comment="Kept as it was.", **fields)
    assert page.status_code == 422
    assert "Kept as it was." in page.content.decode()
    assert not Rating.objects.exists()
    # The page in another language is the case page, with the key, whatever was posted where.
    swedish = next(one for one in page.context["languages"] if one["code"] == "sv")
    assert client.get(swedish["url"]).status_code == 200


def test_a_case_that_is_not_solved_asks_nothing(client):
    ticket = make_ticket()
    assert 'id="rate"' not in client.get(case_path(ticket)).content.decode()
    rate(client, ticket, satisfaction=5)
    assert not Rating.objects.exists()


def test_a_slip_is_put_right_for_a_day_and_then_the_answer_stands(ticket):
    now = timezone.now()
    ratings.rate(ticket, satisfaction=1, at=now)
    ratings.rate(ticket, satisfaction=5, at=now + timedelta(hours=23))
    assert Rating.objects.get().satisfaction == 5
    with pytest.raises(TicketError, match="stands"):
        ratings.rate(ticket, satisfaction=1, at=now + timedelta(hours=25))
    assert Rating.objects.get().satisfaction == 5


def test_the_same_answer_twice_is_one_line_of_history(ticket):
    for _time in range(2):
        ratings.rate(ticket, satisfaction=4)
    assert ticket.events.filter(kind=TicketEvent.Kind.RATED).count() == 1


def test_a_case_that_was_opened_again_is_not_asked_about_twice(client, ticket, agent):
    ratings.rate(ticket, satisfaction=4, at=timezone.now() - timedelta(days=2))
    client.post(case_path(ticket), {"message": "Not solved after all."})
    ticket.refresh_from_db()
    assert not ticket.is_settled
    lifecycle.solve(ticket, agent=agent, article=None)
    page = client.get(case_path(ticket)).content.decode()
    assert "You answered: Satisfied." in page
    assert 'name="satisfaction"' not in page


def test_opening_a_link_of_the_letter_answers_nothing_and_fills_the_form_in(client, ticket):
    url = rating_url(ticket, 2).removeprefix("http://testserver").split("#")[0]
    page = client.get(url).content.decode()
    assert not Rating.objects.exists()
    assert 'value="2" ' in page.split("checked")[0][-120:]


@pytest.mark.parametrize("score", ["9", "x", "<script>", ""])
def test_a_score_that_is_none_is_passed_over(client, ticket, score):
    page = client.get(case_path(ticket), {"key": case_key(ticket), "score": score})
    assert page.status_code == 200
    assert " checked" not in page.content.decode()
    assert "<script>" not in page.content.decode()


def test_the_solved_letter_leads_to_each_answer(commit, agent):
    ticket = make_ticket()
    with commit():
        lifecycle.solve(ticket, agent=agent, article=None)
    html = mail.outbox[-1].alternatives[0][0]
    for score in range(1, 6):
        assert f"score={score}#rate" in html


def test_a_stranger_rates_nothing(client, ticket):
    other = make_ticket(email="sam@example.com")
    assert rate(client, ticket, key=case_key(other), satisfaction=1).status_code == 404
    assert rate(client, ticket, key="", satisfaction=1).status_code == 404
    client.force_login(people.sam())
    assert rate(client, ticket, key="", satisfaction=1).status_code == 404
    assert client.get(f"/en/cases/{ticket.reference}/rate/").status_code == 405


def test_a_long_comment_is_cut_and_thanked_for(client, ticket):
    assert rate(client, ticket, satisfaction=5, comment="x" * 9000).status_code == 302
    assert len(Rating.objects.get().comment) == ratings.MAX_COMMENT_CHARACTERS
