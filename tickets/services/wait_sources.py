"""Where the usual waits come from: who wrote, chatted or asked to be called, and when a person was there for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tickets.models import Callback, ChannelKind, Chat, Ticket
from tickets.services.waits import Observation, register


def written(since: datetime, now: datetime) -> Iterator[Observation]:
    """From a form or a letter to the first answer. Cases that ended without one waited for none."""
    cases = (
        Ticket.objects.trusted()
        .unmerged()
        .filter(
            channel__in=[ChannelKind.FORM, ChannelKind.EMAIL],
            created_at__gte=since,
            created_at__lte=now,
            imported_from__isnull=True,
        )
    )
    rows = cases.order_by().values_list("channel", "created_at", "first_response_at", "topic", "status")
    for channel, came, answered, topic, status in rows.iterator():
        if answered is not None:
            yield Observation(channel, came, (answered - came).total_seconds(), topic=topic)
        elif status in Ticket.UNSETTLED:
            yield Observation(channel, came, (now - came).total_seconds(), is_answered=False, topic=topic)


def chatted(since: datetime, now: datetime) -> Iterator[Observation]:
    """From the first line to the agent who took the chat. Whom nobody took had no answer in any time."""
    rows = Chat.objects.filter(begun_at__gte=since, begun_at__lte=now).order_by()
    for begun, accepted, missed, topic, state in rows.values_list(
        "begun_at", "accepted_at", "missed_at", "ticket__topic", "state"
    ).iterator():
        if accepted is not None:
            yield Observation(ChannelKind.CHAT, begun, (accepted - begun).total_seconds(), topic=topic)
        elif missed is not None:
            yield Observation(ChannelKind.CHAT, begun, float("inf"), is_answered=False, topic=topic)
        elif state == Chat.State.WAITING:
            yield Observation(ChannelKind.CHAT, begun, (now - begun).total_seconds(), is_answered=False, topic=topic)


def called_back(since: datetime, now: datetime) -> Iterator[Observation]:
    """From the time that was promised (at once, or the next opening) to the first call. Who chose a time waits for
    that, not for us: they are left out."""
    calls: Any = Callback.objects.first_calls(since).filter(promised_at__lte=now, slot_at__isnull=True).order_by()
    for promised, tried, topic in calls.values_list("promised_at", "first_tried_at", "ticket__topic").iterator():
        if tried is not None:
            waited = max(0.0, (tried - promised).total_seconds())
            yield Observation(ChannelKind.CALLBACK, promised, waited, topic=topic)
    waiting = (
        Callback.objects.due(now).filter(promised_at__gte=since, slot_at__isnull=True, log__isnull=True).order_by()
    )
    for promised, topic in waiting.values_list("promised_at", "ticket__topic").iterator():
        waited = (now - promised).total_seconds()
        yield Observation(ChannelKind.CALLBACK, promised, waited, is_answered=False, topic=topic)


def register_all() -> None:
    for reader in (written, chatted, called_back):
        register(reader)
