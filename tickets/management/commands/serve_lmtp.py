"""Takes mail from a mail server over LMTP, until it is ended."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tickets.channels.email.lmtp import Listen, read_listen, serve


class Command(BaseCommand):
    help = "Takes mail over LMTP on LMTP_LISTEN: 127.0.0.1:8024, or unix:/run/svar/lmtp."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--listen", help="instead of LMTP_LISTEN")

    def handle(self, *args: Any, **options: Any) -> None:
        value = options["listen"] or settings.LMTP_LISTEN
        if not value:
            raise CommandError("LMTP_LISTEN is not set. See docs/mail.md.")
        try:
            listen = read_listen(value)
            asyncio.run(self._serve(listen, value))
        except ValueError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"Svar cannot listen on {value}: {os.strerror(error.errno or 0)}.") from error

    async def _serve(self, listen: Listen, where: str) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await serve(listen, stop, lambda: self.stdout.write(f"Taking mail over LMTP on {where}"))
