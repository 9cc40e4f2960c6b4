"""Handing work to the worker without ever failing the request that caused it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)
_is_quiet: ContextVar[bool] = ContextVar("is_quiet", default=False)


@contextmanager
def queue_nothing() -> Iterator[None]:
    """For bulk loads that finish all the work themselves: what would be queued meanwhile is not."""
    token = _is_quiet.set(True)
    try:
        yield
    finally:
        _is_quiet.reset(token)


def enqueue(task: Task[..., Any], *args: Any, not_before: datetime | None = None) -> bool:
    """Queues a task, for now or for later. False when the broker is away: the beat's sweepers find such work later."""
    try:
        if not_before:
            task.apply_async(args, eta=not_before)
        else:
            task.apply_async(args)
    except (OperationalError, OSError) as error:
        logger.warning("The broker is away; %s waits for the sweeper. %s", task.name, error)
        return False
    return True


@dataclass
class _Job:
    task: Task[..., Any]
    args: tuple[Any, ...]
    not_before: datetime | None = None
    is_queued: bool = False

    def __call__(self) -> None:
        self.is_queued = True
        enqueue(self.task, *self.args, not_before=self.not_before)


def enqueue_on_commit(task: Task[..., Any], *args: Any, not_before: datetime | None = None) -> None:
    """Queues a task when the surrounding transaction is in the database, so that it finds its rows.

    The same task with the same arguments is queued once a transaction, however often it was asked for.
    """
    job = _Job(task, args, not_before)
    # A job that has been queued already differs from one that has not, so only those that wait are found.
    waiting = (callback for _, callback, *_ in transaction.get_connection().run_on_commit)
    if not _is_quiet.get() and job not in waiting:
        transaction.on_commit(job)
