"""What agents do at the desk: each action, and that nothing written is lost."""

from __future__ import annotations

import re

import pytest
from django.core import mail

from knowledge.services.publishing import create_article
from tests import people
from tests.factories import make_ticket, publish_article
from tests.tickets.desk import answers, page, seen, send, url
from tickets.models import Message, OutboxMessage
from tickets.services import intake, lifecycle
from tickets.services.history import agent
from tickets.services.links import case_path
from tickets.services.merging import merge

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    return make_ticket()


# Answering


def test_an_answer_reaches_the_customer(client, ada, ticket, commit):
    with commit():
        response = send(client, ticket)
    assert response.status_code == 302
    assert response.url == url("case", ticket.reference)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee) == ("waiting_customer", ada)
    assert "It is on its way." in mail.outbox[-1].body
    assert 'data-done="reply-sent' in page(client, "case", ticket.reference)


@pytest.mark.parametrize("then", ["waiting_customer", "open", "waiting_third_party"])
def test_and_then(client, ada, ticket, then):
    send(client, ticket, then=then)
    ticket.refresh_from_db()
    assert ticket.status == then


def test_the_list_is_kept_on_the_way_back(client, ada, ticket):
    response = client.post(url("take", ticket.reference) + "?view=unassigned&page=2")
    assert response.url == url("case", ticket.reference) + "?view=unassigned&page=2"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"body": " "}, "Write the answer first."),
        ({"body": "Kept words " + "x" * 20_000}, "the limit is"),
        ({"body": "Kept words", "then": "nonsense"}, "Kept words"),
        ({"body": "Kept words", "then": "solved"}, "Choose the article that answered it"),
        ({"body": "Kept words", "then": "solved", "article": "999999"}, "not published any more"),
        ({"body": "Kept words", "then": "solved", "article": "9" * 400}, "not published any more"),
    ],
)
def test_an_answer_that_cannot_be_sent_comes_back_with_the_reason(client, ada, ticket, fields, words):
    response = send(client, ticket, **fields)
    html = response.content.decode()
    assert response.status_code == 422
    assert words in html
    assert not answers(ticket)
    if "Kept" in str(fields["body"]):
        assert "Kept words" in html


def test_a_customer_who_wrote_meanwhile_is_read_before_the_answer_goes(client, ada, ticket):
    before = seen(ticket)
    intake.add_customer_message(ticket, body="I found it!", channel="email")
    response = send(client, ticket, body="Kept words", seen=before)
    html = response.content.decode()
    assert response.status_code == 409
    assert "The customer has written since you opened this." in html
    assert html.count("I found it!") == 2
    assert "Kept words" in html
    assert not answers(ticket)
    now = re.search(r'name="seen" value="(\d+)"', html)
    assert now is not None
    assert send(client, ticket, body="Kept words", seen=now[1]).status_code == 302
    assert answers(ticket) == ["Kept words"]


def test_a_message_that_came_during_another_mistake_still_warns(client, ada, ticket):
    before = seen(ticket)
    intake.add_customer_message(ticket, body="I found it!", channel="email")
    html = send(client, ticket, body="", seen=before).content.decode()
    assert f'name="seen" value="{before}"' in html


@pytest.mark.parametrize("odd", ["", "x", "-1", "9" * 400])
def test_who_has_seen_nothing_is_shown_the_conversation_first(client, ada, ticket, odd):
    assert send(client, ticket, seen=odd).status_code == 409


def test_a_colleague_who_answered_meanwhile_is_named(client, ada, ticket):
    before = seen(ticket)
    lifecycle.send_reply(ticket, agent=people.ed(), body="Ed says so.")
    response = send(client, ticket, seen=before)
    assert response.status_code == 409
    assert "Ed Berg has answered since you opened this." in response.content.decode()


def test_a_note_written_meanwhile_stops_nothing(client, ada, ticket):
    before = seen(ticket)
    lifecycle.add_note(ticket, agent=people.ed(), body="By the way")
    assert send(client, ticket, seen=before).status_code == 302


