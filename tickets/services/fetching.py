"""How far each mail folder has been read, and who reads it: one process at a time, on however many machines."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from tickets.models import FetchPosition

# A reader renews its claim several times in that span; one that has died on another machine is replaced after it.
CLAIM = timedelta(minutes=2)


def this_process() -> str:
    return f"{socket.gethostname()[:48]}/{os.getpid()}"


def claim(account: str, folder: str, *, reader: str, at: datetime | None = None) -> FetchPosition | None:
    """The place in a folder, for this reader to read on from; None while another one reads it. Renews a claim too."""
    now = at or timezone.now()
    position, _made = FetchPosition.objects.get_or_create(account=account, folder=folder)
    free = Q(reader__in=["", reader]) | Q(reader_until__isnull=True) | Q(reader_until__lt=now)
    if _is_dead(position.reader):
        free |= Q(reader=position.reader)
    taken = FetchPosition.objects.filter(free, pk=position.pk).update(reader=reader, reader_until=now + CLAIM)
    if not taken:
        return None
    position.refresh_from_db()
    return position


def _is_dead(reader: str) -> bool:
    """Whether a reader was a process of this machine that is no more: its successor need not wait."""
    host, _, number = reader.rpartition("/")
    if host != socket.gethostname()[:48] or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def release(position: FetchPosition, *, reader: str) -> None:
    FetchPosition.objects.filter(pk=position.pk, reader=reader).update(reader="", reader_until=None)


def advance(position: FetchPosition, *, uid_validity: int, last_uid: int) -> None:
    """Everything up to `last_uid` is in the database."""
    position.uid_validity, position.last_uid = uid_validity, last_uid
    FetchPosition.objects.filter(pk=position.pk).update(
        uid_validity=uid_validity, last_uid=last_uid, updated_at=timezone.now()
    )


def succeeded(position: FetchPosition) -> None:
    position.fetched_at = timezone.now()
    FetchPosition.objects.filter(pk=position.pk).update(fetched_at=position.fetched_at, last_error="")


def forget_failures_but(accounts: Collection[str]) -> None:
    """What failed with an account that is read no more troubles nobody; its place is kept, should it come back."""
    FetchPosition.objects.exclude(account__in=accounts).update(last_error="")


def failed(account: str, folder: str, reason: str) -> None:
    position, _made = FetchPosition.objects.get_or_create(account=account, folder=folder)
    FetchPosition.objects.filter(pk=position.pk).update(last_error=reason[:2000], updated_at=timezone.now())
