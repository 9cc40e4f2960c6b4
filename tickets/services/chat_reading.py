"""What was said in a chat, read: by windows from a number on, with what came into its case by other ways."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from tickets.channels.chat.news import tell_on_commit
from tickets.models import Chat, Message
from tickets.services import intake
from tickets.services.chat_lines import number
from tickets.services.links import attachment_path
from tickets.services.public_names import agent_name, customer_name

MOST_LINES = 500
"""Lines that are read at a time."""


def _said_elsewhere(ticket: Any, begun: Any, at: datetime) -> Any:
    """What was said in the case by other ways since a chat of it began, and may be shown outside."""
    rows = Message.objects.visible_to_customer(at).filter(ticket=ticket, chat=None, created_at__gte=begun)
    return rows.order_by("created_at", "pk")


@transaction.atomic
def gather(chat_id: UUID, *, at: datetime | None = None) -> int:
    """Brings into a chat what was said in its case by other ways since it began, such as an answer by e-mail.

    Only the newest chat of a case gathers. Returns how many lines came in.
    """
    chat = Chat.objects.select_for_update(of=("self",)).select_related("ticket").filter(pk=chat_id).first()
    if chat is None or Chat.objects.filter(ticket=chat.ticket_id, begun_at__gt=chat.begun_at).exists():
        return 0
    found = list(_said_elsewhere(intake.locked_last(chat.ticket), chat.begun_at, at or timezone.now()))
    if found:
        number(chat, found)
        tell_on_commit(chat.pk, "said")
    return len(found)


def with_said_elsewhere(chats: Any, at: datetime) -> Any:
    """Marks chats (a queryset) with `has_said_elsewhere`, in the same query."""
    ticket = Coalesce(OuterRef("ticket__merged_into"), OuterRef("ticket"))
    return chats.annotate(has_said_elsewhere=Exists(_said_elsewhere(ticket, OuterRef("begun_at"), at)))


def lines_after(chat: Chat, seq: int = 0, *, limit: int = MOST_LINES) -> list[Message]:
    """What was said after a number, in order, notes left out; `limit` at a time."""
    rows = Message.objects.said().filter(chat=chat, chat_seq__gt=seq).order_by("chat_seq")
    return list(rows.select_related("author", "customer").prefetch_related("attachments")[:limit])


def line_data(message: Message, *, has_files: bool = True) -> dict[str, Any]:
    """A line as windows on both sides get it; `has_files` False saves the look for files where there are none."""
    is_ours = message.kind == Message.Kind.OUTBOUND
    who = agent_name(message.author) if is_ours else customer_name(message.customer) if message.customer else ""
    return {
        "seq": message.chat_seq,
        "side": str(Chat.Side.AGENT if is_ours else Chat.Side.CUSTOMER),
        "who": who,
        "agent": message.author_id,
        "body": message.body,
        "at": message.created_at.isoformat(),
        "key": message.external_id.removeprefix("chat:") if message.external_id.startswith("chat:") else "",
        "channel": message.channel,
        "files": [_file_data(one) for one in message.attachments.all()] if has_files else [],
    }


def _file_data(file: Any) -> dict[str, Any]:
    return {
        "name": file.name,
        "size": file.size,
        "size_text": filesizeformat(file.size),
        "url": attachment_path(file),
        "is_image": file.is_image,
    }


@transaction.atomic
def mark_seen(seen: dict[UUID, dict[str, int]]) -> None:
    """Notes how far each side has read: chat -> side -> number. A number never goes back."""
    for pk, sides in sorted(seen.items()):
        for side, seq in sides.items():
            name = "seen_by_agent" if side == Chat.Side.AGENT else "seen_by_customer"
            rows = Chat.objects.filter(Q(pk=pk), Q(**{f"{name}__lt": seq}), Q(last_seq__gte=seq))
            rows.update(**{name: seq})
