"""A customer's window, as the server sees it: one socket of one room. docs/chat.md lists the frames."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError
from django.utils import translation

from tickets.channels.chat import news
from tickets.channels.chat.rooms import rooms
from tickets.channels.chat.writer import read, write, writer
from tickets.errors import TicketError
from tickets.models import Chat
from tickets.services import chat_lines
from tickets.services.chat_room import WISHES, enter_room, line_for_customer, room_data, wish

logger = logging.getLogger(__name__)
_HELLO_WITHIN_SECONDS = 10.0
_MOST_CHARACTERS = 150_000
# A burst, and what goes on a second: nobody writes faster, and a program that does is asked to wait.
_BURST, _A_SECOND = 12.0, 2.0
_TYPING_EVERY_SECONDS = 2.0
_LEFT_AFTER_SECONDS = 5.0
CUSTOMER = Chat.Side.CUSTOMER

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


class CustomerWindow(AsyncWebsocketConsumer):
    is_customers = True

    chat_id: UUID
    language: str
    cursor = -1
    """The number up to which the window has everything; -1 before it has said who it is."""

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels looks after database connections here, in a thread, at every message. None is used in this one.
        handler = getattr(self, str(message["type"]).replace(".", "_"))
        await handler(message)

    async def connect(self) -> None:
        self.chat_id = self.scope["url_route"]["kwargs"]["chat_id"]
        self._said = Allowance(_BURST, _A_SECOND)
        self._asked = Allowance(20, 2)
        self._typed_at = 0.0
        self._standing: tuple[Any, ...] = ()
        self._reading = asyncio.Lock()
        await self.accept()
        self._timer = asyncio.get_running_loop().call_later(_HELLO_WITHIN_SECONDS, self._too_late)

    def _too_late(self) -> None:
        if self.cursor < 0:
            self._closing = asyncio.ensure_future(self.close(NO_HELLO))

    async def disconnect(self, code: int) -> None:
        self._timer.cancel()
        if self.cursor >= 0:
            await self.channel_layer.group_discard(news.group_of(self.chat_id), self.channel_name)
            rooms().leave(self.chat_id, self)
            asyncio.get_running_loop().call_later(_LEFT_AFTER_SECONDS, _tell_left, self.chat_id)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        frame = _read(text_data)
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
        elif kind in WISHES:
            await self._wish(kind, frame)

    async def _hello(self, frame: dict[str, Any]) -> None:
        if self.cursor >= 0:
            return
        after = frame.get("after")
        after = after if isinstance(after, int) and 0 <= after < 2**31 else 0
        group = news.group_of(self.chat_id)
        # In the group first: what is said between the reading and the joining would be in neither.
        await self.channel_layer.group_add(group, self.channel_name)
        found = await write(enter_room, self.chat_id, str(frame.get("key", "")), after)
        if found is None:
            await self.channel_layer.group_discard(group, self.channel_name)
            await self.close(WRONG_KEY)
            return
        self.language = found.language
        await self._show({"type": "room", **found.data})
        self.cursor = max(after, found.last_seq)
        self._standing = found.standing
        rooms().enter(self.chat_id, self)
        await news.send(group, {"type": "chat.presence", "chat": str(self.chat_id), "is_there": True})

    async def _say(self, frame: dict[str, Any]) -> None:
        key, body = frame.get("key"), frame.get("body")
        if not isinstance(key, str) or not isinstance(body, str):
            await self.close(MALFORMED)
            return
        if not self._said.take():
            await self._show({"type": "wait", "key": key, "seconds": 2})
            return
        try:
            with translation.override(self.language):
                line = chat_lines.line(self.chat_id, CUSTOMER, body, key)
        except TicketError as error:
            await self._show({"type": "refused", "key": key, "text": str(error)})
            return
        # Not waited for: the next frame is read while this one is written, and the writer keeps the order.
        writer().put(line).add_done_callback(lambda future: self._said_or_not(key, future))

    def _said_or_not(self, key: str, future: asyncio.Future[Any]) -> None:
        if future.cancelled():
            return
        if future.exception() is not None:
            answer: dict[str, Any] = {"type": "wait", "key": key, "seconds": 5}
        elif future.result().message is None:
            answer = {"type": "refused", "key": key, "text": future.result().refusal}
        elif not future.result().is_new:
            answer = {"type": "ack", "key": key, "seq": future.result().message.chat_seq}
        else:
            return
        self._answering = asyncio.ensure_future(self._show(answer))

    async def _typing(self) -> None:
        now = time.monotonic()
        if now - self._typed_at >= _TYPING_EVERY_SECONDS:
            self._typed_at = now
            told = {"type": "chat.typing", "chat": str(self.chat_id), "side": str(CUSTOMER), "who": "", "agent": None}
            await news.send(news.group_of(self.chat_id), told)

    async def _seen(self, frame: dict[str, Any]) -> None:
        seq = frame.get("seq")
        if isinstance(seq, int) and 0 < seq <= self.cursor and self._asked.take():
            rooms().note_seen(self.chat_id, str(CUSTOMER), seq)
            told = {"type": "chat.seen", "chat": str(self.chat_id), "side": str(CUSTOMER), "seq": seq}
            await news.send(news.group_of(self.chat_id), told)

    async def _wish(self, kind: str, frame: dict[str, Any]) -> None:
        """Something besides talking: the end, an address, the text by e-mail. The answer says whether it was done."""
        if not self._asked.take():
            await self._show({"type": "done", "what": kind, "error": "", "wait": 5})
            return
        text = frame.get("text", "")
        error = await write(wish, self.chat_id, kind, text if isinstance(text, str) else "", self.language)
        await self._show({"type": "done", "what": kind, "error": error})

    # --- From the group ------------------------------------------------------------------------

    async def chat_lines(self, event: dict[str, Any]) -> None:
        if self.cursor < 0:
            return
        fresh = [line for line in event["lines"] if line["seq"] > self.cursor]
        if not fresh:
            return
        if [line["seq"] for line in fresh] != list(range(self.cursor + 1, self.cursor + 1 + len(fresh))):
            await self._catch_up()
            return
        self.cursor = fresh[-1]["seq"]
        await self._show({"type": "lines", "lines": [line_for_customer(line) for line in fresh]})

    async def chat_news(self, event: dict[str, Any]) -> None:
        await self._catch_up()

    async def chat_typing(self, event: dict[str, Any]) -> None:
        if self.cursor >= 0 and event["side"] != CUSTOMER:
            await self._show({"type": "typing", "who": event["who"]})

    async def chat_seen(self, event: dict[str, Any]) -> None:
        if self.cursor >= 0 and event["side"] != CUSTOMER:
            await self._show({"type": "seen", "seq": event["seq"]})

    async def chat_presence(self, event: dict[str, Any]) -> None:
        """For the desk only."""

    async def look(self, mark: tuple[Any, ...]) -> None:
        if mark[0] > self.cursor or mark != self._standing:
            self._standing = mark
            await self._catch_up()

    async def _catch_up(self) -> None:
        """Reads what the window does not have yet, and how the room stands."""
        if self.cursor < 0:
            return
        async with self._reading:
            try:
                found = await read(room_data, self.chat_id, self.cursor, self.language)
            except DatabaseError as error:
                logger.warning("A window finds out with the next look. %s", error)
                return
            if found is not None:
                found.data["lines"] = [line for line in found.data["lines"] if line["seq"] > self.cursor]
                self.cursor = max(self.cursor, found.last_seq)
                await self._show({"type": "news", **found.data})

    async def _show(self, frame: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(frame, ensure_ascii=False, separators=(",", ":")))


def _read(text: str | None) -> dict[str, Any] | None:
    if text is None or len(text) > _MOST_CHARACTERS:
        return None
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return frame if isinstance(frame, dict) else None


def _tell_left(chat_id: UUID) -> None:
    """The desk sees that the customer has gone, unless another window of theirs is open or this one came back."""
    if not rooms().has_customer(chat_id):
        told = {"type": "chat.presence", "chat": str(chat_id), "is_there": False}
        _telling.add(task := asyncio.ensure_future(news.send(news.group_of(chat_id), told)))
        task.add_done_callback(_telling.discard)


_telling: set[asyncio.Task[None]] = set()
