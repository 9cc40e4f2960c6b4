"""A mail as data: who wrote what to whom, in answer to what. Reading one never raises."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser

from tickets.channels.email import headers
from tickets.channels.email.authentication import Authentication, authentication_of
from tickets.channels.email.headers import Address, addresses_in
from tickets.channels.email.parts import Contents, contents_of

# Reading the parts of a mail takes its lines times the boundaries that are open.
_MOST_WORK = 20_000_000
_HEAD_BYTES = 256 * 1024
_DELIVERED = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To")


@dataclass(frozen=True)
class Letter:
    message: Message
    contents: Contents
    is_whole: bool
    """False where only its head could be read."""
    sender: Address
    has_one_sender: bool
    """False where its From field can be read in more than one way: then it proves nothing."""
    reply_to: list[Address]
    to: list[Address]
    cc: list[Address]
    delivered_to: list[Address]
    subject: str
    rfc_id: str
    in_reply_to: list[str]
    references: list[str]
    fingerprint: str
    authentication: Authentication
    envelope_from: str

    @property
    def addresses(self) -> list[str]:
        """Whom it was sent to, as far as it says: those on top of the letter before those on its envelope."""
        return list(dict.fromkeys(one.address for one in (*self.to, *self.cc, *self.delivered_to)))


def read_letter(raw: bytes, *, envelope_from: str = "", envelope_to: Sequence[str] = ()) -> Letter:
    message, is_whole = _parsed(raw)
    contents = contents_of(message)
    senders = headers.addresses(message, "From")
    sender = senders[0] if senders else next(iter(headers.addresses(message, "Sender")), Address("", ""))
    subject = headers.text(message, "Subject")[:1000]
    rfc_id = next(iter(headers.message_ids(message, "Message-ID")), "")
    date = headers.seconds(message)
    mark = _digest(sender.address, f"date:{date}" if date is not None else f"{subject}\n{contents.text}")
    return Letter(
        message=message,
        contents=contents,
        is_whole=is_whole,
        sender=sender,
        has_one_sender=len({one.address for one in senders}) == 1 and len(headers.raw_fields(message, "From")) == 1,
        reply_to=headers.addresses(message, "Reply-To"),
        to=headers.addresses(message, "To"),
        cc=headers.addresses(message, "Cc"),
        delivered_to=headers.addresses(message, *_DELIVERED)
        + [one for address in envelope_to for one in addresses_in(address)],
        subject=subject,
        # One without a name gets the same one whichever way it comes.
        rfc_id=rfc_id or f"<sha256.{_digest(mark, subject, contents.text)}>",
        in_reply_to=headers.message_ids(message, "In-Reply-To"),
        references=headers.message_ids(message, "References"),
        fingerprint=mark,
        authentication=authentication_of(message, sender.address),
        envelope_from=envelope_from,
    )


def _parsed(raw: bytes) -> tuple[Message, bool]:
    """The message, and whether all of it was read: what would take minutes is read as far as its header."""
    parser = BytesParser(policy=policy.compat32)
    if raw.count(b"\n") * raw.lower().count(b"boundary=") <= _MOST_WORK:
        try:
            return parser.parsebytes(raw), True
        except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
            pass
    head = raw[:_HEAD_BYTES].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return parser.parsebytes(head + b"\n\n", headersonly=True), False


def _digest(*pieces: str) -> str:
    return hashlib.sha256("\n".join(pieces).encode("utf-8", "replace")).hexdigest()
