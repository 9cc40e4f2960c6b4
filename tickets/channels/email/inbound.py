"""Mail that answers one of ours: kept raw first, then added to the case whose signed token it carries.

Only the token leads to a case, and only for somebody who belongs to it; a subject or a bare thread header
never does.
"""

from __future__ import annotations

import hashlib
import logging
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parseaddr

from django.core.files.base import ContentFile, File
from django.db import IntegrityError, InterfaceError, OperationalError, transaction

from knowledge.search.analysis import clean
from tickets.channels.email.trimming import new_text, text_of_html
from tickets.errors import TicketError
from tickets.models import ChannelKind, InboundMail, Ticket
from tickets.services.attachments import content_type
from tickets.services.intake import MAX_MESSAGE_CHARACTERS, add_customer_message
from tickets.services.links import ticket_ids_in

logger = logging.getLogger(__name__)
Outcome = InboundMail.Outcome
_TO_US = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
_THREAD = ("In-Reply-To", "References")


def receive(raw: bytes) -> InboundMail:
    """Takes one raw message (RFC 5322). The same bytes twice are one message.

    The raw message is in the database before anything is made of it, so a failure later loses nothing.
    """
    digest = hashlib.sha256(raw).hexdigest()
    try:
        with transaction.atomic():
            mail = InboundMail.objects.create(digest=digest, raw=raw)
    except IntegrityError:
        mail = InboundMail.objects.get(digest=digest)
        if mail.outcome != Outcome.RECEIVED:
            return mail
    try:
        return process(mail)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # mail is the most hostile input there is: whatever it breaks, it is kept and seen
        logger.exception("Mail %s could not be read; it is kept for an agent to see", mail.pk)
        InboundMail.objects.filter(pk=mail.pk).update(outcome=Outcome.UNREADABLE)
        mail.refresh_from_db()
        return mail


def process(mail: InboundMail) -> InboundMail:
    """Decides what becomes of a kept message, and notes it on the row. Safe to run again.

    Reading it comes before the transaction: whatever time a strange message takes, nobody waits for the database.
    """
    message = BytesParser(policy=policy.default).parsebytes(bytes(mail.raw))
    mail.sender = clean(_sender(message))[:254]
    mail.subject = clean(str(message.get("Subject", "")))[:250]
    mail.ticket = _ticket_of(message)
    set_aside = _reason_to_set_aside(mail, message)
    text, files = ("", []) if set_aside else (new_text(_body(message)), _files(message))
    with transaction.atomic():
        stored = InboundMail.objects.select_for_update().defer("raw").get(pk=mail.pk)
        if stored.outcome != Outcome.RECEIVED:
            # The same bytes came by two pipes at once, and the other one was faster.
            return stored
        mail.outcome = set_aside or _take(mail, message, text, files)
        mail.save(update_fields=["sender", "subject", "ticket", "message", "outcome"])
    return mail


def _reason_to_set_aside(mail: InboundMail, message: EmailMessage) -> str:
    """The outcome for a message that is not to be added to a case; "" for one that is."""
    if mail.ticket is None:
        return Outcome.HELD
    if not _belongs(mail.sender, mail.ticket):
        return Outcome.HELD
    return Outcome.AUTOMATIC if _is_automatic(message) else ""


def _take(mail: InboundMail, message: EmailMessage, text: str, files: list[File[bytes]]) -> str:
    """Adds the message to its case. Returns the outcome."""
    ticket = mail.ticket
    if ticket is None or not (text or files):
        return Outcome.UNREADABLE
    # It becomes part of the headers of our answers, where white space would break the line.
    external_id = "".join(clean(str(message.get("Message-ID", ""))).split())[:250] or f"<sha256.{mail.digest}>"
    if ticket.messages.filter(external_id=external_id).exists():
        return Outcome.DUPLICATE
    try:
        mail.message = add_customer_message(
            ticket,
            body=text[:MAX_MESSAGE_CHARACTERS] or ", ".join(str(file.name) for file in files),
            channel=ChannelKind.EMAIL,
            attachments=files,
            external_id=external_id,
        )
    except TicketError:
        return Outcome.UNREADABLE
    return Outcome.TAKEN


def _sender(message: EmailMessage) -> str:
    return parseaddr(str(message.get("From", "")))[1].lower()


def _ticket_of(message: EmailMessage) -> Ticket | None:
    """The case whose genuine token the message carries: in an address of ours first, else in the thread."""
    addresses = [
        address for header in _TO_US for _, address in getaddresses([str(v) for v in message.get_all(header, [])])
    ]
    thread = [str(value) for header in _THREAD for value in message.get_all(header, [])]
    for places in (addresses, thread):
        ids = [ticket_id for place in places for ticket_id in ticket_ids_in(place)]
        for ticket_id in ids:
            if ticket := Ticket.objects.filter(pk=ticket_id).first():
                return ticket
    return None


def _belongs(sender: str, ticket: Ticket) -> bool:
    """Whether the sender is the case's customer. A token alone, forwarded to a friend, opens nothing."""
    return ticket.customer.identities.filter(kind="email", value__iexact=sender).exists()


def _is_automatic(message: EmailMessage) -> bool:
    """Automatic answers and bounces (RFC 3834, section 2 and 5; the null return path of RFC 5321, 4.5.5)."""
    submitted = str(message.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    return (
        submitted not in ("", "no")
        or precedence in ("bulk", "junk", "list", "auto_reply")
        or str(message.get("Return-Path", "x")).strip() == "<>"
        or "X-Autoreply" in message
        or message.get_content_type() == "multipart/report"
    )


def _body(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        text = str(part.get_content())
    except (LookupError, ValueError):
        # A charset that nobody knows: read what can be read, rather than lose the message.
        payload = part.get_payload(decode=True)
        text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    if part.get_content_type() == "text/html":
        text = text_of_html(text)
    return clean(text.replace("\r\n", "\n")).strip()


def _files(message: EmailMessage) -> list[File[bytes]]:
    """Attachments that we can take; the others stay in the raw message, which agents can ask for."""
    files: list[File[bytes]] = []
    for part in message.iter_attachments():
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        file = ContentFile(payload, name=part.get_filename() or "attachment")
        try:
            content_type(file)
        except TicketError:
            continue
        files.append(file)
    return files[:5]
