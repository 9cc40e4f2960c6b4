"""The desk's sockets: an agent's window of one chat, and the watch that every open page of the desk keeps.

Both are opened with the session's cookie, from our own pages only (`routing.OwnPagesOnly`), by people who work cases.
Whoever has logged out or lost that right is out within seconds.
"""

from __future__ import annotations

import asyncio
import json
import logging
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import get_supported_language_variant

from tickets.channels.chat import news
from tickets.channels.chat.rooms import LOOK_EVERY_SECONDS
from tickets.channels.chat.window import WRONG_KEY, ChatWindow, Socket
from tickets.channels.chat.writer import read, write
from tickets.models import Chat
from tickets.services import availability, chat_agents, chat_desk, chat_upkeep
from tickets.services.chat_lines import Stored
from tickets.services.chat_reading import mark_seen
from tickets.services.chat_room import Room
from tickets.services.public_names import agent_name

logger = logging.getLogger(__name__)
CHECK_EVERY_SECONDS = 15.0
_MOST_MACROS = 20


class AtTheDesk:
    """Who may open a socket of the desk, asked when it opens and every few seconds after."""

    scope: Any

    async def agent(self) -> Any:
        """The person, read anew; None for somebody who is not logged in or does not work cases."""
        user, session = self.scope.get("user"), self.scope.get("session")
        if user is None or not user.is_authenticated or session is None:
            return None
        return await read(_agent, user.pk, session.session_key)

    async def check_for_ever(self, is_there: Any, give_up: Any) -> None:
        while await self.agent() is not None:
            await is_there()
            await asyncio.sleep(CHECK_EVERY_SECONDS)
        await give_up(WRONG_KEY)


def _agent(user_id: int, session_key: str | None) -> Any:
    sessions = import_module(settings.SESSION_ENGINE).SessionStore
    if session_key is None or not sessions().exists(session_key):
        return None
    user = get_user_model()._default_manager.filter(pk=user_id, is_active=True).first()
    return user if user is not None and user.has_perm("tickets.work_cases") else None


class AgentWindow(AtTheDesk, ChatWindow):
    side = Chat.Side.AGENT
    is_customers = False
    _speaks = False
    _check: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        self.author = await self.agent()
        if self.author is None:
            await self.close()
            return
        self.name = await read(agent_name, self.author)
        asked = parse_qs(self.scope["query_string"].decode("latin1")).get("lang", [""])[0]
        self._tongue = _language(asked)
        await super().connect()
        self._check = asyncio.ensure_future(self.check_for_ever(self._nothing, self.close))

    async def _nothing(self) -> None:
        """The watch tells that the agent is there."""

    async def gone(self) -> None:
        if self._check is not None:
            self._check.cancel()
        await super().gone()

    async def enter(self, frame: dict[str, Any], after: int) -> Room | None:
        return self._noting(await write(chat_agents.enter, self.chat_id, self.author.pk, after, self._tongue))

    async def latest(self) -> Room | None:
        room = chat_agents.room_for_agent
        return self._noting(await read(room, self.chat_id, self.author.pk, self.cursor, self.language))

    def _noting(self, room: Room | None) -> Room | None:
        self._speaks = room is not None and room.data["state"]["is_mine"]
        return room

    def may_speak(self) -> bool:
        return self._speaks

    async def note_seen(self, seq: int) -> None:
        """At once: every page of the agent's asks in a moment how many are unread."""
        await write(mark_seen, {self.chat_id: {str(self.side): seq}})

    async def stored(self, frame: dict[str, Any], stored: Stored) -> None:
        numbers = frame.get("macros")
        if isinstance(numbers, list) and stored.message is not None:
            used = [one for one in numbers if isinstance(one, int)][:_MOST_MACROS]
            if used:
                await write(chat_agents.note_macros, stored.message, used, self.author)

    async def chat_presence(self, event: dict[str, Any]) -> None:
        if self.cursor >= 0:
            await self.show({"type": "presence", "is_there": event["is_there"]})


