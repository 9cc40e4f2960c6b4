"""Pages that stay right while rows change: each begins after the last row of the one before, not at a number."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

_LARGEST_ID = 2**62


def page_of(rows: QuerySet[Any], request: Request, *, by: str, limit: int, cursor: str) -> tuple[list[Any], str | None]:
    """The next `limit` rows in the order of the time `by`, then of their IDs; and the address of the page after.

    Raises a validation error for a cursor that we did not make.
    """
    if cursor:
        at, pk = _place(cursor)
        rows = rows.filter(Q(**{f"{by}__gt": at}) | Q(**{by: at, "pk__gt": pk}))
    found = list(rows.order_by(by, "pk")[: limit + 1])
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    query = [(name, value) for name, value in _given(request) if name != "cursor"]
    query.append(("cursor", _cursor(getattr(last, by), last.pk)))
    return found[:limit], f"{settings.SITE_URL}{request.path}?{urlencode(query)}"


def _given(request: Request) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, values in request.query_params.lists() for value in values]


def _cursor(at: datetime, pk: int) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {pk}".encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime, int]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        time, _space, number = text.rpartition(" ")
        at, pk = parse_datetime(time), int(number)
    except (binascii.Error, ValueError):
        at, pk = None, 0
    if at is None or at.tzinfo is None or not 0 < pk < _LARGEST_ID:
        raise serializers.ValidationError({"cursor": [_("Take the cursor from `next` of the page before.")]})
    return at, pk
