"""Errors that only the API of cases has, and which of them its addresses answer with."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status

from knowledge.problems import problems


class Conflict(exceptions.APIException):
    """What was asked for does not go together with how things stand."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("That does not go together with how things stand now.")
    default_code = "conflict"


class KeyReused(exceptions.APIException):
    """The idempotency key came before, with something else."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _("This idempotency key was used for another message.")
    default_code = "key_reused"


LIST_PROBLEMS = problems(400, 401, 403, 429)
READ_PROBLEMS = problems(400, 401, 403, 404, 429)
WRITE_PROBLEMS = problems(400, 401, 403, 404, 409, 413, 415, 429)
