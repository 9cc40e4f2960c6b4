from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "helpcenter.accounts"
    verbose_name = _("People and roles")

    def ready(self) -> None:
        from helpcenter.accounts import receivers  # noqa: F401
