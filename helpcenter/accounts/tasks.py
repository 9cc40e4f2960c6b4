"""What the beat asks for about accounts."""

from __future__ import annotations

from celery import shared_task

from helpcenter.accounts.unused import purge_unused_accounts


@shared_task
def purge_accounts() -> int:
    return purge_unused_accounts()
