"""Background work on the knowledge base: safe to run twice, and nothing is lost where it is not run at all.

All of it is for the queue `index`, which one process serves. Where another one writes all the same, a task that
finds the lock taken tries again; the beat's sweep finds whatever is left.
"""

from __future__ import annotations

import logging

from celery import shared_task

from knowledge.search import maintenance
from knowledge.search.storage import IndexBusy

logger = logging.getLogger(__name__)


@shared_task(autoretry_for=(IndexBusy,), max_retries=5, default_retry_delay=1)
def index_pending() -> int:
    """What publishing asks for. It indexes all that waits, so that one job does for many texts."""
    return maintenance.index_pending()


@shared_task
def sweep_index() -> int:
    """What the beat asks for every few seconds."""
    try:
        return maintenance.sweep()
    except IndexBusy as error:
        logger.info("The index is swept next time. %s", error)
        return 0


@shared_task
def repair_index() -> int:
    """What a search asks for that could not read the index."""
    try:
        return maintenance.repair()
    except IndexBusy as error:
        logger.info("The index is being built anew already. %s", error)
        return 0


@shared_task(autoretry_for=(IndexBusy,), max_retries=10, default_retry_delay=60)
def rebuild_index() -> int:
    """What the beat asks for each night: one segment, and no difference to the database left."""
    return maintenance.rebuild()
