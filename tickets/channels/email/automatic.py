"""Letters that no person wrote (RFC 3834), and such as must not be answered automatically."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from tickets.channels.email import headers
from tickets.channels.email.addresses import OurAddresses, without_detail
from tickets.channels.email.letter import Letter
from tickets.channels.email.trimming import holds_quote
from tickets.models import InboundMail

Cause = InboundMail.Cause
_MACHINES = re.compile(r"^(?:mailer-daemon|mail-daemon|postmaster|mdaemon|double-bounce)@")
_NOBODY = re.compile(r"^(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|ikke[-_.]?svar|svara[-_.]?inte|ingen[-_.]?svar)\b")
_BULK = ("bulk", "junk", "list")
_AUTOSVAR = r"auto(?:matic|matisk|matiskt)?[ -]?(?:reply|response|svar|besked)|autosvar|autoreply"
# Behind a "Re:" stands what a person called their case, which may well be about a holiday.
_OUT_OF_OFFICE = re.compile(
    rf"^(?:(?:re: ?|sv: ?|vs: ?)*(?:{_AUTOSVAR})"
    r"|out of (?:the )?office|on (?:vacation|holiday|leave)|frånvaro(?:meddelande|besked)?|frånvarande"
    r"|jag är (?:ledig|bortrest|på semester)|semester(?:meddelande|svar|stängt)?|fravær(?:smelding|sbesked|ssvar)?"
    r"|ikke til stede|ikke på kontoret|fraværende|på ferie|ferie(?:svar|melding|besked|lukket|stengt)?|barsel"
    r"|ej på kontoret|inte på kontoret|bortrest)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Nature:
    """Who may have written a letter: a machine (with the cause to note), and whether it may be answered by one."""

    cause: str = ""
    may_be_answered: bool = True
    is_list: bool = False

    @property
    def is_automatic(self) -> bool:
        return bool(self.cause)


def nature_of(letter: Letter, ours: OurAddresses) -> Nature:
    message = letter.message
    if _comes_from_us(letter, ours):
        return Nature(Cause.OWN_MAIL, False)
    is_away = bool(_OUT_OF_OFFICE.match(letter.subject))
    if _says_automatic(message) or _has_empty_return_path(letter) or _MACHINES.match(letter.sender.address):
        return Nature(Cause.OUT_OF_OFFICE if is_away else Cause.AUTO_REPLY, False)
    asks_for_silence = headers.has(message, "X-Auto-Response-Suppress")
    if is_away and (asks_for_silence or _NOBODY.match(letter.sender.address) or _was_answered_at_once(letter)):
        return Nature(Cause.OUT_OF_OFFICE, False)
    if not _is_list_of_ours(message, ours):
        if headers.text(message, "Precedence").lower() in _BULK:
            return Nature(Cause.LIST, False, is_list=True)
        if _has_list_fields(message):
            # A person who answers from within a group is still a person: that is for the thread to tell.
            return Nature("", False, is_list=True)
    return Nature("", not (asks_for_silence or _NOBODY.match(letter.sender.address)))


def is_nobody(address: str) -> bool:
    """Whether an address says that nobody reads what is sent to it."""
    return bool(_NOBODY.match(address) or _MACHINES.match(address))


def _says_automatic(message: Message) -> bool:
    """What the programs themselves say: RFC 3834, 5, and what they said before there was a standard."""
    submitted = headers.text(message, "Auto-Submitted").split(";")[0].strip().lower()
    return (
        submitted not in ("", "no")
        or headers.text(message, "Precedence").lower() in ("auto_reply", "auto-reply")
        or any(headers.has(message, name) for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder"))
        or headers.text(message, "X-Auto-Reply").lower() in ("yes", "true", "1")
        or headers.text(message, "X-POST-MessageClass").startswith("9; Autoresponder")
        or "delivery status" in headers.text(message, "X-MS-Exchange-Generated-Message-Source").lower()
    )


def _has_empty_return_path(letter: Letter) -> bool:
    """RFC 5321, 4.5.5: whoever sends so wants no answer and no complaint."""
    return letter.envelope_from.strip() == "<>" or headers.text(letter.message, "Return-Path") == "<>"


def _comes_from_us(letter: Letter, ours: OurAddresses) -> bool:
    """Our own letter sent back to us, but not a form on a site of ours that names who filled it in."""
    if not ours.hold(letter.sender.address):
        return False
    return all(ours.hold(one.address) for one in letter.reply_to)


def _was_answered_at_once(letter: Letter) -> bool:
    """In answer to a letter, and without a word of it: what programs do, and people seldom."""
    return bool(letter.in_reply_to) and not holds_quote(letter.contents.text) and not letter.contents.files


def _has_list_fields(message: Message) -> bool:
    """RFC 2919, RFC 2369."""
    return any(headers.has(message, name) for name in ("List-Id", "List-Unsubscribe", "List-Post"))


def _is_list_of_ours(message: Message, ours: OurAddresses) -> bool:
    """An address of ours may itself be a group that several people read."""
    fields = " ".join(headers.texts(message, "List-Post", "List-Id"))
    named = re.findall(r"[^\s<>:,]+", fields)
    plain = {one.replace(".", "@", 1) if "@" not in one else one for one in named}
    return any(ours.hold(without_detail(one.lower())) for one in plain if "@" in one)
