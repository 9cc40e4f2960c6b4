"""API errors as RFC 9457 problem details."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

CONTENT_TYPE = "application/problem+json"
_DESCRIPTIONS = {
    400: "Something in the request cannot be taken; `errors` says what.",
    401: "There is no token, or it is not valid, or no longer.",
    403: "The token's role may not do this.",
    404: "There is nothing here, or nothing that the token may see.",
    409: "The case was merged into another.",
    413: "The request is too large.",
    415: "The body is not JSON.",
    422: "The idempotency key came before, with another message.",
    429: "Too many requests; `Retry-After` says how many seconds to wait.",
}


class Problem(serializers.Serializer[Any]):
    """The shape of every error, for the schema."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    # The name is the standard's; a serializer's own `errors` is only asked for where it reads something.
    errors = serializers.DictField(required=False, help_text="By field.")  # type: ignore[assignment]


def problems(*codes: int) -> dict[Any, OpenApiResponse]:
    """What an address answers with these statuses, for `extend_schema`."""
    return {(code, CONTENT_TYPE): OpenApiResponse(Problem, _DESCRIPTIONS[code]) for code in codes}


def problem(status_code: int, title: str, detail: str = "", errors: dict[str, Any] | None = None) -> Response:
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status_code}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    return Response(body, status=status_code, content_type=CONTENT_TYPE)


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: the same errors, in the standard's shape."""
    response = exception_handler(error, context)
    if isinstance(error, RequestDataTooBig):
        return problem(status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, _("The request is not valid."), str(error))
    if response is None:
        return None
    errors: dict[str, Any] | None = None
    if isinstance(error, exceptions.ValidationError):
        errors = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
        title, detail = _("The request is not valid."), _first(errors)
    elif isinstance(error, Http404):
        title, detail = _("Not found."), ""
    elif isinstance(error, PermissionDenied):
        title, detail = _("Not allowed."), ""
    elif isinstance(error, exceptions.Throttled):
        title, detail = _("Too many requests. Wait a moment, then try again."), ""
    elif isinstance(error, exceptions.APIException):
        # Some of the framework's titles have a placeholder that only the detail fills in.
        title, detail = str(error.default_detail), str(error.detail)
        title = detail if "{" in title else title
    else:
        title, detail = "", ""
    shaped = problem(response.status_code, title, detail, errors)
    for name, value in response.items():
        if name not in ("Content-Type", "Content-Length"):
            shaped[name] = value
    if response.status_code >= status.HTTP_500_INTERNAL_SERVER_ERROR:
        shaped["Cache-Control"] = "no-store"
    return shaped


def _first(errors: dict[str, Any]) -> str:
    for field, messages in errors.items():
        if isinstance(messages, dict):
            return _first({f"{field}.{name}": inner for name, inner in messages.items()})
        text = messages[0] if isinstance(messages, list) and messages else messages
        return str(text) if field == "non_field_errors" else f"{field}: {text}"
    return ""
