"""Under whose name a letter goes, where its answer comes to, and what other mail systems read in its headers."""

from __future__ import annotations

import base64
import struct
import uuid
from datetime import UTC, datetime
from email.utils import formataddr

from knowledge.models import Organisation
from tickets.models import ChannelKind, OutboxMessage, Ticket
from tickets.services.channel_policy import support_address
from tickets.services.links import message_id, reply_address

# 100-nanosecond steps since 1601 (FILETIME).
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_CONVERSATIONS = uuid.UUID("2b1d3c52-5d0e-4c3f-9b5a-6b0f8f1f0c55")
# All but NDR: a bounce is how we learn that an address is dead (MS-OXCMAIL, 2.1.3.2.20).
_SUPPRESS = "DR, RN, NRN, OOF, AutoReply"


def address_of(ticket: Ticket) -> str:
    """The address of ours that the case is answered from: its mailbox while that is in use, else the support one."""
    mailbox = ticket.mailbox
    return mailbox.address if mailbox is not None and mailbox.is_active else support_address()


def sender_of(ticket: Ticket) -> str:
    """The From header."""
    mailbox = ticket.mailbox
    own_name = mailbox.sender_name if mailbox is not None and mailbox.is_active else ""
    return formataddr((own_name or Organisation.current().name, address_of(ticket)))


def headers_of(ticket: Ticket, row: OutboxMessage) -> dict[str, str]:
    """Everything but To, Cc, Subject and Date, which Django writes from the row."""
    address = address_of(ticket)
    headers = {
        "From": sender_of(ticket),
        "Reply-To": reply_address(ticket.pk, address),
        "Message-ID": message_id(str(row.pk), ticket.pk, address),
        "Content-Language": ticket.language,
        **_conversation(ticket, row.subject),
        **_thread(ticket),
    }
    if row.is_automatic:
        headers |= _automatic(ticket, address, answers_a_mail=_answers_a_mail(ticket))
    return headers


def _received(ticket: Ticket) -> list[str]:
    # Other channels name their messages otherwise; only a mail's name stands in angle brackets.
    return list(ticket.messages.filter(external_id__startswith="<").values_list("external_id", flat=True))


def _answers_a_mail(ticket: Ticket) -> bool:
    return bool(_received(ticket))


def _thread(ticket: Ticket) -> dict[str, str]:
    """What makes mail programs show one conversation (RFC 5322, 3.6.4)."""
    rows = ticket.outbox.filter(channel=ChannelKind.EMAIL).order_by("created_at")
    # Copies of one letter share its name.
    sent = list(dict.fromkeys(rows.values_list("headers__Message-ID", flat=True)))
    received = _received(ticket)
    if not sent and not received:
        return {}
    return {
        "In-Reply-To": received[-1] if received else sent[-1],
        "References": " ".join(dict.fromkeys([*sent[:1], *sent[-8:], *received[-8:]])),
    }


def _automatic(ticket: Ticket, address: str, *, answers_a_mail: bool) -> dict[str, str]:
    """What tells other systems not to answer automatically (RFC 3834, 5; RFC 2919 for List-Id, by which vacation
    programs and filters know mail of one kind)."""
    return {
        "Auto-Submitted": "auto-replied" if answers_a_mail else "auto-generated",
        "X-Auto-Response-Suppress": _SUPPRESS,
        "List-Id": f"<cases.{address.rpartition('@')[2]}>",
    }


def _conversation(ticket: Ticket, subject: str) -> dict[str, str]:
    """Outlook's own threading, for cases that did not begin as mail.

    In those that did, the customer's program has made a Thread-Index of its own, and a second one would part what
    References join.
    """
    if ticket.channel == ChannelKind.EMAIL:
        return {}
    return {"Thread-Topic": subject.removeprefix("Re: "), "Thread-Index": thread_index(ticket)}


def thread_index(ticket: Ticket) -> str:
    """The header block of a conversation index, the same for every letter of a case (MS-OXOMSG, 2.2.1.3).

    22 bytes in base 64: a FILETIME's six most significant bytes, the first of which is the reserved 1 (until 2057),
    and a GUID.
    """
    since = ticket.created_at - _FILETIME_EPOCH
    steps = (since.days * 86_400 + since.seconds) * 10_000_000 + since.microseconds * 10
    guid = uuid.uuid5(_CONVERSATIONS, str(ticket.pk))
    return base64.b64encode(struct.pack(">Q", steps)[:6] + guid.bytes).decode()
