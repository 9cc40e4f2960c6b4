"""Two library events: after a migration the roles get their permissions; a login code that was entered shows that
its reader has the address."""

from typing import Any

from allauth.account.signals import authentication_step_completed
from django.apps import apps
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from helpcenter.accounts.roles import sync_roles
from tickets.services.customer_logins import confirm_address


@receiver(post_migrate)
def give_roles_their_permissions(sender: Any, **kwargs: Any) -> None:
    # The signal comes once for each app with models, in their order: all permissions exist at the last.
    if sender == [config for config in apps.get_app_configs() if config.models_module is not None][-1]:
        sync_roles()


@receiver(authentication_step_completed)
def confirm_customer_address(sender: Any, **kwargs: Any) -> None:
    if kwargs.get("method") == "code" and kwargs.get("email"):
        confirm_address(kwargs["email"])
