"""From a letter to a message in a case, by what was decided about it or by what a person decides."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from knowledge.search.language_of import LANGUAGES, language_of
from tickets.channels.email import headers
from tickets.channels.email.addresses import OurAddresses
from tickets.channels.email.automatic import Nature, is_nobody
from tickets.channels.email.bouncing import heard_from
from tickets.channels.email.enclosures import sorted_files
from tickets.channels.email.forwarding import Passed, passed_on
from tickets.channels.email.headers import Address
from tickets.channels.email.letter import Letter
from tickets.channels.email.threading import Decision, Place, is_forward
from tickets.channels.email.trimming import trim
from tickets.errors import TicketError
from tickets.models import ChannelKind, Identity, InboundMail, Mailbox, Ticket
from tickets.services import linking
from tickets.services.attachments import MailFile
from tickets.services.customers import normalise_email
from tickets.services.history import SYSTEM
from tickets.services.intake import (
    MAX_MESSAGE_CHARACTERS,
    MailFacts,
    add_customer_message,
    open_ticket,
)
from tickets.services.lifecycle import add_note

Outcome = InboundMail.Outcome
Cause = InboundMail.Cause


@dataclass(frozen=True)
class Taking:
    """A letter ready to be taken; made before the transaction, since reading and guessing take time."""

    letter: Letter
    ours: OurAddresses
    author: Address
    """Who is the customer: the sender, or who a form or a colleague names as such."""
    passed: Passed | None
    mailbox: Mailbox | None
    language: str
    body: str
    files: list[MailFile]
    facts: MailFacts


def prepare(letter: Letter) -> Taking:
    ours = OurAddresses.now()
    passed = passed_on(letter, ours)
    author = passed.author if passed else _author(letter, ours)
    mailbox = ours.first_mailbox(letter.addresses)
    text = passed.text if passed else letter.contents.text
    # What somebody passes on is all of it theirs to tell, quotations included.
    shown = text if passed or is_forward(letter) else trim(text).shown
    files, left_out = sorted_files([*letter.contents.files, *(passed.files if passed else [])])
    language = _language(f"{letter.subject}\n{shown}", letter, author, mailbox)
    with override(language):
        body = _body(shown, letter, files, left_out)
    return Taking(
        letter, ours, author, passed, mailbox, language, body, files, _facts(letter, left_out)
    )  # fmt: skip


def take(
    mail: InboundMail, taking: Taking, decision: Decision, nature: Nature, *, is_frequent: bool, at: datetime
) -> None:
    """Takes a letter as was decided. Sets outcome, cause, case and message of the row. Must run in a transaction."""
    mail.cause = Cause.RATE if is_frequent else Cause.NONE
    if decision.place is Place.JOINS and decision.ticket is not None:
        mail.message = add_customer_message(
            decision.ticket,
            body=taking.body,
            channel=ChannelKind.EMAIL,
            attachments=taking.files,
            external_id=_external_id(mail, taking, decision.ticket),
            customer=decision.writer,
            mail=taking.facts,
            at=at,
        )
        mail.ticket, mail.outcome = mail.message.ticket, Outcome.TAKEN
        heard_from(taking.letter.sender.address)
        return
    _open(mail, taking, decision, may_be_answered=nature.may_be_answered and not is_frequent, at=at)


def _external_id(mail: InboundMail, taking: Taking, ticket: Ticket) -> str:
    """The letter's Message-ID; "" where another letter of the case had it, since one ID stands for one message."""
    known = ticket.messages.filter(external_id=mail.rfc_id).first()
    return mail.rfc_id if known is None or known.body == taking.body else ""


def _open(mail: InboundMail, taking: Taking, decision: Decision, *, may_be_answered: bool, at: datetime) -> None:
    letter, passed = taking.letter, taking.passed
    is_failed = letter.authentication.is_failed
    ticket = new_ticket(
        mail, taking, is_spam=is_failed or _is_marked_spam(letter),
        # Whoever writes in a colleague's name can make us write to anybody; only a proven colleague may.
        confirm=may_be_answered and (passed is None or letter.authentication.is_proven), at=at,
    )  # fmt: skip
    if ticket.mails.filter(rfc_id=mail.rfc_id).exclude(pk=mail.pk).exists():
        mail.outcome, mail.ticket = Outcome.DUPLICATE, ticket
        return
    mail.outcome, mail.message = Outcome.OPENED, ticket.messages.first()
    mail.cause = decision.cause or mail.cause
    if is_failed:
        mail.cause = Cause.FAILED_AUTHENTICATION
    if passed is not None:
        mail.cause = Cause.FORWARDED
        if passed.note:
            add_note(ticket, agent=passed.agent, body=_note(passed, letter), at=at)
    if decision.ticket is not None and decision.link_kind:
        linking.link(ticket, decision.ticket, decision.link_kind, by=SYSTEM)
        mail.outcome = Outcome.LINKED
    mail.ticket = ticket
    if not is_failed:
        heard_from(letter.sender.address)


