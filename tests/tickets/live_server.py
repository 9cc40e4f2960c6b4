"""The real server in a thread of the test: sockets, pages and the database of the test at once."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvicorn
from channels.layers import channel_layers
from channels.routing import ProtocolTypeRouter
from django.db import connections
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from helpcenter.handler import ThreadedHandler
from tests.processes import free_port, until
from tickets.channels.chat import news, rooms, writer
from tickets.channels.chat.routing import sockets
from tickets.models import Chat
from tickets.services.chat_keys import chat_key, socket_path


class LiveServer:
    """`start` and `stop` as often as a test likes; the address stays."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        # A process that starts has no connections of another one's loop.
        channel_layers.backends = {}
        application = ProtocolTypeRouter({"http": ThreadedHandler(), "websocket": sockets()})
        config = uvicorn.Config(
            application, host="127.0.0.1", port=self.port, log_config=None, lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until(lambda: self._server is not None and self._server.started, seconds=20, what="the server's start")

    def tell(self, group: str, message: dict[str, Any]) -> None:
        """Sends to a group of the channel layer, as somebody within the server does."""
        assert news._loop is not None
        asyncio.run_coroutine_threadsafe(news.send(group, message), news._loop).result(10)

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(20)
            self._server = None


class FileDatabase:
    """SQLite's database of a test run lies in memory, where threads that write get in each other's way: for one test
    it lies in a file, as in production. Another database stays as it is."""

    def __init__(self, folder: Any) -> None:
        self._file = str(folder / "test.sqlite3")
        self._settings = connections.settings["default"]
        self._is_memory = connections["default"].vendor == "sqlite"

    def __enter__(self) -> None:
        if not self._is_memory:
            return
        self._before = connections["default"]
        self._name = self._settings["NAME"]
        self._before.ensure_connection()
        with sqlite3.connect(self._file) as file:
            self._before.connection.backup(file)
        self._settings["NAME"] = self._file
        connections["default"] = connections.create_connection("default")

    def __exit__(self, *_: object) -> None:
        if self._is_memory:
            connections["default"].close()
            self._settings["NAME"] = self._name
            connections["default"] = self._before


def use_fresh_threads(monkeypatch: Any) -> None:
    """The threads of chats keep their connection, which belongs to the database of one test."""
    monkeypatch.setattr(writer, "_writing", ThreadPoolExecutor(1))
    monkeypatch.setattr(writer, "_reading", ThreadPoolExecutor(2))
    monkeypatch.setattr(rooms, "LOOK_EVERY_SECONDS", 0.2)


class ChatWindow:
    """A customer's window: what it was sent, in order."""

    def __init__(
        self, server: LiveServer, chat: Chat, *, after: int = 0, key: str | None = None, **headers: Any
    ) -> None:
        self._socket = connect(f"ws://127.0.0.1:{server.port}{socket_path(chat)}", legacy=True, **headers)
        self.lines: list[dict[str, Any]] = []
        self.state: dict[str, Any] = {}
        self.notices: list[str] = []
        self.send(type="hello", key=chat_key(chat) if key is None else key, after=after)

    def send(self, **frame: Any) -> None:
        self._socket.send(json.dumps(frame))

    def say(self, body: str, key: str) -> None:
        self.send(type="say", body=body, key=key)

    def frame(self, *kinds: str) -> dict[str, Any]:
        """The next frame of such a kind; what comes before it is taken in."""
        while True:
            found: dict[str, Any] = json.loads(self._socket.recv(timeout=10))
            self.lines += found.get("lines", [])
            self.state = found.get("state", self.state)
            self.notices = [one["text"] for one in found["notices"]] if "notices" in found else self.notices
            if found["type"] in kinds:
                return found

    def until(self, number: int) -> list[str]:
        """The texts, once the line with this number is there."""
        while not self.lines or self.lines[-1]["seq"] < number:
            self.frame("room", "lines", "news")
        assert [one["seq"] for one in self.lines] == list(range(self.lines[0]["seq"], self.lines[-1]["seq"] + 1))
        return [one["body"] for one in self.lines]

    def closed_with(self) -> int:
        try:
            while True:
                self._socket.recv(timeout=10)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 0

    def break_off(self) -> None:
        """As when a network goes: no farewell."""
        self._socket.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._socket.close()
