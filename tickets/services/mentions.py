"""Naming a colleague in a note: `@Ada Ek`, `@ada`, or `@ada@example.com`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tickets.models import Mention, Message, Ticket
from tickets.services.agents import agents

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

# An @ that begins a word: the one within an e-mail address names nobody.
_AT = re.compile(r"(?<![\w@.])@(?=\w)")
_WORD_ENDS = re.compile(r"(?!\w)")
_SUGGESTED = 6


@dataclass(frozen=True)
class Named:
    people: list[Any] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    """Names that fit several colleagues; none of them is told."""


def named_in(text: str, colleagues: Sequence[Any] | None = None) -> Named:
    """Whom a text names. The longest name that fits wins, so “@Ada Ek” is not also somebody called Ada."""
    places = [match.end() for match in _AT.finditer(text)]
    if not places:
        return Named()
    names = _names(colleagues if colleagues is not None else list(agents()))
    people: dict[int, Any] = {}
    unclear: list[str] = []
    folded = text.casefold() if len(text.casefold()) == len(text) else text.lower()
    for place in places:
        name = next((one for one in names if _stands_at(folded, place, one)), None)
        if name is None:
            continue
        found = names[name]
        if len(found) == 1:
            people.setdefault(found[0].pk, found[0])
        else:
            unclear.append(text[place : place + len(name)])
    return Named(list(people.values()), list(dict.fromkeys(unclear)))


def _stands_at(text: str, place: int, name: str) -> bool:
    return text.startswith(name, place) and _WORD_ENDS.match(text, place + len(name)) is not None


def _names(colleagues: Sequence[Any]) -> dict[str, list[Any]]:
    """Every way to name each colleague, the longest first."""
    found: dict[str, list[Any]] = {}
    for person in colleagues:
        ways = {person.email, person.email.partition("@")[0], person.get_full_name(), person.get_short_name()}
        ways.add(person.get_full_name().split(" ")[0])
        for way in {one.casefold() for one in ways if one}:
            found.setdefault(way, []).append(person)
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def mention(message: Message, people: Sequence[Any]) -> None:
    """Lets colleagues know that a note names them."""
    rows = [Mention(message=message, user=one) for one in people]
    Mention.objects.bulk_create(rows, ignore_conflicts=True)


def mark_seen(ticket: Ticket, *, user: User, at: datetime) -> int:
    """The agent has opened the case, and so read what named them."""
    return Mention.objects.filter(user=user, seen_at__isnull=True, message__ticket=ticket).update(seen_at=at)


def colleagues_like(words: str) -> list[Any]:
    """Who may be meant by the beginning of a name, for the list below the box."""
    wanted = words.casefold().strip()
    people = list(agents())
    fits = [one for one in people if any(way.startswith(wanted) for way in _names([one]))]
    return fits[:_SUGGESTED]