def _language(asked: str) -> str:
    try:
        return get_supported_language_variant(asked)
    except LookupError:
        return settings.LANGUAGE_CODE


class DeskWatch(AtTheDesk, Socket):
    """Open while a page of the desk is: it is the agent's sign of life, and tells the page when to look again.

    Frames to the page: `{"type": "news"}` (ask for the state anew), `{"type": "typing", "chat"}`.
    """

    _check: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        self._user = await self.agent()
        self._rooms: set[UUID] = set()
        self._joining = asyncio.Lock()
        if self._user is None:
            await self.close()
            return
        news.listen_here()
        await self.accept()
        await self.channel_layer.group_add(news.DESK, self.channel_name)
        await self._join_own()
        desk_look().enter(self)
        self._check = asyncio.ensure_future(self.check_for_ever(self._is_there, self.close))

    async def gone(self) -> None:
        desk_look().leave(self)
        if self._check is not None:
            self._check.cancel()
            await self.channel_layer.group_discard(news.DESK, self.channel_name)
            for number in self._rooms:
                await self.channel_layer.group_discard(news.group_of(number), self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A page has nothing to say here."""

    async def _is_there(self) -> None:
        await write(availability.note_here, self._user.pk, timezone.now())

    async def _join_own(self) -> None:
        """What is said in the agent's own chats is news on every page of theirs."""
        async with self._joining:
            own = set(await read(_own_chats, self._user.pk))
            for number in own - self._rooms:
                await self.channel_layer.group_add(news.group_of(number), self.channel_name)
            for number in self._rooms - own:
                await self.channel_layer.group_discard(news.group_of(number), self.channel_name)
            self._rooms = own

    async def desk_chats(self, event: dict[str, Any]) -> None:
        await self._join_own()
        await self._show({"type": "news"})

    async def chat_lines(self, event: dict[str, Any]) -> None:
        await self._show({"type": "news"})

    async def chat_news(self, event: dict[str, Any]) -> None:
        await self._show({"type": "news"})

    async def chat_seen(self, event: dict[str, Any]) -> None:
        """Written a moment later, by the room."""

    async def chat_presence(self, event: dict[str, Any]) -> None:
        await self._show({"type": "news"})

    async def chat_typing(self, event: dict[str, Any]) -> None:
        if event["side"] == Chat.Side.CUSTOMER:
            await self._show({"type": "typing", "chat": event["chat"]})

    async def _show(self, frame: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(frame))


class DeskLook:
    """The look into the database for what other processes did: offers that were passed on, chats taken elsewhere."""

    def __init__(self) -> None:
        self._watches: set[DeskWatch] = set()
        self._task: asyncio.Task[None] | None = None

    def enter(self, watch: DeskWatch) -> None:
        self._watches.add(watch)
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._look_around())

    def leave(self, watch: DeskWatch) -> None:
        self._watches.discard(watch)

    async def _look_around(self) -> None:
        mark: Any = None
        while self._watches:
            try:
                # Whoever is at the desk is not to wait for the worker's beat.
                await write(chat_upkeep.sweep)
                found = await read(chat_desk.mark)
                if mark not in (None, found):
                    for watch in list(self._watches):
                        await watch.desk_chats({})
                mark = found
            except DatabaseError as error:
                logger.warning("The desk's chats are looked at again in a moment. %s", error)
            except Exception:
                # One page's trouble, or one chat's, must not end the look for everybody.
                logger.exception("A look at the desk's chats failed.")
            await asyncio.sleep(LOOK_EVERY_SECONDS)


_looks: dict[asyncio.AbstractEventLoop, DeskLook] = {}


def desk_look() -> DeskLook:
    """The look of this loop; a process has one loop."""
    loop = asyncio.get_running_loop()
    if loop not in _looks:
        _looks.clear()
        _looks[loop] = DeskLook()
    return _looks[loop]


def _own_chats(user_id: int) -> list[UUID]:
    return list(Chat.objects.filter(state=Chat.State.ACTIVE, agent=user_id).values_list("pk", flat=True))
