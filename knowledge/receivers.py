"""Cache invalidation only."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from knowledge.models import Organisation


@receiver(post_save, sender=Organisation)
def forget_organisation(**kwargs: Any) -> None:
    Organisation.forget_current()
