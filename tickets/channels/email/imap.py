"""Reading a mailbox by IMAP (RFC 9051; RFC 2177 for IDLE, RFC 6851 for MOVE).

A mail is in the database before it is marked as read, and before the place in the folder moves on. So whatever ends
in between, the next run reads it again, and the same bytes are taken once.
"""

from __future__ import annotations

import contextlib
import logging
import ssl
import time
from collections.abc import Sequence
from datetime import timedelta
from threading import Event

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from tickets.channels.email.cutting import cut, kept_bytes
from tickets.channels.email.imap_account import Account
from tickets.channels.email.imap_login import log_in
from tickets.channels.email.inbound import receive
from tickets.channels.email.oauth import TokenRefused
from tickets.models import FetchPosition, InboundMail
from tickets.services import fetching

logger = logging.getLogger(__name__)

_TIMEOUT = SocketTimeout(connect=20, read=60)
# RFC 2177 asks for less than 29 minutes. Far less, because routers between forget a silent line and tell nobody, and
# because a server may tell of a mail in its answer to another command, where no IDLE hears it.
_IDLE_SECONDS = 60
_CLAIM_SECONDS = 20
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Read again after the server has numbered its mails anew: by date, a little before the last time.
_OVERLAP = timedelta(days=3)
_PAUSES = (5, 10, 30, 60, 120, 300)
# A wrong password that is tried too often locks the account of whoever owns it.
_PAUSES_AFTER_LOGIN = (60, 300, 900)
_PAUSES_WHILE_BUSY = (30,)


class Busy(Exception):
    """Another process reads the folder."""


def fetch_once(account: Account, *, reader: str = "") -> int:
    """Reads what is new. Returns how many mails were taken.

    Raises Busy, TokenRefused, IMAPClientError, OSError, DatabaseError.
    """
    reader = reader or fetching.this_process()
    position = fetching.claim(account.name, account.folder, reader=reader)
    if position is None:
        raise Busy
    try:
        with connect(account) as client:
            return _Folder(client, account, position, reader).read_new()
    finally:
        fetching.release(position, reader=reader)


def follow(account: Account, stop: Event, *, reader: str = "") -> None:
    """Reads what is new as it comes, until told to stop. Whatever fails is tried again after a growing pause."""
    reader = reader or fetching.this_process()
    failures = 0
    while not stop.is_set():
        began = time.monotonic()
        pauses: Sequence[int] = _PAUSES
        try:
            _follow_connected(account, stop, reader)
            return
        except Busy:
            pauses = _PAUSES_WHILE_BUSY
            logger.info("%s: another process reads %s.", account.name, account.folder)
        except LoginError as error:
            pauses = _PAUSES_AFTER_LOGIN
            _note_failure(account, f"The mail server refuses the login: {_reason(error, account)}")
        except TokenRefused as error:
            pauses = _PAUSES_AFTER_LOGIN
            _note_failure(account, _reason(error, account))
        except (IMAPClientError, OSError, DatabaseError, InterfaceError) as error:
            _note_failure(account, _reason(error, account))
        except Exception as error:  # one account that nobody foresaw must not go quiet for ever
            logger.exception("%s: reading it failed.", account.name)
            _note_failure(account, _reason(error, account))
        finally:
            _let_go_of_database()
        # A line that held for a while is a line that was lost, not one that never came about.
        failures = 0 if time.monotonic() - began > _PAUSES[-1] else failures + 1
        stop.wait(pauses[min(max(failures - 1, 0), len(pauses) - 1)])


def _follow_connected(account: Account, stop: Event, reader: str) -> None:
    position = fetching.claim(account.name, account.folder, reader=reader)
    if position is None:
        raise Busy
    try:
        with connect(account) as client:
            folder = _Folder(client, account, position, reader)
            while not stop.is_set():
                if not folder.read_new():
                    folder.wait(stop)
    finally:
        fetching.release(position, reader=reader)


def _let_go_of_database() -> None:
    """Whoever waits keeps no connection; one in which a caller has begun a transaction is not ours to close."""
    if not connection.in_atomic_block:
        connection.close()


def _note_failure(account: Account, reason: str) -> None:
    logger.warning("%s, %s: %s", account.name, account.folder, reason)
    try:
        fetching.failed(account.name, account.folder, reason)
    except (DatabaseError, InterfaceError):
        logger.warning("%s: and the database is away.", account.name)


def _reason(error: Exception, account: Account) -> str:
    text = str(error) or type(error).__name__
    return " ".join(without_secret(text, account).split())


def without_secret(text: str, account: Account) -> str:
    return text.replace(account.password, "***") if account.password else text


def connect(account: Account) -> IMAPClient:
    """A connection, logged in. Raises LoginError, TokenRefused, IMAPClientError or OSError."""
    context = ssl.create_default_context()
    is_tls = account.scheme == "imaps"
    client = IMAPClient(
        account.host, account.port, ssl=is_tls, ssl_context=context if is_tls else None, timeout=_TIMEOUT
    )
    try:
        if account.scheme == "imap+starttls":
            client.starttls(context)
        log_in(client, account)
    except BaseException:
        # A failed handshake has closed the line already.
        with contextlib.suppress(OSError):
            client.shutdown()
        raise
    return client


