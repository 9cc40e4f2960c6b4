"""What a customer's and an agent's window have in common, as the server sees them: one socket of one room.

docs/chat.md lists the frames.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from abc import ABC, abstractmethod
from typing import Any
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError
from django.utils import translation

from tickets.channels.chat import news
from tickets.channels.chat.rooms import rooms
from tickets.channels.chat.writer import writer
from tickets.errors import TicketError
from tickets.services import chat_lines
from tickets.services.chat_lines import NewLine, Stored
from tickets.services.chat_room import Room

logger = logging.getLogger(__name__)
_HELLO_WITHIN_SECONDS = 10.0
_MOST_CHARACTERS = 150_000
# A burst, and what goes on a second: nobody writes faster, and a program that does is asked to wait.
_BURST, _A_SECOND = 12.0, 2.0
_TYPING_EVERY_SECONDS = 2.0

MALFORMED, WRONG_KEY, NO_HELLO = 4400, 4401, 4408
"""Codes with which a socket is closed; a window does not come back after the first two."""


class Allowance:
    """A token bucket: `burst` at once, then so many a second."""

    def __init__(self, burst: float, a_second: float) -> None:
        self._burst, self._a_second = burst, a_second
        self._left, self._at = burst, time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._a_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Socket(AsyncWebsocketConsumer, ABC):
    """A socket that is put away however it ends: Channels tells of one that closed, and of none in which an error came
    up. Left standing, it would pass for somebody who is there."""

    _has_gone = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self.disconnect(0)

    async def disconnect(self, code: int) -> None:
        if not self._has_gone:
            self._has_gone = True
            await self.gone()

    @abstractmethod
    async def gone(self) -> None:
        """Called once, whether or not it had been accepted."""

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels looks after database connections here, in a thread, at every message. None is used in this one.
        handler = getattr(self, str(message["type"]).replace(".", "_"))
        await handler(message)


class ChatWindow(Socket):
    side: str
    is_customers: bool

    chat_id: UUID
    language: str
    author: Any = None
    name = ""
    """Under which the other side sees this one writing."""
    _timer: asyncio.TimerHandle | None = None
    cursor = -1
    """The number up to which the window has everything; -1 before it has said who it is."""

    @abstractmethod
    async def enter(self, frame: dict[str, Any], after: int) -> Room | None:
        """What stands in the room; None for somebody who may not see it."""

    @abstractmethod
    async def latest(self) -> Room | None:
        """What the window does not have yet; None when the chat is no longer there."""

    def fit(self, line: dict[str, Any]) -> dict[str, Any]:
        """A line as this side may see it."""
        return line

    def may_speak(self) -> bool:
        return True

    async def entered(self) -> None:
        """The window has joined the room."""

    def left(self) -> None:
        """The window has left the room."""

    async def asked(self, kind: str, frame: dict[str, Any]) -> None:
        """A frame that only this side has."""

    async def stored(self, frame: dict[str, Any], stored: Stored) -> None:
        """What this window said is in the database now."""

    async def connect(self) -> None:
        self.chat_id = self.scope["url_route"]["kwargs"]["chat_id"]
        self._said = Allowance(_BURST, _A_SECOND)
        self._asked = Allowance(20, 2)
        self._typed_at = 0.0
        self._standing: tuple[Any, ...] = ()
        self._reading = asyncio.Lock()
        self._telling: set[asyncio.Task[None]] = set()
        await self.accept()
        self._timer = asyncio.get_running_loop().call_later(_HELLO_WITHIN_SECONDS, self._too_late)

    def _too_late(self) -> None:
        if self.cursor < 0:
            self._tell(self.close(NO_HELLO))

    def _tell(self, what: Any) -> None:
        task = asyncio.ensure_future(what)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def gone(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self.cursor >= 0:
            await self.channel_layer.group_discard(news.group_of(self.chat_id), self.channel_name)
            rooms().leave(self.chat_id, self)
            self.left()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        frame = read_frame(text_data)
        kind = frame.get("type") if frame else None
        if frame is None or not isinstance(kind, str):
            await self.close(MALFORMED)
        elif kind == "hello":
            await self._hello(frame)
        elif self.cursor < 0:
            await self.close(WRONG_KEY)
        elif kind == "say":
            await self._say(frame)
        elif kind == "typing":
            await self._typing()
        elif kind == "seen":
            await self._seen(frame)
        else:
            await self.asked(kind, frame)

    async def _hello(self, frame: dict[str, Any]) -> None:
        if self.cursor >= 0:
            return
        after = frame.get("after")
        after = after if isinstance(after, int) and 0 <= after < 2**31 else 0
        group = news.group_of(self.chat_id)
        # In the group first: what is said between the reading and the joining would be in neither.
        await self.channel_layer.group_add(group, self.channel_name)
        found = await self.enter(frame, after)
        if found is None:
            await self.channel_layer.group_discard(group, self.channel_name)
            await self.close(WRONG_KEY)
            return
        self.language = found.language
        await self.show({"type": "room", **found.data})
        self.cursor = max(after, found.last_seq)
        self._standing = found.standing
        rooms().enter(self.chat_id, self)
        await self.entered()

    async def _say(self, frame: dict[str, Any]) -> None:
        key, body = frame.get("key"), frame.get("body")
        # What is no name is answered to nobody: it would be sent back as it came.
        if not isinstance(key, str) or not isinstance(body, str) or not key.isascii():
            await self.close(MALFORMED)
            return
        if not self._said.take():
            await self.show({"type": "wait", "key": key, "seconds": 2})
            return
        try:
            with translation.override(self.language):
                line: NewLine = chat_lines.line(self.chat_id, self.side, body, key, self.author)
        except TicketError as error:
            await self.show({"type": "refused", "key": key, "text": str(error)})
            return
        # Not waited for: the next frame is read while this one is written, and the writer keeps the order.
        writer().put(line).add_done_callback(lambda future: self._said_or_not(key, frame, future))

    def _said_or_not(self, key: str, frame: dict[str, Any], future: asyncio.Future[Stored]) -> None:
        if future.cancelled():
            return
        if future.exception() is not None:
            self._tell(self.show({"type": "wait", "key": key, "seconds": 5}))
            return
        result = future.result()
        if result.message is None:
            self._tell(self.show({"type": "refused", "key": key, "text": result.refusal}))
        elif not result.is_new:
            self._tell(self.show({"type": "ack", "key": key, "seq": result.message.chat_seq}))
        else:
            self._tell(self.stored(frame, result))

    async def _typing(self) -> None:
        now = time.monotonic()
        if now - self._typed_at >= _TYPING_EVERY_SECONDS and self.may_speak():
            self._typed_at = now
            agent = self.author.pk if self.author else None
            told = {"type": "chat.typing", "chat": str(self.chat_id), "side": str(self.side)}
            await news.send(news.group_of(self.chat_id), {**told, "who": self.name, "agent": agent})

    async def _seen(self, frame: dict[str, Any]) -> None:
        seq = frame.get("seq")
        if isinstance(seq, int) and 0 < seq <= self.cursor and self.may_speak() and self._asked.take():
            await self.note_seen(seq)
            told = {"type": "chat.seen", "chat": str(self.chat_id), "side": str(self.side), "seq": seq}
            await news.send(news.group_of(self.chat_id), told)

    async def note_seen(self, seq: int) -> None:
        """Written with the next look at all rooms."""
        rooms().note_seen(self.chat_id, str(self.side), seq)

    # --- From the group ------------------------------------------------------------------------

    async def chat_lines(self, event: dict[str, Any]) -> None:
        if self.cursor < 0:
            return
        fresh = [line for line in event["lines"] if line["seq"] > self.cursor]
        if not fresh:
            return
        if [line["seq"] for line in fresh] != list(range(self.cursor + 1, self.cursor + 1 + len(fresh))):
            await self.catch_up()
            return
        self.cursor = fresh[-1]["seq"]
        await self.show({"type": "lines", "lines": [self.fit(line) for line in fresh]})

    async def chat_news(self, event: dict[str, Any]) -> None:
        await self.catch_up()

    async def chat_typing(self, event: dict[str, Any]) -> None:
        if self.cursor >= 0 and event["side"] != self.side:
            await self.show({"type": "typing", "who": event["who"]})

    async def chat_seen(self, event: dict[str, Any]) -> None:
        if self.cursor >= 0 and event["side"] != self.side:
            await self.show({"type": "seen", "seq": event["seq"]})

    async def chat_presence(self, event: dict[str, Any]) -> None:
        """The customer's window opened or closed."""

    async def look(self, mark: tuple[Any, ...]) -> None:
        if mark[0] > self.cursor or mark != self._standing:
            self._standing = mark
            await self.catch_up()

    async def catch_up(self) -> None:
        """Reads what the window does not have yet, and how the room stands."""
        if self.cursor < 0:
            return
        async with self._reading:
            try:
                found = await self.latest()
            except DatabaseError as error:
                logger.warning("A window finds out with the next look. %s", error)
                return
            if found is not None:
                found.data["lines"] = [line for line in found.data["lines"] if line["seq"] > self.cursor]
                self.cursor = max(self.cursor, found.last_seq)
                await self.show({"type": "news", **found.data})

    async def show(self, frame: dict[str, Any]) -> None:
        # To one that has just gone: its farewell is on its way here.
        with contextlib.suppress(OSError):
            await self.send(text_data=json.dumps(frame, ensure_ascii=False, separators=(",", ":")))


def read_frame(text: str | None) -> dict[str, Any] | None:
    """What a window sent; None for what is no frame."""
    if text is None or len(text) > _MOST_CHARACTERS:
        return None
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return frame if isinstance(frame, dict) else None
