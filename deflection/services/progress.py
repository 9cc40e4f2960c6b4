"""Reading a stream of events again and again from where one stopped, so that background jobs find what is new."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from deflection.models import LearningProgress

# Numbers are given when a row is written, and seen when its transaction ends: the last few are always read again.
_READ_AGAIN = 200
_MOST_AT_ONCE = 1000

Event = TypeVar("Event", bound=Model)


def unread(stream: str, events: QuerySet[Event], *, again: int = _READ_AGAIN) -> list[Event]:
    """The next events, oldest first; the last few (`again`) that were read before are among them, so reading must be
    safe to repeat."""
    done = LearningProgress.objects.filter(stream=stream).values_list("last_event", flat=True).first() or 0
    read_before = list(events.filter(pk__gt=done - again, pk__lte=done).order_by("pk"))
    return read_before + list(events.filter(pk__gt=done).order_by("pk")[:_MOST_AT_ONCE])


def remember(stream: str, events: list[Any]) -> None:
    """To be called when the events of `unread` have been dealt with."""
    if events:
        LearningProgress.objects.update_or_create(stream=stream, defaults={"last_event": events[-1].pk})
