"""Cache invalidation only."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from deflection.models import MatchingSettings
from deflection.models.matching import forget_threshold


@receiver([post_save, post_delete], sender=MatchingSettings)
def forget_matching_settings(**kwargs: Any) -> None:
    forget_threshold()
