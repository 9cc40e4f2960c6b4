"""One way in: what becomes of what customers send."""

from __future__ import annotations

import pytest
from django.core import mail

from tests.factories import make_ticket
from tickets.errors import TicketError
from tickets.models import Message, OutboxMessage, Ticket

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


@pytest.mark.parametrize("body", ["", "   \n ", "\x00", "x" * 20_001])
def test_a_text_that_cannot_be_taken_is_refused_in_a_sentence_and_leaves_nothing(body):
    with pytest.raises(TicketError, match=r"\w+"):
        make_ticket(body=body)
    assert not Ticket.objects.exists()
