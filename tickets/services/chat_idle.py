"""Chats that nobody is in any more: they end by themselves, and what was said to nobody goes by e-mail.

Run every few seconds by the worker, so that neither depends on a web process that was started anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery
from django.utils import timezone

from tickets.models import ChannelKind, Chat, Identity, Message, OutboxMessage
from tickets.services import chat_letters, chats

LEFT_FOR = timedelta(minutes=15)
"""After which a chat ends whose customer has left, and in which nothing was said either."""
SILENT_FOR = timedelta(minutes=60)
"""After which a chat ends in which we have spoken last, although its window is open."""
GONE_FOR = timedelta(seconds=90)
"""After which a customer who is away gets by e-mail what we wrote; whoever loads a page anew is back by then."""
_WROTE_BEFORE = timedelta(seconds=60)
_LOOK_BACK = timedelta(days=2)


def end_idle(*, at: datetime | None = None) -> int:
    """Ends what lies idle; returns how many chats that were. One that still waits for its first answer never does."""
    now = at or timezone.now()
    rows = Chat.objects.filter(state__in=[Chat.State.ACTIVE, Chat.State.MISSED])
    rows = rows.annotate(last_at=Max("messages__created_at"))
    last = Message.objects.filter(chat=OuterRef("pk"), chat_seq=OuterRef("last_seq"))
    has_left = Q(last_at__lt=now - LEFT_FOR, customer_seen_at__lt=now - LEFT_FOR)
    is_silent = Q(Exists(last.filter(kind=Message.Kind.OUTBOUND)), last_at__lt=now - SILENT_FOR)
    idle = list(rows.filter(has_left | is_silent))
    for chat in idle:
        chats.end(chat, Chat.Side.SYSTEM, at=now)
    return len(idle)


def send_unseen(*, at: datetime | None = None) -> int:
    """Sends by e-mail what we said after customers had left; returns to how many."""
    now = at or timezone.now()
    found = list(_with_unseen(now).values_list("pk", flat=True))
    return sum(_send_one(pk) for pk in found)


def _with_unseen(now: datetime) -> Any:
    ours = Message.objects.filter(chat=OuterRef("pk"), kind=Message.Kind.OUTBOUND, channel=ChannelKind.CHAT)
    last = ours.order_by("-chat_seq")
    address = Identity.objects.filter(customer=OuterRef("ticket__customer"), kind=Identity.Kind.EMAIL)
    sent = OutboxMessage.objects.filter(message__chat=OuterRef("pk"), message__chat_seq=OuterRef("last_of_ours"))
    # The names that annotations add are not known to the types.
    rows: Any = Chat.objects.filter(
        customer_seen_at__lt=now - GONE_FOR, customer_seen_at__gt=now - _LOOK_BACK, last_seq__gt=F("seen_by_customer")
    )
    rows = rows.annotate(
        last_of_ours=Subquery(last.values("chat_seq")[:1]), last_of_ours_at=Subquery(last.values("created_at")[:1])
    )
    rows = rows.filter(last_of_ours__gt=F("seen_by_customer"), last_of_ours_at__lt=now - _WROTE_BEFORE)
    return rows.filter(Exists(address), ~Exists(sent))


@transaction.atomic
def _send_one(number: UUID) -> bool:
    chat = Chat.objects.select_for_update(of=("self",)).select_related("ticket__customer").get(pk=number)
    return chat_letters.send_unseen(chat) is not None
