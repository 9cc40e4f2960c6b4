"""How allauth behaves here: accounts are made by administrators, nobody signs up."""

from __future__ import annotations

from email.utils import formataddr, parseaddr
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import get_language

_WRITTEN_BY_A_MACHINE = {
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "DR, RN, NRN, OOF, AutoReply",
}


class ClosedSignupAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_from_email(self) -> str:
        from knowledge.models import Organisation
        from tickets.services.channel_policy import support_address

        name, address = parseaddr(support_address())
        return formataddr((name or Organisation.current().name, address))

    def get_login_redirect_url(self, request: HttpRequest) -> Any:
        from django.urls import reverse

        return reverse("after_login")

    def render_mail(self, template_prefix: str, email: Any, context: dict[str, Any], headers: Any = None) -> Any:
        """As allauth does it, with the organisation's name at hand, and marked as written by a machine (RFC 3834)."""
        from knowledge.models import Organisation

        return super().render_mail(
            template_prefix,
            email,
            {**context, "organisation": Organisation.current()},
            headers={**_WRITTEN_BY_A_MACHINE, "Content-Language": get_language() or "", **(headers or {})},
        )
