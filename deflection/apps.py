from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeflectionConfig(AppConfig):
    name = "deflection"
    verbose_name = _("Self-service")

    def ready(self) -> None:
        from deflection import receivers  # noqa: F401
