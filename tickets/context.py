"""What every page needs of cases: the ways to reach a person."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tickets.models import Channel, ChannelKind, ChannelPolicy
from tickets.services.channel_policy import ChannelOffer, ways_to_reach_us
from tickets.services.channel_words import address_of, label_of


def _known_without_a_database() -> list[ChannelOffer]:
    """On the error page of a broken database the form may fail again; a letter arrives."""
    channels = [Channel(kind=kind) for kind in (ChannelKind.EMAIL, ChannelKind.FORM)]
    listed = ChannelPolicy.Prominence.LISTED
    return [
        ChannelOffer(one.kind, True, True, listed, label_of(one, True), "", address_of(one, None)) for one in channels
    ]


def escape_hatches(request: HttpRequest) -> dict[str, Any]:
    """`escape_hatches` on every page, worked out only where a template shows them.

    `request.topic`, set by a view, makes the topic's own policy count, and `request.place` says what page it is.
    """

    def offers() -> list[ChannelOffer]:
        try:
            return ways_to_reach_us(getattr(request, "topic", None), place=getattr(request, "place", None))
        except DatabaseError:
            return _known_without_a_database()

    return {"escape_hatches": SimpleLazyObject(offers)}
