"""The one writer of a process: what comes in while it writes goes into the database together, next.

A transaction costs the same for one line as for a hundred (a group commit, as databases do it themselves), so the
more there is to write, the less each line costs; and a line that comes alone waits for nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.db import DatabaseError, close_old_connections

from tickets.channels.chat import news
from tickets.services.chat_lines import NewLine, Stored, store
from tickets.services.chat_reading import line_data

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")
_MOST_AT_ONCE = 400
# One for what is written, whose connection stays; others for what windows read meanwhile.
_writing = ThreadPoolExecutor(1, "chat-writer")
_reading = ThreadPoolExecutor(2, "chat-reader")


async def read(work: Callable[..., Answer], *arguments: Any, **named: Any) -> Answer:
    """Runs something that asks the database, beside the sockets and beside what is being written."""
    return await _in_thread(_reading, partial(work, *arguments, **named))


async def write(work: Callable[..., Answer], *arguments: Any, **named: Any) -> Answer:
    """Runs something that changes the database, in line with what is said."""
    return await _in_thread(_writing, partial(work, *arguments, **named))


async def _in_thread(threads: ThreadPoolExecutor, work: Callable[[], Answer]) -> Answer:
    def with_connection() -> Answer:
        close_old_connections()
        try:
            return work()
        finally:
            close_old_connections()

    call = partial(copy_context().run, with_connection)
    return await asyncio.get_running_loop().run_in_executor(threads, call)


class Writer:
    """Takes lines in the order in which they are put, and tells each chat's windows when they are written."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[NewLine, asyncio.Future[Stored]]] = deque()
        self._task: asyncio.Task[None] | None = None

    def put(self, line: NewLine) -> asyncio.Future[Stored]:
        """The line will be written; the future says what became of it. It fails when the database did."""
        future: asyncio.Future[Stored] = asyncio.get_running_loop().create_future()
        self._waiting.append((line, future))
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._work())
        return future

    async def _work(self) -> None:
        while self._waiting:
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_AT_ONCE))]
            try:
                stored = await write(_store_and_tell, [line for line, _ in group])
            except DatabaseError as error:
                logger.warning(
                    "%s lines of chats were not written; their windows send them again. %s", len(group), error
                )
                _fail([future for _, future in group], error)
                continue
            except Exception as error:
                _fail([future for _, future in group], error)
                raise
            for (_line, future), (result, _data) in zip(group, stored, strict=True):
                if not future.done():
                    future.set_result(result)
            await self._tell([(line, data) for (line, _), (_result, data) in zip(group, stored, strict=True) if data])

    async def _tell(self, lines: Sequence[tuple[NewLine, dict[str, Any]]]) -> None:
        by_chat: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        for line, data in lines:
            by_chat[line.chat_id].append(data)
        for chat_id, said in by_chat.items():
            await news.send(news.group_of(chat_id), {"type": "chat.lines", "chat": str(chat_id), "lines": said})


def _store_and_tell(lines: Sequence[NewLine]) -> list[tuple[Stored, dict[str, Any] | None]]:
    """Each line's fate, and its data for the windows where it was written now or before."""
    return [(one, line_data(one.message, has_files=False) if one.message else None) for one in store(lines)]


def _fail(futures: Sequence[asyncio.Future[Stored]], error: Exception) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(error)


_writers: dict[asyncio.AbstractEventLoop, Writer] = {}


def writer() -> Writer:
    """This loop's writer; a process has one loop."""
    loop = asyncio.get_running_loop()
    if loop not in _writers:
        _writers.clear()
        _writers[loop] = Writer()
    return _writers[loop]
