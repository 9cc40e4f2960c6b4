"""A case in which much has been said."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests import people
from tests.factories import make_ticket
from tests.tickets.desk import page
from tickets.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(client):
    client.force_login(people.ada())
    return make_ticket(body="The first words")


def say(ticket, count: int) -> None:
    now = timezone.now() + timedelta(seconds=1)
    Message.objects.bulk_create(
        Message(ticket=ticket, kind="inbound", channel="form", body=f"Words number {number}", created_at=now)
        for number in range(count)
    )


def folded(html: str) -> list[str]:
    fold = re.search(r'<details class="fold between">(.*?)</details>\s*<article', html, re.DOTALL)
    return re.findall(r"Words number (\d+)", fold[1]) if fold else []


def test_a_short_conversation_is_shown_whole(client, ticket):
    say(ticket, 13)
    html = page(client, "case", ticket.reference)
    assert folded(html) == []
    assert html.count("Words number") == 13


def test_what_lies_between_the_question_and_the_latest_words_is_folded(client, ticket):
    say(ticket, 200)
    html = page(client, "case", ticket.reference)
    assert folded(html) == [str(number) for number in range(192)]
    assert "192 messages in between" in html
    assert html.index("The first words") < html.index("192 messages in between") < html.index("Words number 192")


def test_a_long_case_costs_no_more_queries(client, ticket, django_assert_max_num_queries):
    say(ticket, 10)
    page(client, "case", ticket.reference)
    with django_assert_max_num_queries(80) as few:
        page(client, "case", ticket.reference)
    say(ticket, 100)
    with django_assert_max_num_queries(len(few)):
        page(client, "case", ticket.reference)
