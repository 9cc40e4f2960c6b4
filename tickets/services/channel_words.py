"""A channel in words: what it is called, where it leads, and what the organisation says of it."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from knowledge.models import Topic
from knowledge.search.languages import preferred
from tickets.models import Channel, ChannelKind


def texts_of(channel: Channel, language: str) -> tuple[str, str]:
    """What there is to know, and why it is closed, in the reader's language or the nearest."""
    if not channel.pk:
        return "", ""
    texts = {text.language: text for text in channel.texts.all()}
    for code in preferred(language):
        if code in texts:
            return texts[code].detail, texts[code].closed_reason
    return "", ""


def leads_somewhere(channel: Channel) -> bool:
    """False for a phone that has no number, as an import or a shell may leave it. Mail has a mailbox in any case."""
    return channel.kind != ChannelKind.PHONE or channel.has_number


def mailbox_of(channel: Channel | None) -> str:
    """Where letters go: the channel's address, else the one that the site sends from."""
    return channel.address if channel and channel.has_mailbox else settings.DEFAULT_FROM_EMAIL


def label_of(channel: Channel, is_open_now: bool) -> str:
    match channel.kind:
        case ChannelKind.PHONE:
            return _("Call %(number)s") % {"number": channel.address}
        case ChannelKind.EMAIL:
            return _("E-mail us")
        case ChannelKind.CHAT:
            return _("Chat with us") if is_open_now else _("Leave a message in the chat")
        case ChannelKind.CALLBACK:
            return _("We call you back")
        case _:
            return _("Write to us")


def address_of(channel: Channel, topic: Topic | None) -> str:
    """Where it leads. Our own pages are told the topic: nobody chooses it twice."""
    match channel.kind:
        case ChannelKind.PHONE:
            return "tel:" + "".join(ch for ch in channel.address if ch.isdigit() or ch == "+")
        case ChannelKind.EMAIL:
            return f"mailto:{mailbox_of(channel)}"
        case ChannelKind.CHAT | ChannelKind.CALLBACK:
            page = reverse(str(channel.kind))
        case _:
            page = reverse("contact")
    return f"{page}?topic={topic.slug}" if topic else page