def _note(passed: Passed, letter: Letter) -> str:
    """What a colleague wrote above a letter; colleagues trust notes, so it says where anybody may have written it."""
    if letter.authentication.is_proven:
        return passed.note[:MAX_MESSAGE_CHARACTERS]
    with override(passed.agent.language or settings.LANGUAGE_CODE):
        doubt = _("By mail from %(address)s. Whether it was really sent from there has not been checked.")
    return f"{passed.note[: MAX_MESSAGE_CHARACTERS - 500]}\n\n{doubt % {'address': letter.sender.address}}"


def why_nobody(author: Address) -> str:
    """What agents are told of a letter from somebody who cannot be written to."""
    if not author.address:
        return str(Cause.NO_SENDER.label)
    return _("“%(address)s” is no e-mail address that can be answered.") % {"address": author.address}


def new_ticket(mail: InboundMail, taking: Taking, *, is_spam: bool, confirm: bool, at: datetime) -> Ticket:
    try:
        email = normalise_email(taking.author.address)
    except TicketError:
        mail.cause = Cause.NO_SENDER
        raise TicketError(why_nobody(taking.author)) from None
    key = hashlib.sha256(f"{mail.rfc_id} {mail.fingerprint}".encode()).hexdigest()
    return open_ticket(
        channel=ChannelKind.EMAIL,
        email=email,
        name=taking.author.name,
        subject=taking.passed.subject if taking.passed else taking.letter.subject,
        body=taking.body,
        language=taking.language,
        attachments=taking.files,
        mailbox=taking.mailbox,
        mail=taking.facts,
        external_id=(taking.passed.rfc_id if taking.passed else "") or mail.rfc_id,
        idempotency_key=f"mail:{key}",
        is_suspected_spam=is_spam,
        confirm=confirm,
        at=at,
    )


def _author(letter: Letter, ours: OurAddresses) -> Address:
    """The sender; behind a form or a machine that sends for people, whom it names for answers."""
    if ours.hold(letter.sender.address) or is_nobody(letter.sender.address):
        named = next((one for one in letter.reply_to if not ours.hold(one.address)), None)
        if named is not None and not is_nobody(named.address):
            return named
    return letter.sender


def _language(text: str, letter: Letter, author: Address, mailbox: Mailbox | None) -> str:
    known = Identity.objects.filter(kind=Identity.Kind.EMAIL, value=author.address).select_related("customer").first()
    said = headers.text(letter.message, "Content-Language")[:2].lower().replace("no", "nb")
    prior = said if said in LANGUAGES else (known.customer.language if known else "")
    prior = prior or (mailbox.language if mailbox else "") or settings.LANGUAGE_CODE
    return language_of(text, prior)


def _body(shown: str, letter: Letter, files: list[MailFile], left_out: list[dict[str, Any]]) -> str:
    """What the message says: its new text, else its subject, else what came with it."""
    names = [str(file.name) for file in files] + [str(one["name"]) for one in left_out]
    body = _shortened(shown.strip()) or letter.subject or ", ".join(names)[:MAX_MESSAGE_CHARACTERS]
    return body or _("(Nothing in this letter can be read.)")


def _shortened(text: str) -> str:
    """As much as a message holds; the letter as it came has the rest."""
    return text if len(text) <= MAX_MESSAGE_CHARACTERS else f"{text[: MAX_MESSAGE_CHARACTERS - 2]} …"


def _facts(letter: Letter, left_out: list[dict[str, Any]]) -> MailFacts:
    return MailFacts(
        sender=letter.sender.address,
        sender_name=letter.sender.name,
        to=[one.address for one in letter.to],
        cc=[one.address for one in letter.cc],
        subject=letter.subject[:250],
        text=letter.contents.text,
        html=letter.contents.html,
        authentication=letter.authentication.results,
        left_out=left_out,
    )


def _is_marked_spam(letter: Letter) -> bool:
    """What a filter on the way thinks of it; a sender who writes the field themselves harms nobody else."""
    marks = headers.texts(letter.message, "X-Spam-Flag", "X-Spam", "X-Spam-Status")
    return any(mark.lower().startswith("yes") for mark in marks)
