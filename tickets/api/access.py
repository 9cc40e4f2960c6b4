"""Who asks: a token in the `Authorization` header, and what it may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from tickets.models import ApiToken, Ticket
from tickets.models.tickets import TicketQuerySet
from tickets.services.tokens import may, token_behind

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

WORK_CASES = "tickets.work_cases"
VIEW_CASES = "tickets.view_ticket"
_KEYWORD = "Token"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token svar_...`. A session's cookie says nothing here, so no page can be made to ask."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != _KEYWORD.lower().encode():
            return None
        token = token_behind(parts[1].decode("latin-1")) if len(parts) == 2 else None
        if token is None:
            raise exceptions.AuthenticationFailed(_("The token is not valid, or no longer."))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return f'{_KEYWORD} realm="api"'


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token svar_...`, made in the admin under API tokens. It has the rights of its role.",
        }


class WorksCases(BasePermission):
    """The token's role works with cases; for reading, it is enough that it may view them."""

    def has_permission(self, request: Request, view: Any) -> bool:
        token = request.auth
        if not isinstance(token, ApiToken):
            return False
        return may(token, WORK_CASES) or (request.method in SAFE_METHODS and may(token, VIEW_CASES))


def person_of(request: Request) -> User:
    """In whose name the token acts."""
    assert isinstance(request.auth, ApiToken)  # `WorksCases` lets nobody else in
    return request.auth.user


def cases_of(request: Request) -> TicketQuerySet:
    """The cases that this person may see."""
    return Ticket.objects.visible_to(person_of(request))
