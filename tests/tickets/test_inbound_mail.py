"""Mail that answers ours: into the right case, from the right person, once."""

from __future__ import annotations

import io
import time
from email.message import EmailMessage

import pytest
from django.core.management import call_command

from tests.factories import make_ticket
from tickets.channels.email.inbound import process, receive
from tickets.channels.email.trimming import new_text, text_of_html
from tickets.models import InboundMail, Message, OutboxMessage, Ticket

pytestmark = pytest.mark.django_db
Outcome = InboundMail.Outcome
Cause = InboundMail.Cause


def answer_to(ticket: Ticket, text: str = "Thanks, it came today.", **headers: str) -> EmailMessage:
    letter = OutboxMessage.objects.filter(ticket=ticket).latest("created_at")
    mail = EmailMessage()
    mail["From"] = headers.pop("From", "Cleo Lind <cleo@example.com>")
    mail["To"] = headers.pop("To", letter.headers["Reply-To"])
    mail["Subject"] = headers.pop("Subject", f"Re: {letter.subject}")
    mail["Message-ID"] = headers.pop("Message-ID", "<one@mail.example.com>")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


@pytest.fixture
def ticket():
    return make_ticket()


def test_an_answer_becomes_a_message_and_the_case_is_ours_again(ticket):
    Ticket.objects.filter(pk=ticket.pk).update(status="waiting_customer", waiting_since=None)
    taken = receive(answer_to(ticket).as_bytes())
    ticket.refresh_from_db()
    assert taken.outcome == Outcome.TAKEN
    assert ticket.messages.last().body == "Thanks, it came today."
    assert ticket.status == "open"
    assert ticket.waiting_since is not None


def test_an_answer_reopens_a_solved_case(ticket):
    Ticket.objects.filter(pk=ticket.pk).update(status="solved", resolution="no_article")
    receive(answer_to(ticket, "It is broken again.").as_bytes())
    ticket.refresh_from_db()
    assert (ticket.status, ticket.resolution) == ("open", "")
    assert "reopened" in ticket.events.values_list("kind", flat=True)


@pytest.mark.parametrize(
    "quoted",
    [
        "On Sun, 22 Nov 2026 at 10:00, Help <help@x.example> wrote:\n> You wrote",
        "Den sön 22 nov. 2026 kl 10:00 skrev Hjälp <help@x.example>:\n> Du skrev",
        "søn. 22. nov. 2026 kl. 10:00 skrev Hjelp <help@x.example>:\n> Du skrev",
        "Den søn. 22. nov. 2026 kl. 10.00 skrev Hjælp <help@x.example>:\n\n> Du skrev",
    ],
)
def test_the_quoted_letter_is_left_out(ticket, quoted):
    receive(answer_to(ticket, f"It came.\n\n{quoted}\n").as_bytes())
    assert ticket.messages.last().body == "It came."


def test_the_message_id_leads_to_the_case_too(ticket):
    letter = OutboxMessage.objects.get(ticket=ticket)
    mail = answer_to(ticket, To="help@localhost", In_Reply_To=letter.headers["Message-ID"])
    assert receive(mail.as_bytes()).outcome == Outcome.TAKEN


def test_the_same_mail_twice_is_one_message(ticket):
    raw = answer_to(ticket).as_bytes()
    receive(raw)
    receive(raw)
    other_route = answer_to(ticket, X_Route="b").as_bytes()
    assert receive(other_route).outcome == Outcome.DUPLICATE
    assert ticket.messages.count() == 2


def test_a_stranger_with_the_address_gets_into_no_case(ticket):
    kept = receive(answer_to(ticket, From="sam@example.com", Subject="Hello").as_bytes())
    assert (kept.outcome, kept.cause) == (Outcome.LINKED, Cause.NOT_PARTICIPANT)
    assert ticket.messages.count() == 1
    assert kept.ticket != ticket
    assert kept.ticket.customer.email == "sam@example.com"
    letter = OutboxMessage.objects.get(ticket=kept.ticket)
    assert ticket.reference not in letter.subject + letter.body_text + str(letter.headers)


def test_a_forged_token_leads_nowhere(ticket):
    address = OutboxMessage.objects.get(ticket=ticket).headers["Reply-To"]
    forged = address.replace("@", "a@") if not address.split("@")[0].endswith("a") else address.replace("a@", "b@")
    for to in (forged, "help@localhost", f"help+c{ticket.pk}-aaaaaaaaaaaaaaaa@localhost"):
        kept = receive(answer_to(ticket, To=to, **{"Message-ID": f"<{to}.x>"}).as_bytes())
        assert kept.outcome == Outcome.OPENED
        assert kept.ticket != ticket
    assert ticket.messages.count() == 1


