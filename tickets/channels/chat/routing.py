"""Which socket leads where.

A customer's socket shows a signed key in its first frame and needs no cookie: a window in any site may open one. What
is opened with a session's cookie, as agents do, comes from our own pages only.
"""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.urls import path, re_path

from tickets.channels.chat.agent import AgentWindow, DeskWatch
from tickets.channels.chat.customer import CustomerWindow

DESK_SOCKETS: list[Any] = [
    path("chats/", DeskWatch.as_asgi()),
    path("chats/<uuid:chat_id>/", AgentWindow.as_asgi()),
]
"""Sockets of the desk, below /ws/desk/; each gets `scope["user"]`."""


class OwnPagesOnly:
    """Lets a socket in that a page of ours has opened: a cookie says who somebody is, not which page asks."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        inner = self._inner if is_own_page(scope) else WebsocketDenier()
        await inner(scope, receive, send)


class FewOfOneAddress:
    """Refuses sockets beyond `CHAT_SOCKETS_PER_ADDRESS` from one address: each costs memory, and a program can open as
    many as it likes. A window that is refused goes on by ordinary requests, which have limits of their own."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Unknown where a proxy hands on by a file's socket and tells nothing: then all would be one.
        address = (scope.get("client") or ("",))[0]
        if not address or not settings.RATELIMIT_ENABLE:
            await self._inner(scope, receive, send)
        elif self._open[address] >= settings.CHAT_SOCKETS_PER_ADDRESS:
            await WebsocketDenier()(scope, receive, send)
        else:
            await self._counted(address, scope, receive, send)

    async def _counted(self, address: str, scope: Any, receive: Any, send: Any) -> None:
        self._open[address] += 1
        try:
            await self._inner(scope, receive, send)
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]


def is_own_page(scope: Any) -> bool:
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin1")
    host = headers.get(b"host", b"").decode("latin1")
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    domain, _port = split_domain_port(host)
    return bool(origin) and urlsplit(origin).netloc == host and validate_host(domain, settings.ALLOWED_HOSTS)


def sockets() -> Any:
    """The ASGI application for sockets."""
    desk = OwnPagesOnly(AuthMiddlewareStack(URLRouter(DESK_SOCKETS)))
    return URLRouter(
        [
            path("ws/chat/<uuid:chat_id>/", FewOfOneAddress(CustomerWindow.as_asgi())),  # type: ignore[arg-type]
            # Not `path`: it would have to match to the end, and what follows is the inner router's to read.
            re_path(r"^ws/desk/", desk),  # type: ignore[arg-type]
            re_path(r"^", WebsocketDenier.as_asgi()),
        ]
    )
