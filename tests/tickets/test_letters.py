"""Every letter that we send, in every language: readable, answerable, and never the start of a loop."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core import mail
from django.utils import timezone, translation

from tests import people
from tests.factories import make_ticket, publish_article
from tickets.channels.email.inbound import receive
from tickets.models import Callback, Channel, ChannelKind, Chat, InboundMail, Mailbox, Message, OutboxMessage, Ticket
from tickets.services import callback_notices, chat_letters, intake, notices, outbox
from tickets.services.form_guard import has_link
from tickets.services.link_notices import send_case_link
from tickets.services.links import ticket_ids_in
from tickets.services.mail_headers import thread_index

pytestmark = pytest.mark.django_db

LANGUAGES = [code for code, _ in site.LANGUAGES]
AUTOMATIC = {
    "case_received", "case_solved", "case_link", "callback_booked", "callback_cancelled", "callback_unreached",
    "chat_missed", "chat_said",
}  # fmt: skip


def answered(ticket: Ticket) -> OutboxMessage:
    message = Message.objects.create(
        ticket=ticket, kind=Message.Kind.OUTBOUND, channel="email", author=people.ada(), body="It is on its way."
    )
    return notices.send_answer(ticket, message)


def promised(ticket: Ticket) -> Callback:
    now = timezone.now()
    return Callback.objects.create(
        ticket=ticket, number="+46701740605", language=ticket.language, promised_at=now, due_at=now, slot_at=now
    )


def chatted(ticket: Ticket) -> Chat:
    """A chat in which the customer asked, and got an answer after they had gone."""
    chat = Chat.objects.create(ticket=ticket, state=Chat.State.MISSED, missed_at=timezone.now(), last_seq=2)
    says = {Message.Kind.INBOUND: "Where is my parcel?", Message.Kind.OUTBOUND: "It comes tomorrow."}
    for seq, (kind, body) in enumerate(says.items(), 1):
        author = people.ada() if kind == Message.Kind.OUTBOUND else None
        Message.objects.create(
            ticket=ticket, kind=kind, channel="chat", author=author, body=body, chat=chat, chat_seq=seq
        )
    return chat


LETTERS = {
    "case_received": lambda ticket: ticket.outbox.get(),
    "case_answered": answered,
    "case_solved": lambda ticket: notices.tell_solved(ticket, None),
    "case_link": lambda ticket: send_case_link(ticket, ticket.customer),
    "callback_booked": lambda ticket: callback_notices.tell_booked(promised(ticket)),
    "callback_cancelled": lambda ticket: callback_notices.tell_cancelled(promised(ticket)),
    "chat_missed": lambda ticket: chat_letters.tell_missed(chatted(ticket)),
    "chat_said": lambda ticket: chat_letters.send_said(chatted(ticket)),
    "chat_unseen": lambda ticket: chat_letters.send_unseen(chatted(ticket)),
    "callback_unreached": lambda ticket: callback_notices.tell_unreached(promised(ticket)),
}


def test_no_letter_is_left_out_here():
    folder = Path(site.BASE_DIR, "templates", "emails")
    assert {path.name for path in folder.iterdir() if path.is_dir()} == set(LETTERS)


def sent(row: OutboxMessage) -> EmailMessage:
    """The letter as the customer's program reads it."""
    OutboxMessage.objects.filter(pk=row.pk).update(status="queued", next_attempt_at=timezone.now())
    assert outbox.deliver(str(row.pk))
    return message_from_bytes(mail.outbox[-1].message().as_bytes(), policy=policy.default)


