"""Requests answered by a few lasting threads.

Django's own ASGI handler begins a thread, and with it a database connection, for every request, and changes threads
four times on the way. Our views and middleware are all synchronous, so a request may as well stay in one thread, whose
connection is there already: half of the time of a small page.
"""

from __future__ import annotations

import asyncio
import ctypes
import itertools
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.http.response import HttpResponse, HttpResponseBase
from django.urls import set_script_prefix
from django.utils.http import parse_header_parameters

from helpcenter.languages import language_of_path

Answer = TypeVar("Answer")
Receive = Callable[[], Awaitable[dict[str, Any]]]

# Requests after which memory that nobody uses goes back to the system: 2 ms, and 40 MB of a process that encodes.
_GIVE_BACK_EVERY = 100
# glibc keeps what lies between pieces in use; other C libraries have no such function.
_give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)


# What stands around the files of a form, and what base 64 makes of a mail that a provider hands over.
_AROUND_FILES_BYTES, _AROUND_MAIL = 4 * 1024 * 1024, 2
# A long video from a telephone is some twenty times what a form may bring.
_THROWN_AWAY_MOST = 20


class _TooLarge(Exception):
    """More is being sent than any page of ours takes."""


def largest_body() -> int:
    """Bytes of the largest request that anybody has reason to send: a form with all its files, or a mail."""
    files = settings.ATTACHMENT_MAX_COUNT * settings.ATTACHMENT_MAX_BYTES
    return max(files, settings.MAIL_MAX_BYTES * _AROUND_MAIL) + _AROUND_FILES_BYTES


def _end_of_form(scope: Any) -> bytes:
    """How the body of a form with files on one of the customers' pages ends (RFC 7578); b"" for anything else."""
    header = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    kind, parameters = parse_header_parameters(header.decode("latin-1"))
    boundary = parameters.get("boundary", "") if kind == "multipart/form-data" else ""
    return f"\r\n--{boundary}--\r\n".encode("latin-1") if boundary and language_of_path(scope["path"]) else b""


def _counted(receive: Receive, at_most: int, *, end: bytes = b"") -> Receive:
    """The same, up to so many bytes: bodies wait on disk before anybody looks at them.

    A body for which there is an `end` gets it there, and the rest is thrown away as it comes. So much of files is more
    than any form takes, which can thus say so in its own words, with the text still in it.
    """
    received = 0

    async def receive_counted() -> dict[str, Any]:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received <= at_most:
            return message
        while end and message.get("more_body") and received <= _THROWN_AWAY_MOST * at_most:
            message = await receive()
            received += len(message.get("body", b""))
        if not end or message.get("more_body"):
            raise _TooLarge
        return message if message["type"] == "http.disconnect" else {**message, "body": end}

    return receive_counted


class ThreadedHandler(ASGIHandler):
    """Django as an ASGI application, each request in one of `WEB_THREADS` threads."""

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        self._answered = itertools.count(1)
        self._threads = ThreadPoolExecutor(settings.WEB_THREADS, thread_name_prefix="request")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise ValueError(f"Only HTTP is served here, not {scope['type']}.")
        try:
            # Before a thread is taken: however slowly somebody sends, nobody else waits for it.
            counted = _counted(receive, largest_body(), end=_end_of_form(scope))
            body = await self.read_body(counted)
        except RequestAborted:
            return
        except _TooLarge:
            # What is still on its way is not read: the web server closes the connection.
            await self.send_response(HttpResponse(status=413), send)
            return
        with body:
            response = await self._in_thread(self._respond, scope, body)
            try:
                await self.send_response(response, send)
            finally:
                if response.streaming:
                    await self._in_thread(response.close)

    async def _in_thread(self, work: Callable[..., Answer], *arguments: Any) -> Answer:
        # What a request sets (its language, its ID) ends with it.
        call = partial(copy_context().run, work, *arguments)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _respond(self, scope: Any, body: Any) -> HttpResponseBase:
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response = refusal if request is None else self.get_response(request)
        assert response is not None
        response._handler_class = self.__class__  # type: ignore[attr-defined]
        if not response.streaming:
            # All of it is in our hands. Closing ends the request for the database too, which knows this thread.
            response.close()
        if _give_back is not None and next(self._answered) % _GIVE_BACK_EVERY == 0:
            _give_back(0)
        return response