def test_a_subject_alone_never_leads_to_a_case(ticket):
    kept = receive(answer_to(ticket, To="help@localhost", Subject=f"Re: {ticket.reference}").as_bytes())
    assert kept.outcome == Outcome.OPENED
    assert not kept.ticket.links_out.exists()
    assert ticket.messages.count() == 1


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"Return_Path": "<>"}, {"X_Autoreply": "yes"}],
)
def test_automatic_answers_are_kept_and_not_acted_on(ticket, headers):
    assert receive(answer_to(ticket, **headers).as_bytes()).outcome == Outcome.AUTOMATIC
    assert ticket.messages.count() == 1


def test_attachments_come_along_and_programs_do_not(ticket):
    mail = answer_to(ticket)
    mail.add_attachment(b"\x89PNG\r\n\x1a\n" + b"0" * 64, maintype="image", subtype="png", filename="bild å.png")
    mail.add_attachment(b"MZ" + b"0" * 64, maintype="image", subtype="png", filename="virus.png")
    receive(mail.as_bytes())
    assert [one.name for one in ticket.messages.last().attachments.all()] == ["bild å.png"]


def test_html_mail_is_read_as_text(ticket):
    mail = answer_to(ticket)
    mail.set_content("<p>It <b>came</b>.</p><script>x()</script><blockquote>old</blockquote>", subtype="html")
    receive(mail.as_bytes())
    assert ticket.messages.last().body == "It came."


@pytest.mark.parametrize(
    "raw", [b"x", b"\xff\x00\xfe", b"From: \n\n", b"Content-Type: text/plain; charset=nope\n\nhi", b"To: a@b\n" * 50]
)
def test_no_message_can_crash_intake_or_vanish(raw):
    kept = receive(raw)
    assert bytes(kept.raw) == raw
    assert kept.outcome in Outcome.values


def test_a_long_answer_is_kept_whole_in_the_raw_mail(ticket):
    kept = receive(answer_to(ticket, "word " * 10_000).as_bytes())
    assert kept.outcome == Outcome.TAKEN
    assert len(ticket.messages.last().body) <= 20_000


def test_the_command_takes_a_mail_from_standard_input(ticket, monkeypatch, capsys):
    raw = answer_to(ticket).as_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
    call_command("receive_mail")
    assert ticket.reference in capsys.readouterr().out
    assert Message.objects.filter(ticket=ticket, channel="email").count() == 1


def test_the_command_asks_to_try_again_when_the_database_is_away(ticket, monkeypatch):
    from django.db import OperationalError

    def away(raw, **envelope):
        raise OperationalError("gone")

    monkeypatch.setattr("tickets.management.commands.receive_mail.receive", away)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(answer_to(ticket).as_bytes())))
    with pytest.raises(SystemExit) as stop:
        call_command("receive_mail")
    assert stop.value.code == 75


def test_quotes_within_quotes_and_what_is_hidden_leave_html_mail():
    html = (
        "<title>Re</title><style>p{}</style>Hi<div>It &lt; came.</div><!-- x -->"
        "<blockquote>a<blockquote>b</blockquote>c</blockquote>Cleo<style>"
    )
    assert text_of_html(html) == "Hi\nIt < came.\n\nCleo"


def test_the_cells_of_a_table_stay_apart():
    assert text_of_html("<table><tr><th>Item</th><th>Price</th></tr><tr><td>Lamp</td><td>399</td></tr></table>") == (
        "Item Price\nLamp 399"
    )


@pytest.mark.parametrize("unit", ["\n", " ", " \n", "On ", "\nOn ", "On x\n", "Den a skrev ", "From: ", "> ", "*", "-"])
def test_no_text_takes_long(unit):
    started = time.perf_counter()
    new_text("a\n" + unit * (200_000 // len(unit)) + "\nb")
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    "unit", ["<div>", "<blockquote>", "</blockquote>", "<style>", "<!--", "<", "<a ", "&", "<style></"]
)
def test_no_markup_takes_long(unit):
    started = time.perf_counter()
    text_of_html(unit * (1_000_000 // len(unit)))
    assert time.perf_counter() - started < 2


def test_a_mail_taken_by_another_process_meanwhile_stays_as_that_one_noted_it(ticket):
    raw = answer_to(ticket).as_bytes()
    taken = receive(raw)
    stale = InboundMail.objects.get(pk=taken.pk)
    stale.outcome = Outcome.RECEIVED
    assert process(stale).outcome == Outcome.TAKEN
    taken.refresh_from_db()
    assert (taken.outcome, taken.message) == (Outcome.TAKEN, ticket.messages.last())
