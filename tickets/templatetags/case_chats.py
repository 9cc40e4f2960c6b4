"""A case whose chat goes on says so where agents read it."""

from __future__ import annotations

from typing import Any

from django import template

from tickets.models import Chat, Ticket
from tickets.services.chat_agents import state_in_words

register = template.Library()


@register.inclusion_tag("desk/parts/case_chat.html", takes_context=True)
def case_chat(context: dict[str, Any], ticket: Ticket) -> dict[str, Any]:
    """The case's chat that has not ended, if any: its window may be open, and an agent can still take it."""
    chat = ticket.chats.exclude(state=Chat.State.ENDED).select_related("agent").first()
    return {"chat": chat, "words": state_in_words(chat, context["request"].user.pk) if chat else ""}
