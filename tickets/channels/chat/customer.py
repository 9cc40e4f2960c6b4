"""A customer's window, as the server sees it: one socket of one room."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from tickets.channels.chat import news
from tickets.channels.chat.rooms import rooms
from tickets.channels.chat.window import ChatWindow
from tickets.channels.chat.writer import read, write
from tickets.models import Chat
from tickets.services.chat_room import Room, enter_room, line_for_customer, room_data
from tickets.services.chat_wishes import WISHES, wish

_LEFT_AFTER_SECONDS = 5.0


class CustomerWindow(ChatWindow):
    side = Chat.Side.CUSTOMER
    is_customers = True

    async def enter(self, frame: dict[str, Any], after: int) -> Room | None:
        language = str(frame.get("lang", ""))
        return await write(enter_room, self.chat_id, str(frame.get("key", "")), after, language)

    async def latest(self) -> Room | None:
        return await read(room_data, self.chat_id, self.cursor, self.language)

    def fit(self, line: dict[str, Any]) -> dict[str, Any]:
        return line_for_customer(line)

    async def entered(self) -> None:
        told = {"type": "chat.presence", "chat": str(self.chat_id), "is_there": True}
        await news.send(news.group_of(self.chat_id), told)

    def left(self) -> None:
        asyncio.get_running_loop().call_later(_LEFT_AFTER_SECONDS, _tell_left, self.chat_id)

    async def asked(self, kind: str, frame: dict[str, Any]) -> None:
        """Something besides talking: the end, an address, the text by e-mail. The answer says whether it was done."""
        if kind not in WISHES:
            return
        if not self._asked.take():
            with translation.override(self.language):
                error = _("That did not work. Try again in a moment.")
            await self.show({"type": "done", "what": kind, "error": error})
            return
        text = frame.get("text", "")
        error = await write(wish, self.chat_id, kind, text if isinstance(text, str) else "", self.language)
        await self.show({"type": "done", "what": kind, "error": error})


def _tell_left(chat_id: UUID) -> None:
    """The desk sees that the customer has gone, unless another window of theirs is open or this one came back."""
    if not rooms().has_customer(chat_id):
        told = {"type": "chat.presence", "chat": str(chat_id), "is_there": False}
        _telling.add(task := asyncio.ensure_future(news.send(news.group_of(chat_id), told)))
        task.add_done_callback(_telling.discard)


_telling: set[asyncio.Task[None]] = set()
