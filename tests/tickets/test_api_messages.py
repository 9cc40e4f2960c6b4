"""What was said, read and written by other systems."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.factories import make_ticket
from tests.people import ada
from tests.tickets.tokens import caller_for, case_url, messages_url
from tickets.models import Message, OutboxMessage

pytestmark = pytest.mark.django_db


@pytest.fixture
def crm():
    return caller_for(ada())


def said(caller, reference: str) -> list[dict]:
    response = caller.get(messages_url(reference))
    assert response.status_code == 200
    return response.json()["results"]


def test_all_that_was_said_with_its_files(crm, client):
    file = SimpleUploadedFile("Kvitto åäö.txt", b"12 kr", content_type="text/plain")
    ticket = make_ticket(attachments=[file])
    crm.post(messages_url(ticket.reference), {"body": "Ask the depot.", "internal": True})
    first, note = said(crm, ticket.reference)
    assert (first["kind"], first["internal"], first["agent"]) == ("inbound", False, None)
    assert first["customer"]["email"] == "cleo@example.com"
    assert (note["kind"], note["internal"], note["customer"]) == ("note", True, None)
    assert note["agent"] == {"name": "Ada Ek", "email": "ada@example.com"}
    (told,) = first["attachments"]
    assert (told["name"], told["size"]) == ("Kvitto åäö.txt", 5)
    link = told["url"].removeprefix("http://testserver")
    assert b"".join(client.get(link).streaming_content) == b"12 kr"
    assert client.get(link.partition("?")[0]).status_code in (403, 404)


def test_an_answer_goes_to_the_customer(crm, commit):
    with commit():
        ticket = make_ticket()
    mail.outbox.clear()
    with commit():
        response = crm.post(messages_url(ticket.reference), {"body": "It is on its way."})
    assert response.status_code == 201
    assert response.json()["body"] == "It is on its way."
    (letter,) = mail.outbox
    assert letter.to == ["cleo@example.com"]
    assert "It is on its way." in letter.body
    assert said(crm, ticket.reference)[-1]["delivery"] == "sent"
    assert crm.get(case_url(ticket.reference)).json()["status"] == "waiting_customer"


def test_a_note_goes_to_nobody(crm, commit):
    with commit():
        ticket = make_ticket()
    mail.outbox.clear()
    with commit():
        crm.post(messages_url(ticket.reference), {"body": "A difficult customer.", "internal": True})
    assert mail.outbox == []
    assert not OutboxMessage.objects.filter(body_text__contains="difficult").exists()
    assert crm.get(case_url(ticket.reference)).json()["status"] == "new"


def test_the_status_that_an_answer_leaves_behind(crm):
    ticket = make_ticket()
    crm.post(messages_url(ticket.reference), {"body": "We ask the depot.", "then": "waiting_third_party"})
    assert crm.get(case_url(ticket.reference)).json()["status"] == "waiting_third_party"


def test_the_same_key_is_taken_once(crm):
    ticket = make_ticket()
    send = {"body": "It is on its way."}
    first = crm.post(messages_url(ticket.reference), send, **{"Idempotency-Key": "k1"})
    again = crm.post(messages_url(ticket.reference), send, **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert ticket.messages.filter(kind=Message.Kind.OUTBOUND).count() == 1
    other = crm.post(messages_url(ticket.reference), {"body": "Something else."}, **{"Idempotency-Key": "k1"})
    assert other.status_code == 422
    assert crm.post(messages_url(ticket.reference), send, **{"Idempotency-Key": "k2"}).status_code == 201
    assert ticket.messages.filter(kind=Message.Kind.OUTBOUND).count() == 2


def test_what_its_writer_may_still_take_back_is_not_there_yet(crm):
    ticket = make_ticket()
    message = Message.objects.create(
        ticket=ticket,
        kind=Message.Kind.OUTBOUND,
        channel="email",
        body="Sorry, wrong case.",
        held_until=timezone.now() + timedelta(minutes=1),
    )
    assert "Sorry" not in str(said(crm, ticket.reference))
    Message.objects.filter(pk=message.pk).update(held_until=timezone.now() - timedelta(seconds=1))
    assert "Sorry" in str(said(crm, ticket.reference))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"body": ""}, "body"),
        ({"body": "  \n"}, "body"),
        ({"internal": True}, "body"),
        ({"body": "x" * 20_001}, "body"),
        ({"body": "x", "then": "solved"}, "then"),
        ({"body": "x", "internal": "perhaps"}, "internal"),
        ({"body": "x", "intern": True}, "intern"),
    ],
)
def test_what_cannot_be_taken_names_the_field(crm, body, field):
    ticket = make_ticket()
    response = crm.post(messages_url(ticket.reference), body)
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert ticket.messages.count() == 1


def test_pages(crm):
    ticket = make_ticket()
    for number in range(4):
        crm.post(messages_url(ticket.reference), {"body": f"Note {number}", "internal": True})
    url, bodies = f"{messages_url(ticket.reference)}?limit=2", []
    while url:
        page = crm.get(url.removeprefix("http://testserver")).json()
        bodies += [message["body"] for message in page["results"]]
        url = page["next"]
    assert bodies[1:] == ["Note 0", "Note 1", "Note 2", "Note 3"]


def test_as_many_queries_for_ten_messages_as_for_two(crm, django_assert_max_num_queries):
    ticket = make_ticket()
    for number in range(10):
        crm.post(messages_url(ticket.reference), {"body": f"Note {number}", "internal": True})
    with django_assert_max_num_queries(13):
        assert len(said(crm, ticket.reference)) == 11
