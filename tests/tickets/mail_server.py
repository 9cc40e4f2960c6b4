"""A mail server on loopback that behaves as it is told to, and remembers what it took."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.processes import free_port


@dataclass
class Letter:
    sender: str
    recipients: list[str]
    mail: EmailMessage


@dataclass
class Behaviour:
    """What the server says next; each entry of a list is used once, and then it accepts."""

    to_recipients: dict[str, list[str]] = field(default_factory=dict)
    to_data: list[str] = field(default_factory=list)
    """A reply, or "hang" (says nothing), "hang early" (reads nothing), "cut" (takes it, and cuts the line)."""
    taken: list[Letter] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [str(letter.mail["Message-ID"]) for letter in self.taken]


class _Server(SMTP):
    async def smtp_DATA(self, arg: str) -> None:
        told: list[str] = self.event_handler.behaviour.to_data
        if told[:1] == ["hang early"]:
            told.pop(0)
            await self.push("354 go on")
            self.transport.pause_reading()
            await asyncio.sleep(30)
            return
        await super().smtp_DATA(arg)


class _Handler:
    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if replies := self.behaviour.to_recipients.get(address):
            return replies.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        told = self.behaviour.to_data.pop(0) if self.behaviour.to_data else "250 OK"
        if told == "hang":
            await asyncio.sleep(30)
        if told == "cut" or told.startswith("250"):
            mail = BytesParser(policy=policy.default).parsebytes(envelope.content)
            self.behaviour.taken.append(Letter(envelope.mail_from, list(envelope.rcpt_tos), mail))
        if told == "cut":
            server.transport.abort()
        return told


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


@contextmanager
def mail_server(behaviour: Behaviour, port: int | None = None) -> Iterator[int]:
    """Runs until the block ends; gives the port."""
    port = port or free_port()
    controller = _Controller(_Handler(behaviour), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