def answer_to(letter: EmailMessage, **headers: str) -> bytes:
    reply = EmailMessage()
    reply["From"] = letter["To"]
    reply["To"] = headers.pop("To", letter["Reply-To"])
    reply["Subject"] = headers.pop("Subject", f"Re: {letter['Subject']}")
    reply["Message-ID"] = headers.pop("Message_ID", "<answer@mail.example.com>")
    for name, value in headers.items():
        reply[name.replace("_", "-")] = value
    reply.set_content("Thank you, it has come.")
    return reply.as_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_whole_and_can_be_answered(name, language):
    publish_article(language="sv")
    ticket = make_ticket(language=language)
    letter = sent(LETTERS[name](ticket))
    text, html = (letter.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert letter["Subject"].strip()
    assert letter["Date"]
    assert letter["Content-Language"] == language
    assert f'<html lang="{language}">' in html
    with translation.override(language):
        promise = translation.gettext("You can answer this e-mail; a person reads it.")
    assert promise in text
    assert promise in html
    assert not re.search(r"no-?_?reply|do-?not-?reply", letter.as_string(), re.IGNORECASE)
    for link in [*re.findall(r'(?:href|src)="([^"]*)"', html), *re.findall(r"\S+://\S+", text)]:
        assert link.startswith("http://testserver/"), link
    assert f"/cases/{ticket.reference}/?key=" in text
    assert "{{" not in text + html
    assert (letter["Auto-Submitted"] is not None) == (letter["List-Id"] is not None) == (name in AUTOMATIC)
    taken = receive(answer_to(letter))
    assert (taken.outcome, taken.ticket) == (InboundMail.Outcome.TAKEN, ticket)


@pytest.mark.parametrize("name", sorted(AUTOMATIC))
def test_a_letter_that_no_person_began_says_hello(name):
    letter = sent(LETTERS[name](make_ticket()))
    for kind in ("plain", "html"):
        text = letter.get_body((kind,)).get_content()
        assert re.search(r"^(?:<p>)?Hi\b", text, re.MULTILINE)


@pytest.mark.parametrize("name", LETTERS)
def test_an_answer_that_lost_the_address_still_finds_its_case(name):
    ticket = make_ticket()
    letter = sent(LETTERS[name](ticket))
    taken = receive(answer_to(letter, To="help@localhost", In_Reply_To=letter["Message-ID"]))
    assert (taken.outcome, taken.ticket) == (InboundMail.Outcome.TAKEN, ticket)


@pytest.mark.parametrize("template", ["{token}@reply.example.com", "{local}-{token}@{domain}"])
def test_where_there_is_no_plus_addressing_answers_come_another_way(settings, template):
    settings.MAIL_REPLY_ADDRESS = template
    ticket = make_ticket()
    letter = sent(answered(ticket))
    assert ticket_ids_in(letter["Reply-To"]) == [ticket.pk]
    assert receive(answer_to(letter)).ticket == ticket


def test_a_mailbox_with_a_long_name_is_answered_to_as_it_is(settings):
    address = "questions-about-everything-that-we-ever-sold-to-you@example.com"
    Channel.objects.create(kind=ChannelKind.EMAIL, address=address)
    letter = sent(answered(make_ticket()))
    assert letter["Reply-To"] == address


# --- One conversation in the customer's mail program --------------------------------------------------


def test_all_letters_of_a_case_have_one_subject():
    ticket = make_ticket(subject="Where is my parcel?")
    letters = [sent(LETTERS[name](ticket)) for name in ("case_received", "case_answered", "case_solved")]
    assert [str(letter["Subject"]) for letter in letters] == [
        f"Where is my parcel? ({ticket.reference})",
        *[f"Re: Where is my parcel? ({ticket.reference})"] * 2,
    ]
    assert {letter["Thread-Index"] for letter in letters} == {thread_index(ticket)}
    assert [letters[2]["In-Reply-To"], letters[2]["References"].split()[0]] == [
        letters[1]["Message-ID"],
        letters[0]["Message-ID"],
    ]


@pytest.mark.parametrize(
    ("subject", "expected"), [("Where is it?", "Re: Where is it?"), ("SV: Where is it?", "SV: Where is it?")]
)
def test_a_case_that_came_by_mail_is_answered_under_that_mails_subject(subject, expected):
    ticket = make_ticket(channel=ChannelKind.EMAIL, subject=subject)
    letter = sent(answered(ticket))
    assert letter["Subject"] == expected
    assert "Thread-Index" not in letter


def test_a_conversation_index_is_made_as_outlook_reads_it():
    import base64

    ticket = make_ticket()
    raw = base64.b64decode(thread_index(ticket))
    assert len(raw) == 22
    steps = int.from_bytes(raw[:6] + b"\0\0", "big")
    since = (ticket.created_at - datetime(1601, 1, 1, tzinfo=ticket.created_at.tzinfo)).total_seconds()
    assert abs(steps / 10_000_000 - since) < 0.01
    assert raw[0] == 1


# --- No loops -----------------------------------------------------------------------------------------


def test_automatic_letters_to_one_address_come_to_an_end(settings, commit):
    with commit():
        tickets = [make_ticket(body=f"Message {number}") for number in range(8)]
    assert len(mail.outbox) == settings.MAIL_AUTOMATIC_PER_HOUR == 5
    assert tickets[7].events.get(kind="letter_withheld").data == {"to": "cleo@example.com", "why": "rate"}
    with commit():
        make_ticket(email="bo@example.com")
        answered(tickets[7])
    assert [letter.to[0] for letter in mail.outbox[5:]] == ["bo@example.com", "cleo@example.com"]


def test_they_go_on_an_hour_later_up_to_the_days_limit(settings):
    settings.MAIL_AUTOMATIC_PER_DAY = 7
    for _ in range(6):
        make_ticket()
    OutboxMessage.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    for _ in range(6):
        make_ticket()
    assert OutboxMessage.objects.count() == 7


def test_a_link_that_somebody_asks_for_is_no_loop():
    tickets = [make_ticket() for _ in range(6)]
    assert send_case_link(tickets[0], tickets[0].customer) is not None


def test_the_history_tells_of_withheld_letters_once_an_hour():
    for _ in range(5):
        make_ticket()
    ticket = make_ticket()
    notices.tell_solved(ticket, None)
    assert ticket.events.filter(kind="letter_withheld").count() == 1


def test_nothing_automatic_goes_to_an_address_that_has_bounced_and_an_answer_is_still_tried():
    ticket = make_ticket()
    ticket.customer.identities.update(bounced_at=timezone.now())
    assert notices.tell_solved(ticket, None) is None
    assert ticket.events.get(kind="letter_withheld").data["why"] == "bounced"
    assert answered(ticket) is not None


@pytest.mark.parametrize("keeps_the_thread", [True, False])
def test_two_machines_that_answer_each_other_fall_silent(settings, commit, keeps_the_thread):
    """The other one says nowhere that it is a machine, and opens a matter of its own for each letter of ours."""
    with commit():
        intake.open_ticket(channel="form", email="robot@example.com", body="We have got your mail.", language="en")
    answered_letters = 0
    for _ in range(60):
        waiting = mail.outbox[answered_letters:]
        answered_letters = len(mail.outbox)
        if not waiting:
            break
        for number, letter in enumerate(waiting):
            reply = EmailMessage()
            reply["From"] = "robot@example.com"
            reply["To"] = letter.reply_to[0] if keeps_the_thread else letter.from_email
            reply["Subject"] = f"We have got your mail, no. {answered_letters}.{number}"
            reply["Message-ID"] = f"<{answered_letters}.{number}@robot.example.com>"
            reply.set_content(f"Your mail has the number {answered_letters}.{number}.")
            with commit():
                receive(reply.as_bytes())
    else:
        pytest.fail("they write to each other for ever")
    assert answered_letters <= settings.MAIL_AUTOMATIC_PER_HOUR


# --- What the login sends -----------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/accounts/password/reset/", "/accounts/login/code/"])
@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
def test_letters_of_the_login_can_be_answered(client, language, path, email):
    Channel.objects.create(kind=ChannelKind.EMAIL, address="help@shop.example")
    agent = people.ada()
    agent.language = language
    agent.save()
    client.cookies["svar_language"] = language
    client.post(path, {"email": email})
    (letter,) = mail.outbox
    assert "help@shop.example" in letter.from_email
    assert letter.subject.strip()
    with translation.override(language):
        assert translation.gettext("You can answer this e-mail; a person reads it.") in letter.body


def test_an_inactive_mailbox_is_not_written_from():
    ticket = make_ticket()
    ticket.mailbox = Mailbox.objects.create(address="old@shop.example", is_active=False)
    ticket.save()
    assert "help@localhost" in sent(answered(ticket))["From"]


# --- What somebody else wrote under their address -----------------------------------------------------


@pytest.mark.parametrize("link", ["https://prize.example/now", "prize.example", "win.prize.example/now?a=b"])
def test_a_form_sends_nobodys_links_to_an_address_that_anybody_may_have_typed(link):
    """Mail programs make links of bare names too."""
    make_ticket(email="eva@example.com", name=f"Eva {link}", body=f"Claim it at {link}.")
    letter = OutboxMessage.objects.get(recipient="eva@example.com")
    assert letter.subject == f"Your case {letter.ticket.reference}"
    for body in (letter.body_text, letter.body_html):
        assert "prize.example" not in body
        assert "You wrote" not in body
        assert "Hi," in body


@pytest.mark.parametrize(("found_out", "is_quoted"), [("dmarc=pass", True), ("spf=pass", False)])
def test_nor_does_a_mail_whose_sender_is_not_proven(settings, found_out, is_quoted):
    settings.MAIL_AUTHSERV_IDS = ["mx.example.org"]
    head = f"Authentication-Results: mx.example.org; {found_out}\nFrom: eva@example.com\nTo: help@localhost\n"
    receive(f"{head}Subject: Prize\n\nClaim it at https://prize.example/now".encode())
    letter = OutboxMessage.objects.get(recipient="eva@example.com")
    assert ("prize.example" in letter.body_text) == is_quoted
    assert ("prize.example" in letter.body_html) == is_quoted


@pytest.mark.parametrize(
    "text",
    [
        "t.ex. 22.11.2026 kl. 10.30",
        "f.eks. bl.a. o.s.v.",
        "See invoice.pdf",
        "I am cleo.lind@mail.example.com",
        "1.200,50",
    ],
)
def test_what_only_looks_like_a_link_is_none(text):
    assert not has_link(text)


def test_what_holds_no_link_is_quoted():
    make_ticket(email="eva@example.com", name="Eva", body="It did not come. I paid.")
    letter = OutboxMessage.objects.get(recipient="eva@example.com")
    for body in (letter.body_text, letter.body_html):
        assert "It did not come." in body
        assert "Hi Eva," in body
