"""Background work of self-service: safe to run twice."""

from __future__ import annotations

from celery import shared_task

from deflection.services import demand


@shared_task
def find_gaps() -> int:
    return demand.find_gaps()
