"""Which case a letter gets into, over the life of cases: settled, merged, passed on, delivered twice."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.utils import timezone

from tests.factories import TopicFactory, make_ticket
from tests.people import ada
from tickets.channels.email.inbound import letter_of, receive
from tickets.channels.email.threading import Evidence, Place, place_of
from tickets.models import InboundMail, Mailbox, OutboxMessage, Team, Ticket, TicketEvent, TicketLink
from tickets.services.history import agent as by_agent
from tickets.services.links import reply_address
from tickets.services.merging import merge

pytestmark = pytest.mark.django_db
Outcome, Cause, Kind = InboundMail.Outcome, InboundMail.Cause, TicketLink.Kind


def write(name: str = "one", text: str = "It has not come.", **fields: str) -> bytes:
    mail = EmailMessage()
    usual = {
        "From": "cleo@example.com",
        "To": "help@localhost",
        "Subject": "Parcel",
        "Message-ID": f"<{name}@x.example>",
    }
    for field, value in (usual | {name.replace("_", "-"): value for name, value in fields.items()}).items():
        mail[field] = value
    mail.set_content(text)
    return mail.as_bytes()


def answer(ticket: Ticket, name: str = "one", **fields: str) -> bytes:
    return write(name, **({"To": reply_address(ticket.pk, "help@localhost")} | fields))


def settle(ticket: Ticket, days_ago: int) -> None:
    at = timezone.now() - timedelta(days=days_ago)
    Ticket.objects.filter(pk=ticket.pk).update(status="solved", solved_at=at, updated_at=at, waiting_since=None)


@pytest.fixture
def ticket():
    return make_ticket(subject="Parcel")


def test_the_decision_says_why(ticket):
    mail = receive(answer(ticket))
    InboundMail.objects.filter(pk=mail.pk).update(outcome="received")
    decision = place_of(letter_of(mail), at=timezone.now())
    assert (decision.place, decision.ticket, decision.evidence) == (Place.JOINS, ticket, Evidence.ADDRESS)
    assert decision.writer == ticket.customer


@pytest.mark.parametrize(
    ("days", "subject", "link"),
    [
        (2, "Re: Parcel", None),
        (2, "SV: parcel", None),
        (2, "", None),
        (2, "My invoice", Kind.NEW_MATTER),
        (29, "Re: Parcel", None),
        (31, "Re: Parcel", Kind.FOLLOW_UP),
    ],
)
def test_an_answer_to_a_settled_case(ticket, days, subject, link):
    settle(ticket, days)
    mail = receive(answer(ticket, Subject=subject))
    ticket.refresh_from_db()
    if link is None:
        assert (mail.outcome, mail.ticket, ticket.status) == (Outcome.TAKEN, ticket, "open")
        return
    assert mail.outcome == Outcome.LINKED
    assert ticket.status == "solved"
    assert TicketLink.objects.get(source=mail.ticket, target=ticket).kind == link


def test_a_merged_case_hands_on_to_the_one_that_it_went_into(ticket):
    kept = make_ticket(subject="Parcel again")
    merge(ticket, into=kept, by=by_agent(ada()))
    mail = receive(answer(ticket))
    assert (mail.outcome, mail.ticket) == (Outcome.TAKEN, kept)
    assert kept.messages.last().body == "It has not come."


def test_of_two_cases_named_the_one_counts_that_the_sender_is_in(ticket):
    other = make_ticket(email="bo@example.com")
    to = f"{reply_address(other.pk, 'help@localhost')}, {reply_address(ticket.pk, 'help@localhost')}"
    assert receive(answer(ticket, To=to)).ticket == ticket
    assert other.messages.count() == 1


def test_a_stranger_is_told_nothing_of_the_case_and_an_agent_sees_both(ticket):
    mail = receive(answer(ticket, From="sam@example.com", Subject="Hello"))
    link = TicketLink.objects.get(target=ticket)
    assert (link.source, link.kind) == (mail.ticket, Kind.OTHER_SENDER)
    letters = OutboxMessage.objects.filter(ticket=mail.ticket)
    assert [one.recipient for one in letters] == ["sam@example.com"]
    for word in (ticket.reference, "Parcel", "cleo@example.com"):
        assert all(word not in one.subject + one.body_text + one.body_html + str(one.headers) for one in letters)


def test_many_answers_to_one_letter_of_ours_stay_apart(ticket):
    """A newsletter, or a letter that was passed around: everybody's answer names the same Message-ID."""
    ours = OutboxMessage.objects.get(ticket=ticket).headers["Message-ID"]
    cases = {
        receive(write(str(n), From=f"p{n}@example.com", To="help@localhost", References=ours)).ticket for n in range(5)
    }
    assert len(cases) == 5
    assert ticket not in cases


