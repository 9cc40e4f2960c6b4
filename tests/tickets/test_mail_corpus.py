"""Every awkward letter is kept, and comes to what its rule says."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.factories import make_ticket
from tests.people import ada
from tests.tickets.mail_corpus import Awkward, headers, machines, programs, structures, texts, threads
from tickets.channels.email.inbound import receive
from tickets.models import Identity, InboundMail, Message, OutboxMessage, Ticket
from tickets.services.history import SYSTEM
from tickets.services.participants import add_participant

pytestmark = pytest.mark.django_db
CORPUS = [*headers.LETTERS, *texts.LETTERS, *structures.LETTERS, *threads.LETTERS, *machines.LETTERS, *programs.LETTERS]
THEIR_ID = "<first@example.com>"


@dataclass(frozen=True)
class Scene:
    ticket: Ticket
    letter: OutboxMessage

    def write(self, awkward: Awkward) -> bytes:
        reply_to = self.letter.headers["Reply-To"]
        words = {
            "@@REPLY@@": reply_to,
            "@@REPLYUPPER@@": reply_to.upper(),
            "@@OURID@@": self.letter.headers["Message-ID"],
            "@@THEIRID@@": THEIR_ID,
            "@@REFERENCE@@": self.ticket.reference,
            "@@ID@@": f"<{awkward.name}@example.com>",
        }
        raw = awkward.raw
        for word, value in words.items():
            raw = raw.replace(word.encode(), str(value).encode())
        return raw


@pytest.fixture
def scene(settings) -> Scene:
    settings.MAIL_AUTHSERV_IDS = ["mx.example.org"]
    ada()
    ticket = make_ticket(subject="Parcel", external_id=THEIR_ID)
    Identity.objects.create(customer=ticket.customer, kind="email", value="cleo.work@example.com")
    add_participant(ticket, "dora@example.com", "Dora", by=SYSTEM)
    return Scene(ticket, OutboxMessage.objects.get(ticket=ticket))


def test_the_corpus_is_large_and_says_what_it_is_about():
    assert len(CORPUS) >= 120
    assert len({one.name for one in CORPUS}) == len(CORPUS)
    assert all(one.rule for one in CORPUS)


@pytest.mark.parametrize("awkward", CORPUS, ids=lambda one: one.name)
def test_an_awkward_letter(awkward: Awkward, scene: Scene):
    raw = scene.write(awkward)
    mail = receive(raw)
    assert bytes(InboundMail.objects.get(pk=mail.pk).raw) == raw
    assert (mail.outcome, mail.cause) == (awkward.outcome, awkward.cause), mail.error
    is_taken = mail.outcome in ("opened", "taken", "linked")
    assert (mail.message is not None) == is_taken
    if is_taken:
        _check_message(awkward, mail, scene)
    else:
        assert scene.ticket.messages.count() == 1


def _check_message(awkward: Awkward, mail: InboundMail, scene: Scene) -> None:
    message = Message.objects.get(pk=mail.message_id)
    ticket = message.ticket
    assert (ticket == scene.ticket) == (mail.outcome == "taken")
    assert ticket.links_out.filter(target=scene.ticket).exists() == (mail.outcome == "linked")
    if awkward.body is not None:
        assert message.body == awkward.body
    assert awkward.holds in message.body
    files = tuple(one.name for one in message.attachments.order_by("name"))
    left_out = tuple(one["name"] for one in message.mail.left_out)
    told = {
        "subject": ticket.subject,
        "sender": ticket.customer.email,
        "customer_name": ticket.customer.name,
        "language": ticket.language,
        "files": files,
        "left_out": left_out,
        "is_confirmed": ticket.outbox.filter(unique_key__startswith="received:").exists(),
    }
    wanted = {
        name: getattr(awkward, name) for name in told if getattr(awkward, name) not in (None, "") or name == "subject"
    }
    wanted = {name: value for name, value in wanted.items() if value is not None}
    assert {name: told[name] for name in wanted} == wanted
