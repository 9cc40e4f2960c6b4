"""Machines that write to us: kept, told of, never answered; and letters of ours that come back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_ticket
from tests.people import ada
from tests.tickets.test_mail_threading import answer, settle, write
from tickets.channels.email.inbound import receive
from tickets.models import Identity, InboundMail, OutboxMessage, Ticket
from tickets.services.lifecycle import send_reply
from tickets.services.participants import add_participant

pytestmark = pytest.mark.django_db
Outcome, Cause = InboundMail.Outcome, InboundMail.Cause


@pytest.fixture
def ticket():
    return make_ticket(subject="Parcel")


def report(row: OutboxMessage, *, action: str = "failed", status: str = "5.1.1", to: str = "cleo@example.com") -> bytes:
    return (
        "From: MAILER-DAEMON@example.com\nTo: help@localhost\nSubject: Undelivered\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nNot delivered.\n--b\n"
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; {to}\n"
        f"Action: {action}\nStatus: {status}\nDiagnostic-Code: smtp; 550 No such user\n\n--b\n"
        f"Content-Type: text/rfc822-headers\n\nMessage-ID: {row.headers['Message-ID']}\n\n--b--\n"
    ).encode()


def letter_of(ticket: Ticket) -> OutboxMessage:
    return ticket.outbox.latest("created_at")


class TestAutomatic:
    def test_an_absence_neither_opens_the_case_again_nor_gets_an_answer(self, ticket):
        settle(ticket, 1)
        raw = answer(ticket, Subject="Autosvar: Parcel", Auto_Submitted="auto-replied")
        before = OutboxMessage.objects.count()
        mail = receive(raw)
        ticket.refresh_from_db()
        assert (mail.outcome, mail.cause) == (Outcome.AUTOMATIC, Cause.OUT_OF_OFFICE)
        assert (ticket.status, ticket.messages.count()) == ("solved", 1)
        assert OutboxMessage.objects.count() == before
        event = ticket.events.get(kind="automatic_mail")
        assert event.data["who"] == "cleo@example.com"
        assert mail.preview == "It has not come."

    def test_two_machines_do_not_keep_each_other_going(self):
        for number in range(12):
            receive(write(str(number), f"Away {number}", Auto_Submitted="auto-replied"))
        assert not Ticket.objects.exists()
        assert not OutboxMessage.objects.exists()

    def test_a_flood_gets_cases_without_answers_and_then_waits_for_a_person(self, settings):
        settings.MAIL_SENDER_PER_HOUR, settings.MAIL_SENDER_PER_DAY = 2, 3
        mails = [receive(write(str(n), f"Text {n}")) for n in range(11)]
        confirmed = OutboxMessage.objects.values_list("ticket_id", flat=True)
        assert set(confirmed) == {one.ticket_id for one in mails[:2]}
        assert [one.cause for one in mails[:2]] == ["", ""]
        assert {(one.outcome, one.cause) for one in mails[2:9]} == {(Outcome.OPENED, Cause.RATE)}
        assert {(one.outcome, one.cause) for one in mails[9:]} == {(Outcome.HELD, Cause.RATE)}

    def test_yesterdays_letters_do_not_count_for_ever(self, settings):
        settings.MAIL_SENDER_PER_HOUR = settings.MAIL_SENDER_PER_DAY = 1
        receive(write("old"))
        InboundMail.objects.update(received_at=timezone.now() - timedelta(days=2))
        assert receive(write("new", "Another")).cause == ""


class TestBounces:
    def test_a_failure_marks_the_address_and_the_letter_and_brings_the_case_back(self, ticket):
        send_reply(ticket, agent=ada(), body="It is on its way.")
        row = letter_of(ticket)
        mail = receive(report(row))
        ticket.refresh_from_db()
        row.refresh_from_db()
        identity = Identity.objects.get(value="cleo@example.com")
        assert (mail.outcome, mail.cause, mail.ticket) == (Outcome.BOUNCE, Cause.BOUNCE_FAILED, ticket)
        assert identity.bounced_at is not None
        assert "No such user" in identity.bounce_reason
        assert (row.status, ticket.status) == ("failed", "open")
        assert ticket.waiting_since is not None
        assert ticket.events.get(kind="bounced").data["to"] == "cleo@example.com"

    def test_the_next_letter_from_there_clears_the_mark(self, ticket):
        receive(report(letter_of(ticket)))
        receive(answer(ticket, "two", text="I am here."))
        assert not Identity.objects.filter(bounced_at__isnull=False).exists()

    def test_an_automatic_letter_from_there_clears_nothing(self, ticket):
        receive(report(letter_of(ticket)))
        receive(answer(ticket, "two", Auto_Submitted="auto-replied"))
        assert Identity.objects.get(value="cleo@example.com").bounced_at is not None

    @pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("delivered", "2.0.0"), ("relayed", "2.0.0")])
    def test_a_delay_and_a_delivery_change_nothing(self, ticket, action, status):
        receive(report(letter_of(ticket), action=action, status=status))
        assert not Identity.objects.filter(bounced_at__isnull=False).exists()
        assert not ticket.events.filter(kind="bounced").exists()

    def test_a_report_about_a_letter_that_nobody_sent_marks_nobody(self, ticket):
        """Or anybody could make us think that a customer cannot be reached."""
        row = letter_of(ticket)
        row.headers["Message-ID"] = "<0123456789ab.c1-aaaaaaaaaaaaaaaa@localhost>"
        receive(report(row))
        assert not Identity.objects.filter(bounced_at__isnull=False).exists()

    def test_of_several_addresses_only_the_one_that_was_missed_is_marked(self, ticket):
        agent = ada()
        from tickets.services.history import agent as by_agent

        add_participant(ticket, "dora@example.com", "Dora", by=by_agent(agent))
        send_reply(ticket, agent=agent, body="It is on its way.")
        row = letter_of(ticket)
        OutboxMessage.objects.filter(pk=row.pk).update(recipient="cleo@example.com", cc=["dora@example.com"])
        receive(report(row, to="dora@example.com"))
        marked = Identity.objects.filter(bounced_at__isnull=False).values_list("value", flat=True)
        assert list(marked) == ["dora@example.com"]

    def test_a_server_that_passes_mail_on_names_another_address(self, ticket):
        receive(report(letter_of(ticket), to="cleo.lind@elsewhere.example"))
        assert Identity.objects.get(value="cleo@example.com").bounced_at is not None
