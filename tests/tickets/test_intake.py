"""One way in: what becomes of what customers send."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.files.base import ContentFile

from tests.factories import make_ticket
from tickets.errors import TicketError
from tickets.models import Customer, Message, OutboxMessage, Ticket
from tickets.services import customers

pytestmark = pytest.mark.django_db


def test_a_question_becomes_a_case_with_history_and_confirmation(commit):
    with commit():
        ticket = make_ticket(subject="Parcel")
    assert ticket.reference == f"SV-{10000 + ticket.pk}"
    assert [event.kind for event in ticket.events.all()] == ["received"]
    (letter,) = mail.outbox
    assert letter.to == ["cleo@example.com"]
    assert ticket.reference in letter.subject
    assert OutboxMessage.objects.get().status == "sent"


def test_the_same_key_makes_one_case_and_keeps_a_changed_text():
    first = make_ticket(idempotency_key="form:1")
    assert make_ticket(idempotency_key="form:1") == first
    assert make_ticket(idempotency_key="form:1", body="And the box is broken.") == first
    assert Ticket.objects.count() == 1
    assert first.messages.filter(kind=Message.Kind.INBOUND).count() == 2


def test_files_sent_with_a_changed_text_are_kept():
    first = make_ticket(idempotency_key="form:1")
    make_ticket(
        idempotency_key="form:1", body="Here is the receipt.", attachments=[ContentFile(b"Paid.", "receipt.txt")]
    )
    assert [one.name for one in first.messages.last().attachments.all()] == ["receipt.txt"]


def test_two_first_messages_of_one_person_at_once_make_one_customer(monkeypatch):
    """The other one is in the database after we looked, and before we write."""
    first = make_ticket()
    monkeypatch.setattr(customers, "_known", lambda address: None)
    assert make_ticket(name="").customer == first.customer
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("body", ["", "   \n ", "\x00", "x" * 20_001])
def test_a_text_that_cannot_be_taken_is_refused_in_a_sentence_and_leaves_nothing(body):
    with pytest.raises(TicketError, match=r"\w+"):
        make_ticket(body=body)
    assert not Ticket.objects.exists()
