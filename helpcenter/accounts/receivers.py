"""One library event: after a migration the roles get their permissions."""

from typing import Any

from django.apps import apps
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from helpcenter.accounts.roles import sync_roles


@receiver(post_migrate)
def give_roles_their_permissions(sender: Any, **kwargs: Any) -> None:
    # The signal comes once for each app with models, in their order: all permissions exist at the last.
    if sender == [config for config in apps.get_app_configs() if config.models_module is not None][-1]:
        sync_roles()
