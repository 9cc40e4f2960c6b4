"""Cache invalidation, and looking into cases as they come."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from deflection.models import MatchingSettings
from deflection.models.matching import forget_threshold
from knowledge.background import enqueue_on_commit
from tickets.models import TicketEvent
from tickets.signals import case_event


@receiver([post_save, post_delete], sender=MatchingSettings)
def forget_matching_settings(**kwargs: Any) -> None:
    forget_threshold()


@receiver(case_event)
def look_into_new_case(event: TicketEvent, **kwargs: Any) -> None:
    if event.kind in TicketEvent.BEGINNINGS:
        # Imported late: with the tasks comes the matcher, which only those should load that use it.
        from deflection.tasks import look_into_case

        enqueue_on_commit(look_into_case, event.ticket_id)