def test_answers_to_a_letter_that_is_not_ours_stay_apart():
    """Two customers answer one newsletter of somebody else's sending."""
    first = receive(write("a", References="<news@shop.example>"))
    second = receive(write("b", From="bo@example.com", References="<news@shop.example>"))
    assert (first.outcome, second.outcome) == (Outcome.OPENED, Outcome.OPENED)
    assert first.ticket != second.ticket


class TestTwice:
    def test_to_two_of_our_addresses_is_one_case_of_the_first_address(self):
        team = Team.objects.create(key="billing", name="Billing")
        topic = TopicFactory()
        Mailbox.objects.create(address="billing@example.org", team=team, topic=topic, language="sv")
        raw = write(To="billing@example.org", Cc="help@localhost", Date="Sun, 22 Nov 2026 10:00:00 +0100")
        by_help = receive(b"Delivered-To: help@localhost\n" + raw)
        by_billing = receive(b"Delivered-To: billing@example.org\n" + raw)
        assert (by_help.outcome, by_billing.outcome) == (Outcome.OPENED, Outcome.DUPLICATE)
        assert by_billing.ticket == by_help.ticket
        assert Ticket.objects.count() == 1
        ticket = Ticket.objects.get()
        assert (ticket.mailbox.address, ticket.team, ticket.topic) == ("billing@example.org", team, topic)

    def test_of_letters_with_one_name_and_different_words_none_is_lost(self):
        """Programs that give every letter the same Message-ID."""
        first = receive(write("same", "One"))
        second = receive(write("same", "Two"))
        assert (first.outcome, second.outcome) == (Outcome.OPENED, Outcome.OPENED)

    def test_of_answers_with_one_name_and_different_words_none_is_lost(self, ticket):
        for minute in (1, 2, 3):
            date = f"Sun, 22 Nov 2026 10:0{minute}:00 +0100"
            mail = receive(answer(ticket, "same", text=f"Word {minute}", Date=date))
            assert mail.outcome == Outcome.TAKEN
            assert mail.message.body == f"Word {minute}"
        assert ticket.messages.count() == 4

    def test_the_same_letter_in_one_moment_by_two_processes_is_one_case(self, monkeypatch):
        monkeypatch.setattr("tickets.channels.email.inbound._earlier_delivery", lambda mail: None)
        raw = write(Date="Sun, 22 Nov 2026 10:00:00 +0100")
        receive(raw)
        assert receive(b"X-Way: b\n" + raw).outcome == Outcome.DUPLICATE
        assert Ticket.objects.count() == 1


