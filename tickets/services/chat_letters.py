"""Letters about a chat: that nobody was there, what was answered after the customer had left, and all that was said.

They go through the outbox, and an answer to each comes back into the case, where the chat stands too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from tickets.models import Chat, Message, OutboxMessage
from tickets.services import notices
from tickets.services.form_guard import has_link
from tickets.services.public_names import agent_name

_MISSED, _SAID, _UNSEEN = "chat-missed", "chat-said", "chat-unseen"


@dataclass(frozen=True)
class Told:
    """One line as it stands in a letter."""

    who: str
    body: str
    at: datetime
    is_ours: bool


def tell_missed(chat: Chat) -> OutboxMessage | None:
    """Nobody answered: what they wrote has come in all the same, and the answer comes by e-mail. Once a chat's wait."""
    key = f"{_MISSED}:{chat.pk}:{chat.missed_at:%Y%m%dT%H%M%S}" if chat.missed_at else f"{_MISSED}:{chat.pk}"
    return notices.send_chat(chat.ticket, "chat_missed", key, lines=_told(chat))


def send_said(chat: Chat) -> OutboxMessage | None:
    """Everything that was said, because the customer asked for it; once for each state of the conversation."""
    key = f"{_SAID}:{chat.pk}:{chat.last_seq}"
    return notices.send_chat(chat.ticket, "chat_said", key, lines=_told(chat))


def send_unseen(chat: Chat) -> OutboxMessage | None:
    """What we said after the customer had left. Nothing when there is nothing new, or no address."""
    lines = unseen(chat)
    if not lines:
        return None
    last = lines[-1]
    told = _in_words(chat, lines)
    return notices.send_chat(chat.ticket, "chat_unseen", f"{_UNSEEN}:{chat.pk}:{last.pk}", message=last, lines=told)


def unseen(chat: Chat) -> list[Message]:
    """Lines of ours that the customer has neither seen nor been sent, oldest first."""
    sent = chat.messages.filter(outbox__isnull=False).order_by("-chat_seq").values_list("chat_seq", flat=True).first()
    after = max(chat.seen_by_customer, sent or 0)
    rows = chat.messages.filter(chat_seq__gt=after, kind=Message.Kind.OUTBOUND, channel="chat")
    return list(rows.select_related("author").order_by("chat_seq"))


def _told(chat: Chat) -> list[Told]:
    rows = chat.messages.exclude(kind=Message.Kind.NOTE).select_related("author").order_by("chat_seq")
    return _in_words(chat, list(rows))


def _in_words(chat: Chat, lines: list[Message]) -> list[Told]:
    with override(chat.ticket.language):
        return [_line(one) for one in lines]


def _line(message: Message) -> Told:
    is_ours = message.kind == Message.Kind.OUTBOUND
    who = (agent_name(message.author) or _("We")) if is_ours else _("You")
    # Anybody can write anybody's address into a chat: nobody is to send their links in our name.
    is_shown = is_ours or not has_link(message.body)
    body = message.body if is_shown else _("(A message with a link. It stands on the page of your case.)")
    return Told(who, body, message.created_at, is_ours)
