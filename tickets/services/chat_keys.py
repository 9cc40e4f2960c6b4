"""Signed keys of chats: who holds one is the customer of that chat, and of nothing else.

A key ends `CHAT_KEY_DAYS` after it was made, and with every link to the case when those are revoked. It travels in
the address of the room's page, as the case page's does, and in the first frame of a socket, never in its address.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse
from django.utils.translation import override

from tickets.models import Chat

CHAT_KEY_DAYS = 7
_CHAT = TimestampSigner(salt="tickets.chat")


def chat_key(chat: Chat) -> str:
    return _CHAT.sign(f"{chat.pk.hex}:{chat.ticket.link_version}")


def open_room(chat_id: UUID | str, key: str) -> Chat | None:
    """The chat that a key opens, with its case and customer; None for a key that is another's, ended or forged."""
    try:
        value = _CHAT.unsign(key, max_age=timedelta(days=CHAT_KEY_DAYS))
    except BadSignature:
        return None
    number, _, version = value.partition(":")
    if number != str(chat_id).replace("-", ""):
        return None
    chats = Chat.objects.select_related("ticket__customer", "ticket__topic", "agent")
    return chats.filter(pk=number, ticket__link_version=int(version)).first()


def room_path(chat: Chat, language: str | None = None, *, key: str = "") -> str:
    """The address of the room's page; with a new key where none is given."""
    with override(language or chat.ticket.language):
        return f"{reverse('chat_room', args=[chat.pk])}?key={key or chat_key(chat)}"


def socket_path(chat: Chat) -> str:
    """Where a window's socket connects to."""
    return f"/ws/chat/{chat.pk}/"


def socket_url(chat: Chat) -> str:
    """The same for a window in another site."""
    return "ws" + settings.SITE_URL.removeprefix("http") + socket_path(chat)
