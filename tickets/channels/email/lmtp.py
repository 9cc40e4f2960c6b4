"""Taking mail from a mail server over LMTP (RFC 2033): one answer for each recipient, and none before it is stored.

Nobody logs in here: it listens where only the mail server can reach it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any, AnyStr, TypeVar

from aiosmtpd.lmtp import LMTP
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections

from tickets.channels.email.inbound import receive
from tickets.models import InboundMail, Mailbox
from tickets.services.channel_policy import support_address
from tickets.services.links import ticket_ids_in

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")

_TAKEN = "250 2.0.0 Taken"
_LATER = "451 4.3.0 Not now; try again"
_NOT_HERE = "550 5.1.2 No mail for that domain comes here"
_UNIX = "unix:"


@dataclass(frozen=True)
class Listen:
    """Where to listen: a path, or a host and port."""

    path: str = ""
    host: str = ""
    port: int = 0


def read_listen(value: str) -> Listen:
    """From `unix:/run/svar/lmtp`, `127.0.0.1:8024` or `[::1]:8024`. Raises ValueError with a sentence for people."""
    if value.startswith(_UNIX):
        return Listen(path=value.removeprefix(_UNIX))
    host, _, port = value.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()):
        raise ValueError(f"LMTP_LISTEN is {value!r}. Use 127.0.0.1:8024 or unix:/run/svar/lmtp.")
    return Listen(host=host.strip("[]"), port=int(port))


class _Protocol(LMTP):
    """aiosmtpd's, which answers once after the data; LMTP has an answer for each recipient (RFC 2033, 4.2)."""

    _answers = 1

    async def smtp_DATA(self, arg: str) -> None:
        self._answers = max(1, len(self.envelope.rcpt_tos)) if self.envelope else 1
        try:
            await super().smtp_DATA(arg)
        finally:
            self._answers = 1

    async def push(self, status: AnyStr) -> None:
        text = status.decode("ascii", "replace") if isinstance(status, bytes) else str(status)
        is_verdict = not text.startswith(("354", "501", "503"))
        for _ in range(self._answers if is_verdict else 1):
            await super().push(status)


class _Postman:
    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        try:
            is_known = await self._in_thread(lambda: takes_mail_for(address))
        except DatabaseError:
            logger.exception("Whether mail for a domain comes here could not be looked up.")
            return _LATER
        if not is_known:
            return _NOT_HERE
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        raw, sender, recipients = bytes(envelope.content), envelope.mail_from or "<>", list(envelope.rcpt_tos)
        try:
            mail = await self._in_thread(
                lambda: receive(raw, source=InboundMail.Source.LMTP, envelope_from=sender, envelope_to=recipients)
            )
        except Exception:  # whatever it is: the mail server keeps the mail, and nobody is told that it bounced
            logger.exception("A mail could not be stored; the mail server should try again.")
            return _LATER
        logger.info("Mail %s: %s", mail.pk, mail.outcome)
        return _TAKEN

    async def handle_exception(self, error: Exception) -> str:
        logger.error("An LMTP session went wrong.", exc_info=error)
        return _LATER

    async def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._pool, _with_database, work)


def _with_database(work: Callable[[], Answer]) -> Answer:
    close_old_connections()
    try:
        return work()
    finally:
        close_old_connections()


def takes_mail_for(address: str) -> bool:
    """Whether mail for an address comes here: any where MAIL_DOMAINS is not set, else one of those domains, and in
    any case whatever is an address of ours."""
    if not settings.MAIL_DOMAINS or ticket_ids_in(address):
        return True
    ours = [parseaddr(support_address())[1], *Mailbox.objects.values_list("address", flat=True)]
    domains = {*settings.MAIL_DOMAINS, *(one.rpartition("@")[2].lower() for one in ours)}
    return address.rpartition("@")[2].lower() in domains


async def serve(listen: Listen, stop: asyncio.Event, ready: Callable[[], None] = lambda: None) -> None:
    """Takes mail until told to stop. Raises OSError where it cannot listen."""
    loop = asyncio.get_running_loop()
    # Servers before us break long lines or do not; refusing them would send a customer's mail back.
    _Protocol.line_length_limit = settings.MAIL_MAX_BYTES
    with ThreadPoolExecutor(4, thread_name_prefix="lmtp") as pool:
        postman = _Postman(pool)

        def session() -> _Protocol:
            return _Protocol(
                postman, data_size_limit=settings.MAIL_MAX_BYTES, enable_SMTPUTF8=True, hostname="svar",
                ident="Svar", loop=loop,
            )  # fmt: skip

        if listen.path:
            path = Path(listen.path)
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
            server = await loop.create_unix_server(session, path=listen.path)
            # The folder decides who may come near.
            path.chmod(0o666)
        else:
            server = await loop.create_server(session, host=listen.host, port=listen.port)
        ready()
        async with server:
            await stop.wait()
