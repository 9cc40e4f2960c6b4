"""What has to happen in chats by itself: offers that are passed on, promises that are over.

Safe to run at any time, by any process, as often as one likes.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from tickets.models import Chat
from tickets.services import chat_idle, chat_offers, chats


def sweep(*, at: datetime | None = None) -> int:
    """Misses the chats whose promised time is over, offers those that wait, ends those that nobody is in, and sends
    what nobody saw. Returns how many changed."""
    now = at or timezone.now()
    due = list(Chat.objects.waiting().filter(promised_by__lte=now))
    missed = sum(chats.miss(one, at=now) for one in due)
    left = chat_idle.end_idle(at=now) + chat_idle.send_unseen(at=now)
    return missed + left + chat_offers.offer_waiting(at=now)