def test_pressing_send_twice_sends_once(client, ada, ticket):
    before = seen(ticket)
    for _ in range(2):
        assert send(client, ticket, seen=before).status_code == 302
    assert answers(ticket) == ["It is on its way."]


def test_looking_for_an_article_without_scripts_keeps_the_text_and_sends_nothing(client, ada, ticket):
    text = publish_article("Refund times")
    response = send(client, ticket, body="Kept words", then="solved", find="refund", look="1")
    html = response.content.decode()
    assert response.status_code == 200
    assert "Kept words" in html
    assert f'name="article" value="{text.article_id}"' in html
    assert re.search(r'name="then" value="solved" checked', html)
    assert not answers(ticket)


# Notes


def test_a_note_stays_inside(client, ada, ticket, commit):
    letters = OutboxMessage.objects.count()
    with commit():
        response = client.post(url("note", ticket.reference), {"note": "Only-for-us words"})
    assert response.status_code == 302
    assert "Only-for-us words" in page(client, "case", ticket.reference)
    send(client, ticket)
    client.logout()
    assert "Only-for-us" not in client.get(case_path(ticket)).content.decode()
    assert OutboxMessage.objects.count() == letters + 1
    assert not OutboxMessage.objects.filter(body_text__contains="Only-for-us").exists()
    assert not OutboxMessage.objects.filter(body_html__contains="Only-for-us").exists()


def test_a_note_sent_twice_is_there_once(client, ada, ticket):
    for _ in range(2):
        client.post(url("note", ticket.reference), {"note": "Once"})
    assert ticket.messages.filter(kind=Message.Kind.NOTE).count() == 1


@pytest.mark.parametrize("note", ["", "  ", "Kept words" + "x" * 20_000])
def test_a_note_that_cannot_be_taken_comes_back(client, ada, ticket, note):
    response = client.post(url("note", ticket.reference), {"note": note})
    assert response.status_code == 422
    assert note.strip() in response.content.decode()
    assert ticket.messages.count() == 1


# Status and people


def test_status(client, ada, ticket):
    client.post(url("status", ticket.reference), {"status": "waiting_third_party"})
    ticket.refresh_from_db()
    assert ticket.status == "waiting_third_party"
    assert ticket.events.last().kind == "status_changed"


@pytest.mark.parametrize("status", ["solved", "closed", "new", "", "nonsense"])
def test_a_status_that_is_not_set_by_hand(client, ada, ticket, status):
    assert client.post(url("status", ticket.reference), {"status": status}).status_code == 302
    assert "That status is not set by hand." in page(client, "case", ticket.reference)
    ticket.refresh_from_db()
    assert ticket.status == "new"


def test_take_give_and_put_back(client, ada, ticket):
    ed = people.ed()
    client.post(url("take", ticket.reference))
    ticket.refresh_from_db()
    assert ticket.assignee == ada
    client.post(url("assign", ticket.reference), {"to": ed.pk})
    ticket.refresh_from_db()
    assert ticket.assignee == ed
    assert "Ada Ek gave the case to Ed Berg" in page(client, "case", ticket.reference)
    client.post(url("unassign", ticket.reference))
    ticket.refresh_from_db()
    assert ticket.assignee is None
    assert [event.kind for event in ticket.events.exclude(kind="status_changed")] == [
        "received",
        "assigned",
        "assigned",
        "unassigned",
    ]


def test_only_agents_can_be_given_a_case(client, ada, ticket):
    sam = people.sam()
    assert "Sam Strand" not in page(client, "case", ticket.reference)
    for to in (sam.pk, "x", "", 10**30):
        assert client.post(url("assign", ticket.reference), {"to": to}).status_code == 302
    ticket.refresh_from_db()
    assert ticket.assignee is None


def test_somebody_who_has_left_is_not_offered(client, ada, ticket):
    ed = people.ed()
    ed.is_active = False
    ed.save()
    assert "Ed Berg" not in page(client, "case", ticket.reference)


def test_not_spam(client, ada, commit):
    ticket = make_ticket(is_suspected_spam=True)
    assert "Not spam" in page(client, "case", ticket.reference)
    with commit():
        client.post(url("not_spam", ticket.reference))
    ticket.refresh_from_db()
    assert not ticket.is_suspected_spam
    assert len(mail.outbox) == 1


