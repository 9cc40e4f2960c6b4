"""The channel layer of one process: what is sent to a group is in its members' queues at once.

Channels' own in-memory layer looks through all channels and groups for expired ones at every message, begins a task
for every recipient and copies every message for each: with 300 open rooms that alone fills a processor. Here the look
is taken now and then, and messages are handed on as they are: whoever gets one reads it and changes nothing in it.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from channels.layers import InMemoryChannelLayer

_TIDY_EVERY_SECONDS = 30.0


class LocalLayer(InMemoryChannelLayer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._tidied_at = 0.0

    def _clean_expired(self) -> None:
        if time.monotonic() - self._tidied_at > _TIDY_EVERY_SECONDS:
            self._tidied_at = time.monotonic()
            super()._clean_expired()

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """A member whose queue is full misses the message, as the layer's contract has it; rooms look for what they
        missed."""
        self._clean_expired()
        expires = time.time() + self.expiry
        for channel in list(self.groups.get(group, ())):
            queue = self.channels.setdefault(channel, asyncio.Queue(maxsize=self.get_capacity(channel)))
            if not queue.full():
                queue.put_nowait((expires, message))
