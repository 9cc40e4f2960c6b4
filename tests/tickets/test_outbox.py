"""One way out: never lost, never doubled, always answerable."""

from __future__ import annotations

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone, translation

from tests import people
from tests.factories import make_ticket, publish_article
from tickets.errors import DeliveryError
from tickets.models import OutboxMessage
from tickets.services import intake, lifecycle, outbox
from tickets.services.links import ticket_ids_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def row():
    return OutboxMessage.objects.get(ticket=make_ticket())


def failing(error: Exception):
    def deliver(row):
        raise error

    return deliver


def use(monkeypatch, adapter):
    monkeypatch.setattr("tickets.services.outbox.adapter_for", lambda channel: adapter)


def test_a_delivered_message_is_not_delivered_again(row):
    assert outbox.deliver(str(row.pk))
    assert not outbox.deliver(str(row.pk))
    assert len(mail.outbox) == 1


def test_it_waits_longer_after_each_failure_and_keeps_its_message_id(row, monkeypatch):
    use(monkeypatch, failing(DeliveryError("no server")))
    now = timezone.now()
    outbox.deliver(str(row.pk), at=now)
    first = OutboxMessage.objects.get()
    assert (first.status, first.attempts) == ("queued", 1)
    outbox.deliver(str(row.pk), at=first.next_attempt_at)
    second = OutboxMessage.objects.get()
    assert second.next_attempt_at - first.next_attempt_at > first.next_attempt_at - now
    assert second.headers["Message-ID"] == row.headers["Message-ID"]
    monkeypatch.undo()
    assert outbox.deliver(str(row.pk), at=second.next_attempt_at)
    assert mail.outbox[0].extra_headers["Message-ID"] == row.headers["Message-ID"]


def test_what_the_server_refuses_for_good_is_told_in_the_history(row, monkeypatch):
    use(monkeypatch, failing(DeliveryError("550 no such user", is_permanent=True)))
    outbox.deliver(str(row.pk))
    assert OutboxMessage.objects.get().status == "failed"
    assert row.ticket.events.filter(kind="delivery_failed").exists()


def test_smtp_errors_are_told_apart(row, monkeypatch):
    from tickets.channels.email import outbound

    def refuse(error):
        monkeypatch.setattr(outbound.EmailMultiAlternatives, "send", lambda self: (_ for _ in ()).throw(error))
        with pytest.raises(DeliveryError) as caught:
            outbound.deliver_mail(row)
        return caught.value.is_permanent

    assert refuse(smtplib.SMTPRecipientsRefused({"x": (550, b"no")}))
    assert not refuse(smtplib.SMTPRecipientsRefused({"x": (451, b"later")}))
    assert refuse(smtplib.SMTPDataError(554, b"spam"))
    assert not refuse(smtplib.SMTPAuthenticationError(535, b"password"))
    assert not refuse(ConnectionRefusedError())


def test_the_sweeper_takes_up_what_a_dead_worker_left(row, commit):
    long_ago = timezone.now() - timedelta(hours=1)
    OutboxMessage.objects.update(status="sending", claimed_at=long_ago, next_attempt_at=long_ago)
    assert outbox.sweep() == 1
    assert OutboxMessage.objects.get().status == "sent"


def test_a_message_that_brings_down_every_worker_is_given_up(row, monkeypatch):
    use(monkeypatch, failing(MemoryError()))
    monkeypatch.setattr(outbox, "enqueue", lambda *args: True)
    at = timezone.now()
    for _attempt in range(11):
        with pytest.raises(MemoryError):
            outbox.deliver(str(row.pk), at=at)
        at += timedelta(minutes=16)
        outbox.sweep(at=at)
    assert OutboxMessage.objects.get().status == "failed"
    assert row.ticket.events.filter(kind="delivery_failed").count() == 1


def test_only_names_of_mails_stand_in_the_thread(row, commit):
    intake.add_customer_message(row.ticket, body="From the page.", channel="form", external_id="0f" * 32)
    with commit():
        lifecycle.send_reply(row.ticket, agent=people.ada(), body="Here is the answer.")
    assert mail.outbox[-1].extra_headers["In-Reply-To"] == row.headers["Message-ID"]


def test_a_message_being_sent_is_not_taken_by_another_worker(row):
    OutboxMessage.objects.update(status="sending", claimed_at=timezone.now())
    assert outbox.sweep() == 0
    assert not outbox.deliver(str(row.pk))


def test_an_absent_broker_costs_no_case(monkeypatch, django_capture_on_commit_callbacks):
    from kombu.exceptions import OperationalError

    from tickets.tasks import deliver

    def away(*args, **kwargs):
        raise OperationalError("no broker")

    monkeypatch.setattr(deliver, "apply_async", away)
    with django_capture_on_commit_callbacks(execute=True):
        ticket = make_ticket()
    assert OutboxMessage.objects.get(ticket=ticket).status == "queued"
    monkeypatch.undo()
    outbox.sweep()
    assert OutboxMessage.objects.get(ticket=ticket).status == "sent"


def test_every_letter_can_be_answered_in_every_language(commit):
    agent = people.ada()
    article = publish_article(language="sv").article
    for language in ("en", "sv", "nb", "da"):
        with translation.override(language), commit():
            ticket = make_ticket(language=language, email=f"cleo-{language}@example.com")
            lifecycle.send_reply(ticket, agent=agent, body="Here is the answer.")
            lifecycle.solve(ticket, agent=agent, article=article)
        letters = [one for one in mail.outbox if one.to == [f"cleo-{language}@example.com"]]
        assert len(letters) == 3
        for letter in letters:
            (address,) = letter.reply_to
            assert ticket_ids_in(address) == [ticket.pk]
            assert "no-reply" not in letter.from_email.lower()
            assert "noreply" not in letter.from_email.lower()
            assert f"/{language}/cases/{ticket.reference}/?key=" in letter.body
            assert len(address.split("@")[0]) <= 64


def test_letters_of_a_case_are_one_thread(commit):
    agent = people.ada()
    with commit():
        ticket = make_ticket()
    with commit():
        lifecycle.send_reply(ticket, agent=agent, body="Here is the answer.")
    first, second = mail.outbox
    assert second.extra_headers["In-Reply-To"] == first.extra_headers["Message-ID"]
    assert first.extra_headers["Auto-Submitted"] == "auto-generated"
    assert "Auto-Submitted" not in second.extra_headers


def test_what_customers_write_is_escaped_in_letters(commit):
    with commit():
        make_ticket(body="<script>alert(1)</script> & co", name="<b>Cleo</b>")
    html = mail.outbox[0].alternatives[0][0]
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<b>Cleo</b>" not in html


def test_a_subject_of_many_lines_cannot_forge_headers(commit):
    with commit():
        make_ticket(subject="Hello\r\nBcc: everybody@example.com")
    letter = mail.outbox[0]
    assert "\n" not in letter.subject
    assert letter.recipients() == ["cleo@example.com"]
