"""Takes one raw mail from standard input, for a mail server's pipe."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error as DatabaseError

from tickets.channels.email.inbound import receive
from tickets.models import InboundMail

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Takes one raw RFC 5322 message. Exit 0: taken or knowingly set aside; 75: try again later."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="sender", help="the envelope's sender; empty for a bounce")
        parser.add_argument(
            "--to", action="append", default=[], dest="recipients", help="a recipient of the envelope; may be repeated"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read()
        if not raw.strip():
            self.stdout.write("nothing was received")
            return
        try:
            mail = receive(
                raw,
                source=InboundMail.Source.PIPE,
                envelope_from=_return_path(options["sender"]),
                envelope_to=[address for address in options["recipients"] if address],
            )
        except (DatabaseError, OSError):
            logger.exception("A mail could not be stored; the mail server should try again")
            sys.exit(os.EX_TEMPFAIL)
        case = f" {mail.ticket.reference}" if mail.ticket else ""
        self.stdout.write(f"{mail.outcome}{case}")


def _return_path(sender: str | None) -> str:
    """Mail servers give the empty return path as nothing, as <> or as MAILER-DAEMON; None: they gave none at all."""
    if sender is None:
        return ""
    return "<>" if sender.strip() in ("", "<>", "MAILER-DAEMON") else sender.strip()
