"""A customer's letter that came to a colleague's own address and is passed on to us: a case of the customer's."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tickets.channels.email import headers
from tickets.channels.email.addresses import OurAddresses
from tickets.channels.email.headers import Address, addresses_in
from tickets.channels.email.letter import Letter
from tickets.channels.email.parts import Enclosed, contents_of
from tickets.channels.email.threading import is_forward
from tickets.channels.email.trimming import forwarded_in, trim
from tickets.services.agents import agents

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

_PREFIX = re.compile(r"^\s*(?:(?:fwd?|vbs?|vs|videresendt|vidarebefordrat)\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True)
class Passed:
    """A letter that an agent passed on."""

    agent: User
    author: Address
    subject: str
    text: str
    note: str = ""
    rfc_id: str = ""
    files: list[Enclosed] = field(default_factory=list)


def passed_on(letter: Letter, ours: OurAddresses) -> Passed | None:
    """The customer's letter that a colleague passes on; None where it is not that, or where its author is not said."""
    if letter.authentication.is_failed or not letter.has_one_sender or not letter.sender.address:
        return None
    if not (is_forward(letter) or letter.contents.letters):
        return None
    agent = agents().filter(email__iexact=letter.sender.address).first()
    if agent is None:
        return None
    found = _attached(letter, agent) or _written_in(letter, agent)
    if found is None or ours.hold(found.author.address) or found.author.address == letter.sender.address:
        return None
    return found


def _attached(letter: Letter, agent: User) -> Passed | None:
    if not letter.contents.letters:
        return None
    inner = letter.contents.letters[0]
    author = next(iter(headers.addresses(inner, "From")), None)
    if author is None:
        return None
    contents = contents_of(inner)
    return Passed(
        agent=agent,
        author=author,
        subject=headers.text(inner, "Subject") or _PREFIX.sub("", letter.subject),
        text=trim(contents.text).shown,
        note=trim(letter.contents.text).shown,
        rfc_id=next(iter(headers.message_ids(inner, "Message-ID")), ""),
        files=contents.files,
    )


def _written_in(letter: Letter, agent: User) -> Passed | None:
    found = forwarded_in(letter.contents.text)
    author = next(iter(addresses_in(found.author)), None) if found else None
    if found is None or author is None:
        return None
    note = trim(found.above).shown if found.above else ""
    return Passed(agent, author, _PREFIX.sub("", letter.subject), found.text, note)
