"""Background work of self-service: safe to run twice."""

from __future__ import annotations

from celery import shared_task

from deflection.matching import matcher
from deflection.services import (
    arrivals,
    demand,
    demand_types,
    learning,
    news,
    rejections,
    retention,
    root_causes,
    uploads,
)


@shared_task
def find_gaps() -> int:
    return demand.find_gaps()


@shared_task
def learn_from_cases() -> int:
    return learning.learn_from_cases()


@shared_task
def gather_rejections() -> int:
    return rejections.gather_rejections()


@shared_task
def train_matcher() -> bool:
    return matcher.retrain()


@shared_task
def look_into_case(ticket_id: int) -> None:
    """What can be said of a case as soon as it is there."""
    arrivals.look_into(ticket_id)


@shared_task
def look_into_forgotten_cases() -> int:
    return arrivals.look_into_forgotten()


@shared_task
def learn_demand_types() -> bool:
    return demand_types.learn_demand_types()


@shared_task
def learn_root_causes() -> bool:
    return root_causes.learn_root_causes()


@shared_task
def work_out_outcomes() -> int:
    """What became of visits, and of those whom the hold-out assigned."""
    return news.look_up_what_became()


@shared_task
def prune_uploads() -> int:
    return uploads.prune()


@shared_task
def forget_journeys() -> int:
    return retention.forget_old()
