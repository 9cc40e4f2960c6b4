"""Whether somebody can answer a chat that begins now, as every page tells its reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from knowledge.models import Topic
from tickets.models import AgentAvailability, Channel, ChannelKind, ChannelPolicy
from tickets.services.channel_policy import ways_to_reach_us

_DEFAULT_PROMISE = timedelta(seconds=120)


@dataclass(frozen=True)
class StandingBy:
    """Whether somebody can answer a chat now, as customers are told."""

    is_open: bool
    """By opening hours and policy."""
    is_somebody_there: bool
    has_room: bool
    """Somebody takes a chat at once; otherwise all who are there are in as many as they take, or busy."""
    promise: timedelta
    """Within which there is an answer, or the customer is told that there is none."""
    detail: str
    """What the organisation says of its chat now, such as when it opens next."""

    @property
    def promise_minutes(self) -> int:
        return in_minutes(self.promise)

    @property
    def is_answered(self) -> bool:
        return self.is_open and self.is_somebody_there


def standing_by(topic: Topic | None = None, *, at: datetime | None = None) -> StandingBy:
    now = at or timezone.now()
    offers = ways_to_reach_us(topic, at=now, place=ChannelPolicy.Place.CHANNELS)
    offer = next((one for one in offers if one.kind == ChannelKind.CHAT), None)
    return StandingBy(
        is_open=offer is not None and offer.is_offered and (offer.is_open or not offer.is_staffed),
        is_somebody_there=offer is not None and offer.is_staffed,
        has_room=AgentAvailability.objects.with_room(now).exists(),
        promise=promise(),
        detail=offer.detail if offer else "",
    )


def in_minutes(span: timedelta) -> int:
    """Whole minutes, rounded up, as a promise is told."""
    return max(1, -(-round(span.total_seconds()) // 60))


def promise() -> timedelta:
    """Within which a chat that waits is answered, or its customer is told that it is not."""
    seconds = Channel.objects.filter(kind=ChannelKind.CHAT).values_list("promised_seconds", flat=True).first()
    return _DEFAULT_PROMISE if seconds is None else timedelta(seconds=seconds)
