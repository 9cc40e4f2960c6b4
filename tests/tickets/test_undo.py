"""Taking back what was just sent."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from tests import people
from tests.factories import make_ticket, publish_article
from tests.tickets.desk import page, seen, send, url
from tickets.errors import TicketError
from tickets.models import (
    Draft,
    HeldSend,
    Macro,
    MacroUse,
    Message,
    OutboxMessage,
    RootCause,
    Tag,
    Ticket,
    TicketEvent,
)
from tickets.services import intake, lifecycle, outbox, undo
from tickets.services.case_story import story_for_customer
from tickets.services.links import case_path

pytestmark = pytest.mark.django_db

HOLD = timedelta(seconds=12)
FIELDS = [
    "status", "assignee_id", "waiting_since", "first_response_at", "solved_at", "resolution", "answered_by_id",
    "root_cause_id", "demand_type", "priority",
]  # fmt: skip


@pytest.fixture
def ticket():
    return make_ticket()


@pytest.fixture
def held_for_ten_seconds(settings):
    settings.UNDO_SEND_SECONDS = 10


def state(ticket: Ticket) -> dict[str, object]:
    return {name: getattr(Ticket.objects.get(pk=ticket.pk), name) for name in FIELDS}


def kinds(ticket: Ticket) -> list[str]:
    return list(ticket.events.values_list("kind", flat=True))


# The service


def test_all_that_an_answer_changed_is_as_before(ticket):
    ada = people.ada()
    before, events = state(ticket), kinds(ticket)
    message = lifecycle.send_reply(ticket, agent=ada, body="Wrong words", hold=HOLD)
    assert state(ticket)["status"] == "waiting_customer"
    undo.undo_send(message, agent=ada)
    assert state(ticket) == before
    assert kinds(ticket) == [*events, "send_undone"]
    assert not Message.objects.filter(pk=message.pk).exists()
    assert not ticket.outbox.filter(unique_key__startswith="message:").exists()


def test_a_solved_case_that_was_answered_is_solved_again_after_undo(ticket):
    ada = people.ada()
    lifecycle.solve(ticket, agent=ada, article=publish_article().article)
    before = state(ticket)
    message = lifecycle.send_reply(ticket, agent=ada, body="One more thing", hold=HOLD)
    assert state(ticket)["solved_at"] is None
    undo.undo_send(message, agent=ada)
    assert state(ticket) == before


def test_solving_is_undone_with_its_cause_and_without_a_word(ticket):
    ada = people.ada()
    cause = RootCause.objects.create(key="label", name="No label")
    before = state(ticket)
    lifecycle.solve(ticket, agent=ada, article=None, root_cause=cause, demand_type="failure", hold=HOLD)
    assert ticket.outbox.filter(unique_key__startswith="solved:").exists()
    undo.take_back(HeldSend.objects.get(), agent=ada)
    assert state(ticket) == before
    assert not ticket.outbox.filter(unique_key__startswith="solved:").exists()
    assert ticket.events.last().data == {"solved": True}


def test_what_somebody_else_changed_meanwhile_stays(ticket):
    ada, ed = people.ada(), people.ed()
    ed.groups.set(ada.groups.all())
    message = lifecycle.send_reply(ticket, agent=ada, body="Wrong words", hold=HOLD)
    lifecycle.assign(ticket, to=type(ed).objects.get(pk=ed.pk), by=ada)
    undo.undo_send(message, agent=ada)
    after = state(ticket)
    assert after["assignee_id"] == ed.pk
    assert after["status"] == "new"


def test_a_customer_who_wrote_meanwhile_has_waited_since_the_first_time(ticket):
    ada = people.ada()
    since = ticket.waiting_since
    message = lifecycle.send_reply(ticket, agent=ada, body="Wrong words", hold=HOLD)
    intake.add_customer_message(ticket, body="Hello?", channel="email")
    undo.undo_send(message, agent=ada)
    after = state(ticket)
    assert after["status"] == "open"
    assert after["waiting_since"] == since


@pytest.mark.parametrize("words", ["its time is over", "a worker has it", "it was taken back", "another agent's"])
def test_what_cannot_be_taken_back(ticket, words):
    ada = people.ada()
    message = lifecycle.send_reply(ticket, agent=ada, body="Words", hold=HOLD)
    held, at, by = HeldSend.objects.get(), timezone.now(), ada
    if words == "its time is over":
        at += timedelta(seconds=12)
    elif words == "a worker has it":
        OutboxMessage.objects.filter(message=message).update(status="sending", attempts=1)
    elif words == "it was taken back":
        undo.take_back(held, agent=ada)
        held = HeldSend(pk=held.pk, ticket=ticket, user=ada, until=held.until)
    else:
        by = people.max_()
    before = state(ticket)
    with pytest.raises(TicketError):
        undo.take_back(held, agent=by, at=at)
    assert state(ticket) == before
    if words != "it was taken back":
        assert Message.objects.filter(pk=message.pk).exists()
        assert OutboxMessage.objects.filter(message=message).exists()


def test_nothing_leaves_before_its_time_and_then_it_does(ticket, commit):
    ada = people.ada()
    mail.outbox.clear()
    with commit():
        message = lifecycle.send_reply(ticket, agent=ada, body="Words", hold=HOLD)
    row = OutboxMessage.objects.get(message=message)
    assert not outbox.deliver(str(row.pk))
    assert row not in OutboxMessage.objects.due(timezone.now())
    assert not mail.outbox
    assert outbox.deliver(str(row.pk), at=message.held_until)
    assert len(mail.outbox) == 1


def test_nobody_outside_sees_a_held_answer(client, ticket):
    ada = people.ada()
    message = lifecycle.send_reply(ticket, agent=ada, body="Held words", then="open", hold=HOLD)
    assert "Held words" not in client.get(case_path(ticket)).content.decode()
    now = timezone.now()
    assert not ticket.messages.visible_to_customer(now).filter(pk=message.pk).exists()
    assert ticket.messages.visible_to_customer(message.held_until).filter(pk=message.pk).exists()
    told = [one.text for one in story_for_customer(Ticket.objects.get(pk=ticket.pk)).history]
    assert "Ada answered" not in told
    event = ticket.events.get(kind=TicketEvent.Kind.REPLIED)
    assert event.is_held(now)
    assert not event.is_held(message.held_until)


def test_the_text_the_files_and_the_macros_are_a_draft_again(ticket):
    ada = people.ada()
    macro = Macro.objects.create(name="Refund")
    files = [ContentFile(b"words", name="a.txt")]
    message = lifecycle.send_reply(ticket, agent=ada, body="Kept words", attachments=files, hold=HOLD)
    MacroUse.objects.create(macro=macro, message=message, user=ada)
    Draft.objects.create(ticket=ticket, user=ada, body="Begun since")
    undo.undo_send(message, agent=ada)
    draft = Draft.objects.get()
    assert draft.body == "Kept words\n\nBegun since"
    assert draft.macros == [macro.pk]
    file = draft.files.get()
    assert (file.name, file.file.read()) == ("a.txt", b"words")


# At the desk


def undo_address(html: str) -> str:
    found = re.search(r'class="undo-bar" method="post" action="([^"#]+)#composer"', html)
    assert found is not None
    return found[1]


def test_undo_at_the_desk_without_a_script(client, ada, ticket, held_for_ten_seconds):
    send(client, ticket, body="Kept words")
    html = page(client, "case", ticket.reference)
    assert "Not sent yet" in html
    response = client.post(undo_address(html))
    assert response.url.startswith(url("case", ticket.reference))
    html = client.get(response.url).content.decode()
    assert "Taken back. Nothing was sent" in html
    assert re.search(r"<textarea[^>]*>Kept words</textarea>", html)
    assert 'class="undo-bar"' not in html
    assert state(ticket)["status"] == "new"


def test_what_a_macro_did_goes_back_too(client, ada, ticket, held_for_ten_seconds):
    macro = Macro.objects.create(name="Urgent", priority="urgent")
    macro.tags.add(Tag.objects.create(name="carrier"))
    before, events = state(ticket), kinds(ticket)
    send(client, ticket, macros=[macro.pk])
    assert state(ticket)["priority"] == "urgent"
    assert [tag.name for tag in ticket.tags.all()] == ["carrier"]
    client.post(undo_address(page(client, "case", ticket.reference)))
    assert state(ticket) == before
    assert not ticket.tags.exists()
    assert kinds(ticket) == [*events, "send_undone"]
    assert not MacroUse.objects.exists()


def test_a_colleague_is_offered_no_undo_and_has_none(client, ada, ticket, held_for_ten_seconds):
    send(client, ticket)
    held = HeldSend.objects.get()
    client.force_login(people.max_())
    html = page(client, "case", ticket.reference)
    assert "Not sent yet" in html
    assert 'class="undo-bar"' not in html
    client.post(reverse("desk:undo", args=[ticket.reference, held.pk]))
    assert HeldSend.objects.exists()
    assert "It has left already" in page(client, "case", ticket.reference)


def test_too_late_is_said_in_plain_words(client, ada, ticket, held_for_ten_seconds):
    send(client, ticket, body="Gone words")
    held = HeldSend.objects.get()
    OutboxMessage.objects.filter(message=held.message).update(status="sent", attempts=1)
    client.post(reverse("desk:undo", args=[ticket.reference, held.pk]))
    assert "It has left already, and cannot be taken back." in page(client, "case", ticket.reference)
    assert ticket.messages.filter(body="Gone words").exists()


def test_after_undo_the_same_answer_can_be_sent(client, ada, ticket, held_for_ten_seconds):
    send(client, ticket, body="Kept words")
    client.post(undo_address(page(client, "case", ticket.reference)))
    assert send(client, ticket, body="Kept words", seen=seen(ticket)).status_code == 302
    assert ticket.messages.filter(body="Kept words").count() == 1
    assert not Draft.objects.exists()


def test_solving_can_be_undone_at_the_desk(client, ada, ticket, held_for_ten_seconds):
    send(client, ticket, body="", then="solved", article="none")
    html = page(client, "case", ticket.reference)
    assert "The customer has not been told yet." in html
    client.post(undo_address(html))
    assert state(ticket)["status"] == "new"
    assert not ticket.outbox.filter(unique_key__startswith="solved:").exists()
    send(client, ticket, body="", then="solved", article="none")
    assert ticket.outbox.filter(unique_key__startswith="solved:").count() == 1