class TestNewCase:
    def test_it_has_what_the_letter_says(self):
        raw = write(
            text="Hej, jag undrar var mitt paket är. Det skulle ha kommit i går.\n\nMvh\nÅsa",
            From="Åsa Berg <asa@example.com>",
            Subject="Var är mitt paket?",
            Cc="bo@example.com",
        )
        mail = receive(raw)
        ticket = mail.ticket
        assert (ticket.channel, ticket.language, ticket.subject) == ("email", "sv", "Var är mitt paket?")
        assert str(ticket.customer) == "Åsa Berg"
        message = ticket.messages.get()
        assert message.body == "Hej, jag undrar var mitt paket är. Det skulle ha kommit i går."
        assert message.mail.text.endswith("Mvh\nÅsa")
        assert message.mail.cc == ["bo@example.com"]
        assert not ticket.participants.exists()
        (confirmation,) = ticket.outbox.all()
        assert confirmation.recipient == "asa@example.com"
        assert confirmation.headers["In-Reply-To"] == "<one@x.example>"

    def test_a_short_letter_is_in_the_language_of_its_mailbox(self):
        Mailbox.objects.create(address="hjelp@example.org", language="nb")
        assert receive(write(text="SV-1", Subject="OK", To="hjelp@example.org")).ticket.language == "nb"

    @pytest.mark.parametrize(
        ("found_out", "doubt"),
        [
            ("dmarc=pass", ""),
            ("none", "\n\nBy mail from ada@example.com. Whether it was really sent from there has not been checked."),
        ],
    )
    def test_an_agents_words_above_a_letter_that_they_pass_on_are_a_note(self, settings, found_out, doubt):
        """Colleagues act on notes, so a note that anybody could have sent says so."""
        settings.MAIL_AUTHSERV_IDS = ["mx.example.org"]
        agent = ada()
        text = (
            "Can you help her?\n\n---------- Forwarded message ---------\nFrom: Bo Berg <bo@example.com>\n"
            "Subject: Lost\nTo: Ada\n\nMy parcel is lost."
        )
        stamp = {"Authentication_Results": f"mx.example.org; {found_out}"}
        ticket = receive(write(text=text, From="ada@example.com", Subject="Fwd: Lost", **stamp)).ticket
        note, inbound = ticket.messages.get(kind="note"), ticket.messages.get(kind="inbound")
        assert (note.body, note.author) == (f"Can you help her?{doubt}", agent)
        assert (inbound.body, ticket.customer.email) == ("My parcel is lost.", "bo@example.com")

    def test_a_customer_cannot_pass_on_a_letter_as_an_agent_does(self):
        text = "---------- Forwarded message ---------\nFrom: Bo Berg <bo@example.com>\n\nGive me the parcel."
        ticket = receive(write(text=text, From="sam@example.com", Subject="Fwd: Lost")).ticket
        assert ticket.customer.email == "sam@example.com"


class TestForgery:
    @pytest.fixture(autouse=True)
    def _trusted(self, settings):
        settings.MAIL_AUTHSERV_IDS = ["mx.example.org"]

    def test_a_forged_answer_changes_nothing_until_a_person_takes_it(self, ticket):
        settle(ticket, 1)
        raw = answer(ticket, Authentication_Results="mx.example.org; dmarc=fail; spf=fail; dkim=none")
        mail = receive(raw)
        ticket.refresh_from_db()
        assert (mail.outcome, mail.cause, mail.ticket) == (Outcome.HELD, Cause.FAILED_AUTHENTICATION, ticket)
        assert ticket.status == "solved"
        assert ticket.messages.count() == 1
        assert not TicketEvent.objects.filter(ticket=ticket, kind="customer_wrote").exists()

    def test_a_forged_letter_opens_a_suspected_case_and_nobody_gets_mail(self):
        mail = receive(write(Authentication_Results="mx.example.org; dmarc=fail"))
        assert mail.ticket.is_suspected_spam
        assert not OutboxMessage.objects.exists()
        assert mail.message.mail.authentication == {"dmarc": "fail"}

    def test_without_a_server_of_ours_named_no_stamp_is_believed(self, ticket, settings):
        settings.MAIL_AUTHSERV_IDS = []
        mail = receive(answer(ticket, Authentication_Results="mx.example.org; dmarc=fail"))
        assert mail.outcome == Outcome.TAKEN
        assert mail.message.mail.authentication == {}
