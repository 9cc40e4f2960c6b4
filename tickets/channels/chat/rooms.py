"""The rooms that are open in this process, and the look into the database for what other processes wrote there.

One query for all open rooms, every few seconds: an agent's answer from the desk of another process, a chat that the
worker gave up waiting for, an e-mail that belongs to the case. It also finds what a full queue or a lost message of
the channel layer left out, so that nothing depends on those.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db import DatabaseError
from django.utils import timezone

from tickets.channels.chat import news
from tickets.channels.chat.writer import read, write
from tickets.models import Chat
from tickets.services.chat_reading import gather, mark_seen, with_said_elsewhere

logger = logging.getLogger(__name__)
LOOK_EVERY_SECONDS = 2.0
_NOTE_PRESENCE_EVERY = 7
"""Rounds between two notes that these customers are there."""


class Window(Protocol):
    """One socket's side of a room."""

    is_customers: bool

    async def look(self, mark: tuple[Any, ...]) -> None:
        """The room stands like this in the database now (`rooms.Mark`)."""


Mark = tuple[Any, ...]
"""How a room stands: last number, state, agent, how far each side has read."""


class Rooms:
    def __init__(self) -> None:
        self._open: dict[UUID, set[Window]] = defaultdict(set)
        self._seen: dict[UUID, dict[str, int]] = {}
        self._task: asyncio.Task[None] | None = None

    def enter(self, chat_id: UUID, window: Window) -> None:
        news.listen_here()
        self._open[chat_id].add(window)
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._look_around())

    def leave(self, chat_id: UUID, window: Window) -> None:
        self._open[chat_id].discard(window)
        if not self._open[chat_id]:
            del self._open[chat_id]

    def has_customer(self, chat_id: UUID) -> bool:
        return any(window.is_customers for window in self._open.get(chat_id, ()))

    def note_seen(self, chat_id: UUID, side: str, seq: int) -> None:
        """Written with the next round, for all rooms together."""
        sides = self._seen.setdefault(chat_id, {})
        sides[side] = max(seq, sides.get(side, 0))

    async def _look_around(self) -> None:
        rounds = 0
        while self._open or self._seen:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            rounds += 1
            try:
                await self._round(is_presence_due=rounds % _NOTE_PRESENCE_EVERY == 0)
            except DatabaseError as error:
                logger.warning("The open chats are looked at again in a moment. %s", error)
            except Exception:
                # One room's trouble, whatever it is, must not end the look at all the others.
                logger.exception("A look at the open chats failed.")

    async def _round(self, *, is_presence_due: bool) -> None:
        if self._seen:
            seen, self._seen = self._seen, {}
            await write(mark_seen, seen)
        if is_presence_due:
            there = [pk for pk in self._open if self.has_customer(pk)]
            await write(note_presence, there, timezone.now())
        for pk, mark in (await read(marks_of, list(self._open), timezone.now())).items():
            *standing, has_said_elsewhere = mark
            if has_said_elsewhere:
                await write(gather, pk)
            for window in list(self._open.get(pk, ())):
                await window.look(tuple(standing))


def marks_of(numbers: list[UUID], at: datetime) -> dict[UUID, Mark]:
    """How each of these rooms stands, and whether something was said in its case by another way. One query."""
    rows = with_said_elsewhere(Chat.objects.filter(pk__in=numbers).order_by(), at)
    names = ("pk", "last_seq", "state", "agent_id", "seen_by_customer", "seen_by_agent", "has_said_elsewhere")
    return {pk: tuple(rest) for pk, *rest in rows.values_list(*names)}


def note_presence(numbers: list[UUID], at: datetime) -> None:
    Chat.objects.filter(pk__in=numbers).update(customer_seen_at=at)


_rooms: dict[asyncio.AbstractEventLoop, Rooms] = {}


def rooms() -> Rooms:
    """The rooms of this loop; a process has one loop."""
    loop = asyncio.get_running_loop()
    if loop not in _rooms:
        _rooms.clear()
        _rooms[loop] = Rooms()
    return _rooms[loop]
