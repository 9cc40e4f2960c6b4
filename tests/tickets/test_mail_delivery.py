"""Letters against a real mail server: whatever it does, none is lost and none arrives twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from tests import people
from tests.factories import make_ticket
from tests.processes import free_port
from tests.tickets.mail_server import Behaviour, mail_server
from tickets.models import Attachment, Mailbox, Message, OutboxMessage, Participant, Ticket
from tickets.services import notices, outbox
from tickets.services.customers import customer_by_email

pytestmark = pytest.mark.django_db


@pytest.fixture
def port(settings):
    settings.EMAIL_BACKEND = "tickets.channels.email.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 1
    return settings.EMAIL_PORT


@pytest.fixture
def row():
    return OutboxMessage.objects.get(ticket=make_ticket())


def answer(ticket: Ticket, body: str = "It is on its way.", **fields) -> Message:
    return Message.objects.create(
        ticket=ticket, kind=Message.Kind.OUTBOUND, channel="email", author=people.ada(), body=body, **fields
    )


def state(row: OutboxMessage) -> str:
    row.refresh_from_db()
    return row.status


def try_again(row: OutboxMessage) -> bool:
    row.refresh_from_db()
    return outbox.deliver(str(row.pk), at=row.next_attempt_at)


def test_a_letter_arrives_whole(port, row):
    behaviour = Behaviour()
    with mail_server(behaviour, port):
        assert outbox.deliver(str(row.pk))
    (letter,) = behaviour.taken
    assert (letter.sender, letter.recipients) == ("help@localhost", ["cleo@example.com"])
    assert letter.mail["Date"]
    assert letter.mail["Content-Language"] == "en"
    assert letter.mail["List-Id"] == "<cases.localhost>"
    assert "NDR" not in letter.mail["X-Auto-Response-Suppress"].split(", ")
    assert {part.get_content_type() for part in letter.mail.walk()} >= {"text/plain", "text/html"}


def test_a_dead_server_loses_nothing_and_gets_it_once_when_it_is_back(port, row):
    assert not outbox.deliver(str(row.pk))
    assert state(row) == "queued"
    behaviour = Behaviour()
    with mail_server(behaviour, port):
        assert not outbox.deliver(str(row.pk)), "it is not due yet"
        assert try_again(row)
        assert not outbox.deliver(str(row.pk), at=timezone.now() + timedelta(days=1))
        outbox.sweep(at=timezone.now() + timedelta(days=1))
    assert behaviour.names == [row.headers["Message-ID"]]


@pytest.mark.parametrize("where", ["recipient", "data"])
def test_a_server_that_says_later_gets_it_later(port, row, where):
    behaviour = Behaviour()
    if where == "recipient":
        behaviour.to_recipients["cleo@example.com"] = ["451 4.7.1 greylisted", "451 4.7.1 greylisted"]
    else:
        behaviour.to_data = ["452 4.3.1 full", "421 4.3.2 going down"]
    with mail_server(behaviour, port):
        assert [try_again(row) for _ in range(4)] == [False, False, True, False]
    assert len(behaviour.taken) == 1


@pytest.mark.parametrize("where", ["recipient", "data"])
def test_a_server_that_says_never_is_believed(port, row, where):
    behaviour = Behaviour(to_data=["554 5.7.1 spam"])
    if where == "recipient":
        behaviour = Behaviour(to_recipients={"cleo@example.com": ["550 5.1.1 no such user"]})
    with mail_server(behaviour, port):
        try_again(row)
    assert state(row) == "failed"
    (event,) = row.ticket.events.filter(kind="delivery_failed")
    assert event.data["to"] == "cleo@example.com"
    assert event.data["reason"].startswith("55")


@pytest.mark.parametrize("told", ["hang", "hang early"])
def test_a_server_that_falls_silent_gets_it_again_with_the_same_name(port, row, told):
    ticket = row.ticket
    message = answer(ticket)
    Attachment.objects.create(
        message=message, file=ContentFile(b"0" * 5_000_000, "log.txt"), name="log.txt", content_type="text/plain",
        size=5_000_000,
    )  # fmt: skip
    letter = notices.send_answer(ticket, message)
    behaviour = Behaviour(to_data=[told])
    with mail_server(behaviour, port):
        assert not try_again(letter)
        assert state(letter) == "queued"
        assert try_again(letter)
    assert behaviour.names == [letter.headers["Message-ID"]]
    (file,) = behaviour.taken[0].mail.iter_attachments()
    assert (file.get_filename(), len(file.get_content())) == ("log.txt", 5_000_000)


def test_a_line_cut_after_the_last_dot_may_bring_the_same_letter_again_and_nothing_else(port, row):
    behaviour = Behaviour(to_data=["cut"])
    with mail_server(behaviour, port):
        assert not try_again(row)
        assert try_again(row)
        assert not try_again(row)
    assert behaviour.names == [row.headers["Message-ID"]] * 2


def several(ticket: Ticket) -> OutboxMessage:
    return outbox.queue_mail(
        ticket=ticket, message=None, unique_key="one", recipient="cleo@example.com", cc=["bo@example.com"],
        subject="Hello", body_text="Hi", body_html="", is_automatic=False,
    )  # fmt: skip


def test_one_of_several_refused_for_now_gets_it_later_and_nobody_gets_it_twice(port, row):
    letter = several(row.ticket)
    behaviour = Behaviour(to_recipients={"bo@example.com": ["451 later"]})
    with mail_server(behaviour, port):
        try_again(letter)
        assert state(letter) == "queued"
        try_again(letter)
    assert state(letter) == "sent"
    assert [one.recipients for one in behaviour.taken] == [["cleo@example.com"], ["bo@example.com"]]
    assert {str(one.mail["Cc"]) for one in behaviour.taken} == {"bo@example.com"}


def test_one_of_several_refused_for_good_is_told_and_can_be_tried_again(port, row):
    letter = several(row.ticket)
    behaviour = Behaviour(to_recipients={"bo@example.com": ["550 gone"]})
    with mail_server(behaviour, port):
        try_again(letter)
        assert state(letter) == "failed"
        outbox.retry(letter)
        outbox.deliver(str(letter.pk))
    assert [one.recipients for one in behaviour.taken] == [["cleo@example.com"], ["bo@example.com"]]
    assert [event.data["to"] for event in row.ticket.events.filter(kind="delivery_failed")] == ["bo@example.com"]


def test_participants_get_the_answer_with_a_link_of_their_own(port, row):
    ticket = row.ticket
    bo = customer_by_email("bo@example.com")
    dead = customer_by_email("dead@example.com")
    dead.identities.update(bounced_at=timezone.now())
    for customer in (bo, dead):
        Participant.objects.create(ticket=ticket, customer=customer)
    notices.send_answer(ticket, answer(ticket))
    behaviour = Behaviour()
    with mail_server(behaviour, port):
        for one in OutboxMessage.objects.exclude(pk=row.pk):
            outbox.deliver(str(one.pk))
    assert sorted(one.recipients for one in behaviour.taken) == [["bo@example.com"], ["cleo@example.com"]]
    assert {(str(one.mail["To"]), str(one.mail["Cc"])) for one in behaviour.taken} == {
        ("cleo@example.com", "bo@example.com")
    }
    assert len(set(behaviour.names)) == 1
    links = {one.mail.get_body(("plain",)).get_content().split("key=")[1].split()[0] for one in behaviour.taken}
    assert len(links) == 2


def test_notices_go_to_the_customer_alone(row):
    ticket = row.ticket
    Participant.objects.create(ticket=ticket, customer=customer_by_email("bo@example.com"))
    letter = notices.tell_solved(ticket, None)
    assert (letter.recipient, letter.cc) == ("cleo@example.com", [])
    assert ticket.outbox.count() == 2


def test_a_case_is_answered_from_its_mailbox_under_its_name(port, row):
    ticket = row.ticket
    ticket.mailbox = Mailbox.objects.create(address="returns@shop.example", sender_name="Nordström Returns")
    ticket.save()
    letter = notices.send_answer(ticket, answer(ticket))
    behaviour = Behaviour()
    with mail_server(behaviour, port):
        outbox.deliver(str(letter.pk))
    (taken,) = behaviour.taken
    assert str(taken.mail["From"]) == "Nordström Returns <returns@shop.example>"
    assert str(taken.mail["Reply-To"]).startswith("returns+c")
    assert taken.sender == "returns@shop.example"
    assert taken.mail["Message-ID"].endswith("@shop.example>")


def test_files_too_large_for_mail_wait_on_the_page(port, row, settings):
    settings.MAIL_FILES_MAX_BYTES = 10
    message = answer(row.ticket)
    for name, size in (("a.txt", 6), ("b.txt", 6), ("c.txt", 4)):
        Attachment.objects.create(
            message=message, file=ContentFile(b"x" * size, name), name=name, content_type="text/plain", size=size
        )
    letter = notices.send_answer(row.ticket, message)
    behaviour = Behaviour()
    with mail_server(behaviour, port):
        outbox.deliver(str(letter.pk))
    mail = behaviour.taken[0].mail
    assert [part.get_filename() for part in mail.iter_attachments()] == ["a.txt", "c.txt"]
    text = mail.get_body(("plain",)).get_content()
    assert "b.txt" in text
    assert "a.txt" not in text


def test_a_file_that_is_gone_from_the_disk_is_told(port, row):
    message = answer(row.ticket)
    Attachment.objects.create(message=message, file="2020/01/none", name="a.txt", content_type="text/plain", size=6)
    letter = notices.send_answer(row.ticket, message)
    with mail_server(Behaviour(), port):
        assert not outbox.deliver(str(letter.pk))
    letter.refresh_from_db()
    assert letter.last_error


def test_a_held_letter_leaves_when_it_is_held_no_more(port, row, commit):
    until = timezone.now() + timedelta(seconds=10)
    with commit():
        letter = notices.send_answer(row.ticket, answer(row.ticket, held_until=until))
    behaviour = Behaviour()
    OutboxMessage.objects.filter(pk=row.pk).update(status="sent")
    with mail_server(behaviour, port):
        assert not outbox.deliver(str(letter.pk))
        assert outbox.sweep() == 0
        assert outbox.sweep(at=until - timedelta(seconds=1)) == 0
        assert behaviour.taken == []
        assert outbox.deliver(str(letter.pk), at=until)
    assert len(behaviour.taken) == 1


def test_the_delivery_of_a_held_letter_is_queued_for_its_time(row, commit, monkeypatch):
    from tickets.tasks import deliver

    queued = []
    monkeypatch.setattr(deliver, "apply_async", lambda args, **options: queued.append((args, options)))
    until = timezone.now() + timedelta(seconds=10)
    with commit():
        letter = notices.send_answer(row.ticket, answer(row.ticket, held_until=until))
    assert queued == [((str(letter.pk),), {"eta": until})]
