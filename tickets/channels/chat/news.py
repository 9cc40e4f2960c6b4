"""Telling open windows that something is new in a chat: from any thread, and with Redis from any process.

Without Redis, another process cannot tell the web process anything; there each room looks into the database every
few seconds (`rooms.Rooms`).
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
DESK = "desk.chats"
"""The group of everybody at the desk: `{"type": "desk.chats", "chat": id, "what": ...}` when the list has changed."""

# A layer that hangs must not hold up who speaks; what is not told is found.
_PATIENCE_SECONDS = 2.0
_loop: asyncio.AbstractEventLoop | None = None
_sending: set[asyncio.Task[None]] = set()


def group_of(chat_id: UUID | str) -> str:
    """The group of one chat's windows, the customer's and the agents'."""
    return f"chat.{chat_id}"


def listen_here() -> None:
    """Sockets are open in this process: what its threads have to tell is handed to this running loop."""
    global _loop
    _loop = asyncio.get_running_loop()


def tell_on_commit(chat_id: UUID, what: str) -> None:
    """Once the surrounding transaction is in the database, every window of the chat reads what is new.

    `what` is a kind of event of the chat (begun, accepted, ...), of which the desk is told too; "said" for a line.
    """
    transaction.on_commit(partial(tell, chat_id, what))


def tell(chat_id: UUID, what: str) -> None:
    loop = _loop
    if loop is not None and loop.is_running():
        loop.call_soon_threadsafe(_begin, chat_id, what)
    elif settings.REDIS_URL:
        async_to_sync(_send)(chat_id, what)


def _begin(chat_id: UUID, what: str) -> None:
    task = asyncio.ensure_future(_send(chat_id, what))
    _sending.add(task)
    task.add_done_callback(_sending.discard)


async def _send(chat_id: UUID, what: str) -> None:
    await send(group_of(chat_id), {"type": "chat.news", "chat": str(chat_id)})
    if what != "said":
        await send(DESK, {"type": "desk.chats", "chat": str(chat_id), "what": what})


async def send(group: str, message: dict[str, Any]) -> None:
    """Sends to a group. A layer that is away costs speed and no message: rooms look into the database."""
    layer = get_channel_layer()
    try:
        if layer is not None:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await layer.group_send(group, message)
    except (OSError, RedisError) as error:
        logger.warning("The channel layer is away. %s", error)