def test_spam_is_set_aside_without_a_word_and_can_come_back(client, ada, ticket, commit):
    assert f"/{ticket.reference}/spam/" in page(client, "case", ticket.reference)
    with commit():
        client.post(url("spam", ticket.reference))
    ticket.refresh_from_db()
    assert ticket.is_suspected_spam
    told = len(mail.outbox)
    html = page(client, "case", ticket.reference)
    assert f"/{ticket.reference}/spam/" not in html
    assert "Not spam" in html
    with commit():
        client.post(url("not_spam", ticket.reference))
    ticket.refresh_from_db()
    assert not ticket.is_suspected_spam
    assert len(mail.outbox) == told, "its customer has had the confirmation"


@pytest.mark.parametrize("action", ["status", "take", "unassign", "spam", "cause", "note"])
def test_an_old_page_of_a_merged_case_says_where_it_went_on(client, ada, ticket, commit, action):
    kept = make_ticket(body="The other one")
    lifecycle.assign(ticket, to=people.ed(), by=ada)
    merge(ticket, into=kept, by=agent(ada))
    with commit():
        response = client.post(url(action, ticket.reference), {"status": "open", "note": "Hello"}, follow=True)
    assert response.status_code == 200
    html = response.content.decode()
    assert f'<h1 class="h2" dir="auto">{ticket.reference}</h1>' in html
    assert str(kept.reference) in html
    assert url("status", ticket.reference) not in html
    ticket.refresh_from_db()
    assert ticket.status == "closed"


# Solving


def test_solve_with_the_article_that_answered_it(client, ada, ticket, commit):
    text = publish_article("Refund times")
    with commit():
        response = send(client, ticket, body="", then="solved", article=text.article_id)
    assert response.status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.resolution, ticket.answered_by) == ("solved", "article", text.article)
    assert "Refund times" in mail.outbox[-1].body
    assert "Ada Ek solved the case with “Refund times”" in page(client, "case", ticket.reference)


def test_solve_as_no_article_with_a_last_answer(client, ada, ticket):
    send(client, ticket, body="Done by hand.", then="solved", article="none")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.resolution, ticket.answered_by) == ("solved", "no_article", None)
    assert answers(ticket) == ["Done by hand."]
    assert "no article answers it" in page(client, "case", ticket.reference)


def test_solving_twice_tells_the_customer_once(client, ada, ticket):
    for _ in range(2):
        assert send(client, ticket, body="", then="solved", article="none").status_code == 302
    assert OutboxMessage.objects.filter(unique_key__startswith="solved:").count() == 1


def test_what_answered_a_case_that_is_over_is_not_changed_in_silence(client, ada, ticket):
    lifecycle.solve(ticket, agent=ada, article=None)
    response = send(client, ticket, body="", then="solved", article=publish_article().article_id)
    assert response.status_code == 422
    assert "This case is over already." in response.content.decode()


def test_solving_too_waits_for_what_the_customer_wrote_meanwhile(client, ada, ticket):
    before = seen(ticket)
    intake.add_customer_message(ticket, body="One more thing", channel="email")
    response = send(client, ticket, body="", then="solved", article="none", seen=before)
    assert response.status_code == 409
    assert 'value="none" checked' in response.content.decode()
    ticket.refresh_from_db()
    assert ticket.status == "new"


def test_articles_are_found_while_typing_and_the_choice_is_kept(client, ada, ticket):
    chosen = publish_article("Delivery times").article_id
    found = publish_article("Refund times").article_id
    html = page(client, "articles", ticket.reference, find="refu", article=str(chosen))
    assert f'value="{chosen}" checked' in html
    assert f'value="{found}"' in html
    assert 'value="none"' in html
    assert "<html" not in html
    assert "No article holds these words." in page(client, "articles", ticket.reference, find="zzzz")


def test_a_draft_article_cannot_be_the_answer(client, ada, ticket):
    draft = create_article(key="draft", topic=None)
    assert send(client, ticket, then="solved", article=draft.pk).status_code == 422
