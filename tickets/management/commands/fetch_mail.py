"""Reads the mailboxes of IMAP_URLS, once or for ever."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from imapclient.exceptions import IMAPClientError

from tickets.channels.email.imap import Busy, fetch_once, follow, without_secret
from tickets.channels.email.imap_account import Account, read_account
from tickets.channels.email.oauth import TokenRefused
from tickets.services import fetching


class Command(BaseCommand):
    help = "Reads new mail from the IMAP accounts in IMAP_URLS as it comes; with --once reads what is there and ends."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="read what is there, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        # At DEBUG it would tell what is sent to the server.
        logging.getLogger("imapclient").setLevel(logging.WARNING)
        accounts = _accounts()
        fetching.forget_failures_but([account.name for account in accounts])
        if options["once"]:
            self._once(accounts)
        else:
            _for_ever(accounts)

    def _once(self, accounts: list[Account]) -> None:
        troubles = []
        for account in accounts:
            try:
                taken = fetch_once(account)
                self.stdout.write(f"{account.name}: {taken} taken")
            except Busy:
                self.stdout.write(f"{account.name}: another process reads it")
            except (TokenRefused, IMAPClientError, OSError, DatabaseError) as error:
                troubles.append(f"{account.name}: {without_secret(str(error), account)}")
        if troubles:
            raise CommandError("\n".join(troubles))


def _accounts() -> list[Account]:
    try:
        accounts = [read_account(url) for url in settings.IMAP_URLS if url.strip()]
    except ValueError as error:
        raise CommandError(str(error)) from None
    if not accounts:
        raise CommandError("IMAP_URLS is not set. See docs/mail.md.")
    return accounts


def _for_ever(accounts: list[Account]) -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    threads = [
        threading.Thread(target=follow, args=(account, stop), name=account.name, daemon=True) for account in accounts
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) and not stop.wait(1):
        pass
    for thread in threads:
        thread.join(10)
