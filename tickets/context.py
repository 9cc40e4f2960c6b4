"""What every page needs of cases: the ways to reach a person."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tickets.services.channel_policy import ChannelOffer, ways_to_reach_us


def escape_hatches(request: HttpRequest) -> dict[str, Any]:
    """`escape_hatches` on every page, worked out only where a template shows them.

    `request.topic`, set by a view, makes the topic's own policy count, and `request.place` says what page it is.
    """

    def offers() -> list[ChannelOffer]:
        try:
            return ways_to_reach_us(getattr(request, "topic", None), place=getattr(request, "place", None))
        except DatabaseError:
            # The error page of a broken database must still show a way out; its template has a fixed one.
            return []

    return {"escape_hatches": SimpleLazyObject(offers)}
