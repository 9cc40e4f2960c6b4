"""Handing work to the worker without ever failing the request that caused it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
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


def enqueue(task: Task[..., Any], *args: Any) -> bool:
    """Queues a task now. False when the broker is away: the beat's sweepers find such work later."""
    try:
        task.apply_async(args)
    except (OperationalError, OSError) as error:
        logger.warning("The broker is away; %s waits for the sweeper. %s", task.name, error)
        return False
    return True


def enqueue_on_commit(task: Task[..., Any], *args: Any) -> None:
    """Queues a task once the surrounding transaction is in the database, so that it finds its rows."""
    if not _is_quiet.get():
        transaction.on_commit(lambda: enqueue(task, *args))
