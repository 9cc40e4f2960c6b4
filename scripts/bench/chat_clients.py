"""The customers of the chats, in a process of their own: each says something every second, and has two windows open.

What one window says is acknowledged when it has its number back, and delivered when the other window shows it.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

_LAST_ANSWERS_SECONDS = 30.0


class Customer:
    def __init__(self, base: str, chat: dict[str, str]) -> None:
        self.chat = chat
        self._base = base
        self.said: list[str] = []
        self.sent_at: dict[str, float] = {}
        self.acknowledged: dict[str, float] = {}
        self.delivered: dict[str, float] = {}
        self.seen: dict[str, list[int]] = {"own": [], "other": []}
        self.bodies: list[str] = []

    async def window(self) -> ClientConnection:
        socket = await connect(f"{self._base}{self.chat['socket']}", compression=None, ping_interval=None)
        await socket.send(json.dumps({"type": "hello", "key": self.chat["key"], "after": 1}))
        frame = json.loads(await socket.recv())
        assert frame["type"] == "room", frame
        return socket

    async def listen(self, socket: ClientConnection, name: str) -> None:
        async for raw in socket:
            now = time.perf_counter()
            frame = json.loads(raw)
            if frame["type"] not in ("lines", "news"):
                continue
            for line in frame["lines"]:
                self.seen[name].append(line["seq"])
                if name == "own":
                    self.acknowledged[line["key"]] = now
                else:
                    self.delivered[line["key"]] = now
                    self.bodies.append(line["body"])

    async def talk(self, socket: ClientConnection, seconds: int) -> None:
        await asyncio.sleep(random.random())  # noqa: S311 (no secrets)
        for number in range(seconds):
            began = time.perf_counter()
            key = f"line-{number:06d}"
            body = f"This is what I say as number {number}, and it is about as long as what people write."
            self.said.append(body)
            self.sent_at[key] = time.perf_counter()
            await socket.send(json.dumps({"type": "say", "key": key, "body": body}))
            await asyncio.sleep(max(0.0, 1 - (time.perf_counter() - began)))

    @property
    def has_all(self) -> bool:
        return len(self.acknowledged) >= len(self.said) <= len(self.delivered)


async def run(base: str, chats: list[dict[str, str]], seconds: int) -> dict[str, Any]:
    customers = [Customer(base, chat) for chat in chats]
    began = time.perf_counter()
    own, other = [], []
    for start in range(0, len(customers), 50):
        some = customers[start : start + 50]
        own += await asyncio.gather(*(one.window() for one in some))
        other += await asyncio.gather(*(one.window() for one in some))
    opened = time.perf_counter() - began
    pairs = [(one, socket, "own") for one, socket in zip(customers, own, strict=True)]
    pairs += [(one, socket, "other") for one, socket in zip(customers, other, strict=True)]
    listening = [asyncio.create_task(one.listen(socket, name)) for one, socket, name in pairs]
    began = time.perf_counter()
    await asyncio.gather(*(one.talk(socket, seconds) for one, socket in zip(customers, own, strict=True)))
    talked = time.perf_counter() - began
    until = time.perf_counter() + _LAST_ANSWERS_SECONDS
    while time.perf_counter() < until and not all(one.has_all for one in customers):
        await asyncio.sleep(0.05)
    for socket in [*own, *other]:
        await socket.close()
    await asyncio.gather(*listening)
    return {
        "opened_s": opened,
        "talked_s": talked,
        "said": {one.chat["id"]: one.said for one in customers},
        "lost": sum(len(one.said) - len(set(one.bodies) & set(one.said)) for one in customers),
        "unacknowledged": sum(len(one.said) - len(one.acknowledged) for one in customers),
        "out_of_order": sum(one.bodies != one.said for one in customers)
        + sum(numbers != list(range(2, 2 + len(numbers))) for one in customers for numbers in one.seen.values()),
        "ack": [at - one.sent_at[key] for one in customers for key, at in one.acknowledged.items()],
        "delivery": [at - one.sent_at[key] for one in customers for key, at in one.delivered.items()],
    }


if __name__ == "__main__":
    what = json.load(sys.stdin)
    sys.stdout.write(json.dumps(asyncio.run(run(**what))) + "\n")
