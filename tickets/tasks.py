"""Background work on cases: ids in, re-read, safe to run twice."""

from __future__ import annotations

from celery import shared_task

from tickets.services import outbox


@shared_task
def deliver(outbox_id: str) -> bool:
    return outbox.deliver(outbox_id)


@shared_task
def sweep_outbox() -> int:
    return outbox.sweep()
