"""Background work on the knowledge base: ids in, re-read, safe to run twice."""

from __future__ import annotations

from celery import Task, shared_task

from knowledge.search import maintenance
from knowledge.search.backend import LockError


@shared_task(bind=True, max_retries=20, default_retry_delay=2, autoretry_for=(LockError, OSError))
def index_text(self: Task[..., None], translation_id: int) -> None:
    maintenance.index_texts([translation_id])


@shared_task
def index_pending() -> int:
    return maintenance.index_pending()


@shared_task
def rebuild_index() -> int:
    return maintenance.rebuild()
