"""A mailbox in the mbox format (RFC 4155): letters that belong together by their Message-IDs become one case.

Who writes from an agent's address, or from one of `our_addresses` in the mapping, is one of us.
"""

from __future__ import annotations

import mailbox
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tickets.channels.email import headers
from tickets.channels.email.letter import Letter, read_letter
from tickets.channels.email.trimming import new_text
from tickets.importers.base import (
    ImportedCase,
    ImportedFile,
    ImportedMessage,
    Kind,
    LeftOut,
    Person,
    UnreadableImport,
    checked_moment,
)
from tickets.importers.mapping import Mapping
from tickets.services.agents import agents

_AUTOMATIC = ("auto-replied", "auto-generated")


def read_mbox(path: Path, mapping: Mapping) -> Iterator[ImportedCase | LeftOut]:
    if not path.is_file():
        raise UnreadableImport(f"{path} is not a file.")
    box = mailbox.mbox(path, create=False)
    try:
        ours = mapping.our_addresses | set(mapping.agents)
        ours |= {email.lower() for email in agents().values_list("email", flat=True)}
        threads = _Threads()
        for key in box.iterkeys():
            threads.add(key, read_letter(box.get_bytes(key)))
        if not threads.of:
            raise UnreadableImport(f"{path} holds no letters.")
        for keys in threads.together():
            yield from _case(box, keys, ours)
    finally:
        box.close()


class _Threads:
    """Which letters belong together: whoever names another's ID stands in one thread with it (union-find)."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}
        self.of: dict[str, str] = {}

    def add(self, key: str, letter: Letter) -> None:
        self.of[key] = letter.rfc_id
        for other in (*letter.in_reply_to, *letter.references):
            self.parent[self._root(other)] = self._root(letter.rfc_id)

    def _root(self, name: str) -> str:
        path = []
        while (above := self.parent.get(name, name)) != name:
            path.append(name)
            name = above
        for one in path:
            self.parent[one] = name
        return name

    def together(self) -> list[list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for key, name in self.of.items():
            found[self._root(name)].append(key)
        return list(found.values())


@dataclass(frozen=True)
class _Said:
    letter: Letter
    at: datetime
    is_ours: bool


def _case(box: mailbox.mbox, keys: list[str], ours: set[str] | frozenset[str]) -> Iterator[ImportedCase | LeftOut]:
    said: list[_Said] = []
    for key in keys:
        letter = read_letter(box.get_bytes(key))
        where = f"letter {letter.rfc_id}"
        at = _sent_at(letter)
        if headers.text(letter.message, "Auto-Submitted").lower().startswith(_AUTOMATIC):
            yield LeftOut(where, "It is an automatic letter.")
        elif not letter.sender.address:
            yield LeftOut(where, "It does not say who sent it.")
        elif at is None:
            yield LeftOut(where, "It does not say when it was sent.")
        else:
            said.append(_Said(letter, at, letter.sender.address in ours))
    said = _each_once(sorted(said, key=lambda one: one.at))
    if not said:
        return
    customer = _customer(said, ours)
    if customer is None:
        yield LeftOut(f"letter {said[0].letter.rfc_id}", "Nobody but ourselves takes part in it.")
        return
    yield ImportedCase(
        where=f"letter {said[0].letter.rfc_id}",
        external_id=said[0].letter.rfc_id,
        customer=customer,
        created_at=said[0].at,
        updated_at=said[-1].at,
        messages=tuple(_message(one) for one in said),
        subject=said[0].letter.subject,
        channel="email",
        answers=tuple({name for one in said for name in (*one.letter.in_reply_to, *one.letter.references)}),
        assignee=next((_person(one.letter) for one in reversed(said) if one.is_ours), Person()),
    )


def _sent_at(letter: Letter) -> datetime | None:
    seconds = headers.seconds(letter.message)
    try:
        return None if seconds is None else checked_moment(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _each_once(said: list[_Said]) -> list[_Said]:
    """A letter that lies in the mailbox twice, as sent and as received, was said once."""
    return list({one.letter.rfc_id: one for one in said}.values())


def _customer(said: list[_Said], ours: set[str] | frozenset[str]) -> Person | None:
    writer = next((_person(one.letter) for one in said if not one.is_ours), None)
    if writer is not None:
        return writer
    reader = next((one for one in said[0].letter.to if one.address not in ours), None)
    return Person(reader.address, reader.name) if reader else None


def _person(letter: Letter) -> Person:
    return Person(letter.sender.address, letter.sender.name)


def _message(one: _Said) -> ImportedMessage:
    text = one.letter.contents.text
    return ImportedMessage(
        external_id=one.letter.rfc_id,
        kind=str(Kind.OUTBOUND if one.is_ours else Kind.INBOUND),
        author=_person(one.letter),
        body=new_text(text) or text,
        at=one.at,
        files=tuple(ImportedFile(file.name, data=file.data) for file in one.letter.contents.files),
    )
