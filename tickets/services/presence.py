"""Who else has a case before them, and whether they are writing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tickets.models import Presence, Ticket
from tickets.models.working import PRESENT_FOR

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

TYPING_FOR = timedelta(seconds=20)
"""How long after the last key somebody still counts as writing."""


@dataclass(frozen=True)
class Present:
    name: str
    is_typing: bool


def arrive(ticket: Ticket, *, user: User, at: datetime, is_typing: bool = False) -> None:
    """A sign of life; the agent's own of other cases that have run out go with it, so the table stays small."""
    fields = ["seen_at", "typing_at"] if is_typing else ["seen_at"]
    Presence.objects.bulk_create(
        [Presence(ticket=ticket, user=user, seen_at=at, typing_at=at if is_typing else None)],
        update_conflicts=True,
        unique_fields=["ticket", "user"],
        update_fields=fields,
    )
    Presence.objects.filter(user=user, seen_at__lt=at - PRESENT_FOR).delete()


def leave(ticket: Ticket, *, user: User) -> None:
    Presence.objects.filter(ticket=ticket, user=user).delete()


def others(ticket: Ticket, *, user: User, at: datetime) -> list[Present]:
    """Everybody else who has the case open, those who write first."""
    rows = Presence.objects.current(at).filter(ticket=ticket).exclude(user=user).select_related("user")
    found = [Present(str(row.user), bool(row.typing_at and row.typing_at > at - TYPING_FOR)) for row in rows]
    return sorted(found, key=lambda one: (not one.is_typing, one.name))
