"""Cache invalidation only."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from knowledge.models import Organisation, SearchTuning, Synonym


@receiver(post_save, sender=Organisation)
def forget_organisation(**kwargs: Any) -> None:
    Organisation.forget_current()


@receiver(post_save, sender=SearchTuning)
def forget_search_tuning(**kwargs: Any) -> None:
    SearchTuning.forget_current()


@receiver([post_save, post_delete], sender=Synonym)
def forget_synonyms(**kwargs: Any) -> None:
    Synonym.forget_stamp()
