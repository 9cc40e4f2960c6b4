"""Which case a letter belongs to. A letter gets into a case only by a proof of ours and from somebody in the case.

What leads to a case, in this order: the signed token in an address that it was sent to, the token in a Message-ID of
ours that it answers, the Message-ID of a letter that is in a case. A subject never does, and nor does Outlook's
Thread-Index, which anybody may copy. `docs/mail.md` has the outcomes as a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings

from tickets.channels.email.letter import Letter
from tickets.channels.email.trimming import holds_forward
from tickets.models import Customer, InboundMail, MailContent, Message, Ticket, TicketLink
from tickets.services.intake import who_takes_part
from tickets.services.links import ticket_ids_in
from tickets.services.merging import kept_case

Cause = InboundMail.Cause
Kind = TicketLink.Kind
_MOST_IDS = 100
_PREFIXES = re.compile(
    r"^\s*(?:(?:re|sv|vs|aw|ang|vedr|fwd?|vb|vbs|videresendt|vidarebefordrat|autosvar)(?:\[\d+\])?\s*:\s*)+",
    re.IGNORECASE,
)
# "VS" is Norwegian and Danish for it, "VB" Swedish.
_FORWARDED = re.compile(r"^\s*(?:fwd?|vbs?|vs|videresendt|vidarebefordrat)\s*:", re.IGNORECASE)
_WORD = re.compile(r"\w{4,}")


class Place(Enum):
    JOINS = "joins"
    """Added to `ticket`."""
    NEW = "new"
    """Opens a case; linked to `ticket` where there is one."""
    HELD = "held"
    """Kept for a person to decide; it may have to do with `ticket`."""


class Evidence(Enum):
    ADDRESS = "address"
    OUR_ID = "our_id"
    THEIR_ID = "their_id"
    NONE = "none"


@dataclass(frozen=True)
class Decision:
    place: Place
    ticket: Ticket | None = None
    evidence: Evidence = Evidence.NONE
    writer: Customer | None = None
    """Who of the case's people wrote it."""
    link_kind: str = ""
    cause: str = ""


def place_of(letter: Letter, *, at: datetime) -> Decision:
    """Decides where a letter belongs. Reads the database, and changes nothing."""
    ticket, evidence, writer = _thread_of(letter)
    if ticket is None:
        return Decision(Place.NEW)
    if writer is None:
        return Decision(Place.NEW, ticket, evidence, link_kind=Kind.OTHER_SENDER, cause=Cause.NOT_PARTICIPANT)
    if letter.authentication.is_failed or not letter.has_one_sender:
        return Decision(Place.HELD, ticket, evidence, cause=Cause.FAILED_AUTHENTICATION)
    if link_kind := _why_not_that_case(letter, ticket, evidence, at):
        return Decision(Place.NEW, ticket, evidence, writer, link_kind)
    return Decision(Place.JOINS, ticket, evidence, writer)


def is_forward(letter: Letter) -> bool:
    """Whether somebody passes on a letter that another one wrote."""
    return bool(_FORWARDED.match(letter.subject)) or holds_forward(letter.contents.text)


def _thread_of(letter: Letter) -> tuple[Ticket | None, Evidence, Customer | None]:
    """The case that a letter leads to, by what, and who wrote it; of several cases one that the sender is in."""
    first: tuple[Ticket, Evidence] | None = None
    for ticket, evidence in _leads(letter):
        if writer := who_takes_part(ticket, letter.sender.address):
            return ticket, evidence, writer
        first = first or (ticket, evidence)
    return (*first, None) if first else (None, Evidence.NONE, None)


def _leads(letter: Letter) -> Iterator[tuple[Ticket, Evidence]]:
    ids = [*letter.in_reply_to, *reversed(letter.references)][:_MOST_IDS]
    yield from _each(_cases(ticket_ids_in(" ".join(letter.addresses))), Evidence.ADDRESS)
    yield from _each(_cases(pk for one in ids for pk in ticket_ids_in(one)), Evidence.OUR_ID)
    rows = Message.objects.filter(external_id__in=ids).values_list("external_id", "ticket_id") if ids else []
    by_id: dict[str, list[int]] = {}
    for external_id, ticket_id in rows:
        by_id.setdefault(external_id, []).append(ticket_id)
    yield from _each(_cases(pk for one in ids for pk in by_id.get(one, [])), Evidence.THEIR_ID)


def _each(tickets: Iterable[Ticket], evidence: Evidence) -> Iterator[tuple[Ticket, Evidence]]:
    return ((ticket, evidence) for ticket in tickets)


def _cases(pks: Iterable[int]) -> Iterator[Ticket]:
    """The cases with these keys, each as the one in which it goes on."""
    for pk in dict.fromkeys(pks):
        ticket = Ticket.objects.select_related("customer", "merged_into").filter(pk=pk).first()
        if ticket is not None:
            yield kept_case(ticket)


def _why_not_that_case(letter: Letter, ticket: Ticket, evidence: Evidence, at: datetime) -> str:
    """The kind of link to a case that a letter of one of its people does not go on with; "" where it does."""
    if evidence is not Evidence.ADDRESS and is_forward(letter):
        return Kind.NEW_MATTER
    if not ticket.is_settled:
        return ""
    since = ticket.solved_at or ticket.updated_at
    if at - since > timedelta(days=settings.MAIL_OLD_CASE_DAYS):
        return Kind.FOLLOW_UP
    return Kind.NEW_MATTER if _is_other_subject(letter, ticket) else ""


def _is_other_subject(letter: Letter, ticket: Ticket) -> bool:
    """Whether a subject has not a word in common with any that the case has had."""
    words = _words(letter.subject)
    if not words:
        return False
    known = [
        ticket.reference or "",
        ticket.headline,
        *MailContent.objects.filter(message__ticket=ticket).values_list("subject", flat=True)[:100],
        *ticket.outbox.values_list("subject", flat=True)[:100],
    ]
    return not any(words & _words(one) for one in known)


def _words(subject: str) -> set[str]:
    return set(_WORD.findall(_PREFIXES.sub("", subject).casefold()))
