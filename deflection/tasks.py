"""Background work of self-service: safe to run twice."""

from __future__ import annotations

from celery import shared_task

from deflection.matching import matcher
from deflection.services import demand, learning, rejections


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
