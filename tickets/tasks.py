"""Background work on cases: ids in, re-read, safe to run twice."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from knowledge.search.segments import IndexUnavailable
from knowledge.search.storage import IndexBusy
from tickets.search import upkeep
from tickets.services import bulk, drafts, duplicates, outbox, webhook_delivery

logger = logging.getLogger(__name__)


@shared_task
def deliver(outbox_id: str) -> bool:
    return outbox.deliver(outbox_id)


@shared_task
def sweep_outbox() -> int:
    return outbox.sweep()


@shared_task
def deliver_webhook(delivery_id: str) -> bool:
    return webhook_delivery.deliver(delivery_id)


@shared_task
def sweep_webhooks() -> int:
    return webhook_delivery.sweep()


@shared_task
def send_case_link_if_theirs(reference: str, email: str) -> bool:
    """What somebody wrote who has lost the link to their case; looked up here, so that the page tells nothing by its
    pace."""
    from tickets.services.link_notices import send_link_if_theirs

    return send_link_if_theirs(reference, email)


@shared_task(autoretry_for=(IndexBusy,), max_retries=5, default_retry_delay=1)
def index_waiting_cases() -> int:
    """What every change of a case asks for; one job does for all that waits."""
    try:
        return upkeep.index_waiting()
    except IndexUnavailable as error:
        logger.info("The sweep builds the index of cases. %s", error)
        return 0


@shared_task(autoretry_for=(IndexBusy,), max_retries=5, default_retry_delay=1)
def index_cases_of_customer(number: int) -> int:
    try:
        return upkeep.index_customer(number)
    except IndexUnavailable as error:
        logger.info("The sweep builds the index of cases. %s", error)
        return 0


@shared_task(autoretry_for=(IndexBusy,), max_retries=5, default_retry_delay=1)
def index_these_cases(numbers: list[int]) -> int:
    """Cases of which something was taken out that must be found no more."""
    try:
        return upkeep.index_cases(numbers)
    except IndexUnavailable as error:
        logger.info("The sweep builds the index of cases. %s", error)
        return 0


@shared_task
def sweep_case_index() -> int:
    """What the beat asks for every few seconds."""
    try:
        return upkeep.sweep()
    except IndexBusy as error:
        logger.info("The index of cases is swept next time. %s", error)
        return 0


@shared_task
def repair_case_index() -> int:
    """What a search asks for that could not use the index."""
    try:
        return upkeep.repair()
    except IndexBusy as error:
        logger.info("The index of cases is being built already. %s", error)
        return 0


@shared_task(autoretry_for=(IndexBusy,), max_retries=10, default_retry_delay=60)
def rebuild_case_index() -> int:
    """What the beat asks for each night: no difference to the database left, and no cases that are gone."""
    return upkeep.rebuild()


@shared_task
def run_bulk_job(job_id: str) -> int:
    return bulk.run(job_id)


@shared_task
def take_back_bulk_job(job_id: str) -> int:
    return bulk.take_back(job_id)


@shared_task
def sweep_bulk_jobs() -> int:
    return bulk.sweep()


@shared_task
def sweep_mail() -> int:
    """Letters that were kept by a process that ended before it had looked at them."""
    from tickets.channels.email.inbound import sweep

    return sweep()


@shared_task
def sweep_chats() -> int:
    """What the beat asks for every few seconds: offers that nobody answered go on, promises that are over are owned."""
    from tickets.services import chat_upkeep

    return chat_upkeep.sweep()


@shared_task
def prune_drafts() -> int:
    return drafts.prune(timezone.now() - drafts.KEPT_FOR)


@shared_task
def look_for_duplicates() -> int:
    return duplicates.look_for_duplicates()


@shared_task
def measure_waits() -> int:
    """How long people usually wait, for the pages that say so."""
    from tickets.services import wait_sources, waits

    wait_sources.register_all()
    return waits.measure()


@shared_task
def note_late_callbacks() -> int:
    from tickets.services.callback_calls import note_late

    return note_late()
