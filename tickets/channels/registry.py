"""Which adapter delivers for which channel."""

from __future__ import annotations

from collections.abc import Callable

from tickets.channels.email.outbound import deliver_mail
from tickets.errors import DeliveryError
from tickets.models import ChannelKind, OutboxMessage

Deliver = Callable[[OutboxMessage], None]
"""Hands one message over, or raises DeliveryError. It must not change the row."""

_ADAPTERS: dict[str, Deliver] = {ChannelKind.EMAIL: deliver_mail}


def adapter_for(channel: str) -> Deliver:
    try:
        return _ADAPTERS[channel]
    except KeyError:
        raise DeliveryError(f"nothing delivers for the channel {channel!r}", is_permanent=True) from None
