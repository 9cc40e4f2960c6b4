"""Takes one raw mail from standard input, for a mail server's pipe."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError

from tickets.channels.email.inbound import receive

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Takes one raw RFC 5322 message. Exit 0: taken or knowingly set aside; 75: try again later."

    def handle(self, *args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read()
        if not raw.strip():
            self.stdout.write("nothing was received")
            return
        try:
            mail = receive(raw)
        except (DatabaseError, OSError):
            logger.exception("A mail could not be stored; the mail server should try again")
            sys.exit(os.EX_TEMPFAIL)
        case = f" {mail.ticket.reference}" if mail.ticket else ""
        self.stdout.write(f"{mail.outcome}{case}")
