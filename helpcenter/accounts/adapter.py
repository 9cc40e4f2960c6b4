"""How allauth behaves here: accounts are made by administrators, nobody signs up."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignupAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_from_email(self) -> str:
        from tickets.services.channel_policy import support_address

        return support_address()

    def get_login_redirect_url(self, request: HttpRequest) -> Any:
        from django.urls import reverse

        return reverse("after_login")

    def render_mail(self, template_prefix: str, email: Any, context: dict[str, Any], headers: Any = None) -> Any:
        """As allauth does it, with the organisation's name at hand."""
        from knowledge.models import Organisation

        return super().render_mail(
            template_prefix, email, {**context, "organisation": Organisation.current()}, headers=headers
        )
