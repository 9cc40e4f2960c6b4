from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = _("Cases")

    def ready(self) -> None:
        from knowledge import topic_checks
        from tickets import receivers  # noqa: F401 (connects them)
        from tickets.services.channel_guard import check_topic

        topic_checks.register(check_topic)
