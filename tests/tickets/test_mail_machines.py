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
from tickets.services.case_history import history_lines
from tickets.services.lifecycle import send_reply
from tickets.services.participants import add_participant

pytestmark = pytest.mark.django_db
Outcome, Cause = InboundMail.Outcome, InboundMail.Cause


@pytest.fixture
def ticket():
    return make_ticket(subject="Parcel")


def report(
    row: OutboxMessage,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    to: str = "cleo@example.com",
    said: str = "550 No such user",
    subject: str = "Undelivered",
) -> bytes:
    return (
        f"From: MAILER-DAEMON@example.com\nTo: help@localhost\nSubject: {subject}\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nNot delivered.\n--b\n"
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; {to}\n"
        f"Action: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {said}\n\n--b\n"
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

    @pytest.mark.parametrize(
        ("status", "said"),
        [
            ("5.2.2", "552 5.2.2 Mailbox full"),
            ("5.0.0", "552-5.2.2 The email account that you tried to reach is over quota"),
            ("4.4.7", "delivery time expired"),
            ("4.4.1", "connect to mx.example.com: Connection timed out"),
            ("5.0.0", "552 Requested mail action aborted: exceeded storage allocation"),
            ("", "550 The mailbox cleo@example.com is full"),
            ("5.3.4", "552 5.3.4 Message too big for system"),
        ],
    )
    def test_what_may_pass_does_not_make_the_address_a_dead_one(self, ticket, status, said):
        send_reply(ticket, agent=ada(), body="It is on its way.")
        row = letter_of(ticket)
        receive(report(row, status=status, said=said))
        ticket.refresh_from_db()
        row.refresh_from_db()
        identity = Identity.objects.get(value="cleo@example.com")
        assert (identity.bounce_is_passing, identity.is_unreachable) == (True, False)
        assert (row.status, ticket.status) == ("failed", "open")
        (line,) = history_lines(ticket.events.filter(kind="bounced"))
        assert "did not arrive, and a later one may" in line.text

    @pytest.mark.parametrize(
        ("status", "said"),
        [
            ("5.1.1", "550 5.1.1 No such user"),
            ("5.2.1", "550 5.2.1 Mailbox disabled"),
            ("5.0.0", "550 unknown user"),
            ("", "550 No such user, see http://192.4.2.2/"),
            ("5.7.1", "554 5.7.1 Relay access denied"),
        ],
    )
    def test_what_is_for_good_does(self, ticket, status, said):
        receive(report(letter_of(ticket), status=status, said=said))
        assert Identity.objects.get(value="cleo@example.com").is_unreachable

    def test_a_full_mailbox_does_not_bring_a_dead_address_back_to_life(self, ticket):
        receive(report(letter_of(ticket)))
        receive(report(letter_of(ticket), status="5.2.2", said="552 5.2.2 Mailbox full", subject="Again"))
        assert Identity.objects.get(value="cleo@example.com").is_unreachable

    def test_a_server_that_has_given_up_in_words_is_not_taken_for_one_that_goes_on_trying(self, ticket):
        """The code speaks of now, the words of giving up: qmail."""
        row = letter_of(ticket)
        said = (
            "Hi. This is the qmail-send program.\n<cleo@example.com>:\nConnected but sender was rejected.\n"
            "452 4.2.2 Over quota\nI'm not going to try again; this message has been in the queue too long.\n\n"
            f"Message-ID: {row.headers['Message-ID']}"
        )
        mail = receive(write("qmail", said, From="MAILER-DAEMON@example.com", Subject="failure notice"))
        assert mail.cause == Cause.BOUNCE_FAILED
        assert Identity.objects.get(value="cleo@example.com").bounce_is_passing

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