class _Folder:
    """One folder, selected on one connection, and the place up to which it is read."""

    def __init__(self, client: IMAPClient, account: Account, position: FetchPosition, reader: str) -> None:
        self._client = client
        self._account = account
        self._position = position
        self._reader = reader
        self._claimed_at = time.monotonic()
        if account.move_to and not client.folder_exists(account.move_to):
            client.create_folder(account.move_to)
        selected = client.select_folder(account.folder)
        self._uid_validity = int(selected.get(b"UIDVALIDITY", 1))
        self._next_uid = int(selected.get(b"UIDNEXT", 0))

    def read_new(self) -> int:
        """Takes what has come since the last time; returns how many mails that were."""
        taken = self._catch_up() if self._position.uid_validity != self._uid_validity else 0
        last = self._position.last_uid
        # A range that ends in * holds the last mail even where that lies below its beginning (RFC 9051, 9).
        uids = [uid for uid in self._client.search(f"UID {last + 1}:*") if uid > last]
        for uid in sorted(uids):
            taken += self._take_if_there(uid)
            fetching.advance(self._position, uid_validity=self._uid_validity, last_uid=uid)
        fetching.succeeded(self._position)
        return taken

    def _catch_up(self) -> int:
        """Numbers from before mean nothing: the folder is new to us, or the server has numbered it anew."""
        uids = sorted(self._unread_by_us())
        taken = sum(self._take_if_there(uid) for uid in uids)
        # The place moves on only now: until then a run that ends in between begins anew.
        last = max([self._next_uid - 1, *uids, 0])
        fetching.advance(self._position, uid_validity=self._uid_validity, last_uid=last)
        return taken

    def _unread_by_us(self) -> list[int]:
        if self._position.uid_validity and self._position.fetched_at:
            since = self._position.fetched_at - _OVERLAP
            logger.warning("%s has numbered %s anew; reading it again.", self._account.name, self._account.folder)
            return list(self._client.search(f"OR UNSEEN SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}"))
        if self._account.start == "new":
            return []
        return list(self._client.search(self._account.start.upper()))

    def _take_if_there(self, uid: int) -> int:
        """1 when the mail was taken, 0 when somebody has deleted it meanwhile."""
        self._keep_claim()
        size = self._client.fetch([uid], ["RFC822.SIZE"]).get(uid, {}).get(b"RFC822.SIZE")
        if size is None:
            return 0
        is_cut = size > settings.MAIL_MAX_BYTES
        raw = self._raw(uid, size if is_cut else 0)
        if not raw:
            return 0
        try:
            receive(raw, source=InboundMail.Source.IMAP)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # whatever one mail breaks, those behind it must get through
            logger.exception("%s: mail %s could not be kept; it stays in the mailbox.", self._account.name, uid)
            self._mark(uid, [b"\\Flagged"])
            return 0
        self._put_away(uid, is_cut=is_cut)
        return 1

    def _raw(self, uid: int, size: int) -> bytes:
        """The mail; of one that is too large (`size` bytes) the beginning, with a header that says so."""
        part = f"BODY.PEEK[]<0.{kept_bytes()}>" if size else "BODY.PEEK[]"
        found = self._client.fetch([uid], [part]).get(uid, {})
        raw = bytes(next((value for name, value in found.items() if name.startswith(b"BODY[]")), b"") or b"")
        return cut(raw, size) if raw and size else raw

    def _put_away(self, uid: int, *, is_cut: bool) -> None:
        """Marks it as read and moves it, where that is asked for. One that was cut stays, flagged, to be read there."""
        if is_cut:
            self._mark(uid, [b"\\Flagged"])
            return
        self._mark(uid, [b"\\Seen"])
        if not self._account.move_to:
            return
        try:
            if self._client.has_capability("MOVE"):
                self._client.move([uid], self._account.move_to)
            else:
                self._client.copy([uid], self._account.move_to)
                self._client.delete_messages([uid])
                if self._client.has_capability("UIDPLUS"):
                    self._client.uid_expunge([uid])
        except IMAPClient.AbortError:
            raise
        except IMAPClientError as error:
            logger.warning("%s: mail %s was not moved: %s", self._account.name, uid, error)

    def _mark(self, uid: int, flags: list[bytes]) -> None:
        try:
            self._client.add_flags([uid], flags, silent=True)
        except IMAPClient.AbortError:
            raise
        except IMAPClientError as error:
            # A mailbox that we may only read.
            logger.warning("%s: mail %s was not marked: %s", self._account.name, uid, error)

    def wait(self, stop: Event) -> None:
        """Until something may have come, by IDLE or by the clock."""
        _let_go_of_database()
        if self._client.has_capability("IDLE"):
            self._idle(stop)
        else:
            until = time.monotonic() + self._account.poll_seconds
            while not stop.wait(min(1.0, max(until - time.monotonic(), 0.0))) and time.monotonic() < until:
                self._keep_claim()
            self._client.noop()

    def _idle(self, stop: Event) -> None:
        until = time.monotonic() + _IDLE_SECONDS
        self._client.idle()
        heard: list[object] = []
        while not heard and not stop.is_set() and time.monotonic() < until:
            asked = time.monotonic()
            heard = self._client.idle_check(timeout=1)
            if not heard and time.monotonic() - asked < 0.5:
                raise OSError("the line was cut")
            self._keep_claim()
        self._client.idle_done()

    def _keep_claim(self) -> None:
        if time.monotonic() - self._claimed_at < _CLAIM_SECONDS:
            return
        if fetching.claim(self._account.name, self._account.folder, reader=self._reader) is None:
            raise Busy
        self._claimed_at = time.monotonic()
        _let_go_of_database()
