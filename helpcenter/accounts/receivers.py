"""One library event: after a migration the roles get their permissions."""

from typing import Any

from django.db.models.signals import post_migrate
from django.dispatch import receiver

from helpcenter.accounts.roles import sync_roles


@receiver(post_migrate)
def give_roles_their_permissions(sender: Any, **kwargs: Any) -> None:
    # Runs once, after the last app, when all permissions exist.
    if sender.name == "helpcenter.accounts":
        sync_roles()
