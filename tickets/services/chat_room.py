"""How a chat looks to its customer at a moment: what was said, what happened, how it stands, in their language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.models import Chat, TicketEvent
from tickets.services import chats
from tickets.services.chat_keys import open_room
from tickets.services.chat_openness import in_minutes, promise
from tickets.services.chat_reading import MOST_LINES, gather, line_data, lines_after
from tickets.services.links import case_path
from tickets.services.public_names import agent_name

Kind = TicketEvent.Kind
_SHOWN = (Kind.CHAT_ACCEPTED, Kind.CHAT_HANDED_OVER, Kind.CHAT_MISSED, Kind.CHAT_ENDED)


@dataclass(frozen=True)
class Room:
    """What a window shows, from some line on."""

    language: str
    last_seq: int
    """The number up to which `data` has everything."""
    standing: tuple[Any, ...]
    """As `channels.chat.rooms.Mark`: what to compare with to see whether something has changed."""
    data: dict[str, Any]


def enter_room(chat_id: UUID, key: str, after: int, language: str = "") -> Room | None:
    """Somebody opens the window: all after a line, with what was said in the case by other ways, in the language of
    their page, or else of the case. None for a wrong key."""
    chat = open_room(chat_id, key)
    if chat is None:
        return None
    Chat.objects.filter(pk=chat.pk).update(customer_seen_at=timezone.now())
    gather(chat.pk)
    chats.miss_if_due(chat)
    return room_data(chat.pk, after, language if language in dict(settings.LANGUAGES) else "")


def room_data(chat_id: UUID, after: int = 0, language: str = "") -> Room | None:
    """None when the chat is no longer there."""
    rows = Chat.objects.select_related("ticket__customer", "agent").prefetch_related("ticket__customer__identities")
    chat = rows.filter(pk=chat_id).first()
    if chat is None:
        return None
    language = language or chat.ticket.language
    with translation.override(language):
        lines = [line_for_customer(line_data(one)) for one in lines_after(chat, after)]
        data = {"lines": lines, "notices": notices_of(chat), "state": _state(chat, language)}
    last = lines[-1]["seq"] if lines else after
    if len(lines) < MOST_LINES:
        # All that there is: a number whose message was deleted since is not waited for.
        last = max(last, chat.last_seq)
    standing = (chat.last_seq, chat.state, chat.agent_id, chat.seen_by_customer, chat.seen_by_agent)
    return Room(language, last, standing, data)


def line_for_customer(line: dict[str, Any]) -> dict[str, Any]:
    """A line without what only the desk is to know."""
    return {name: value for name, value in line.items() if name != "agent"}


def _state(chat: Chat, language: str) -> dict[str, Any]:
    return {
        "state": chat.state,
        "is_over": chat.state == Chat.State.ENDED,
        "words": state_in_words(chat),
        "who": agent_name(chat.agent) if chat.state == Chat.State.ACTIVE else "",
        "seen": chat.seen_by_agent,
        "has_address": bool(chat.ticket.customer.email),
        "reference": chat.ticket.reference,
        "case": case_path(chat.ticket, language),
        "is_settled": chat.ticket.is_settled,
    }


def state_in_words(chat: Chat) -> str:
    """Where the chat stands, as its customer reads it."""
    match chat.state:
        case Chat.State.WAITING:
            return _waiting(chat)
        case Chat.State.ACTIVE:
            name = agent_name(chat.agent)
            return _("You are talking with %(name)s.") % {"name": name} if name else _("You are talking with us.")
        case Chat.State.MISSED if chat.missed_at and (chat.ticket.first_response_at or chat.begun_at) > chat.missed_at:
            return _("We have answered in your case. What you write here reaches us too.")
        case Chat.State.MISSED:
            if chat.ticket.customer.email:
                return _("Nobody could answer just now. Your answer comes by e-mail; what you write here reaches us.")
            return _("Nobody could answer just now. What you write here reaches us all the same.")
        case _:
            return _("The chat has ended. Write below if there is more, and it goes on.")


def _waiting(chat: Chat) -> str:
    if chat.promised_by is None:
        return _("Somebody will be with you soon.")
    minutes = in_minutes(promise())
    text = ngettext(
        "You get an answer within a minute, or we tell you.",
        "You get an answer within %(minutes)s minutes, or we tell you.",
        minutes,
    )
    return text % {"minutes": minutes}


def notices_of(chat: Chat) -> list[dict[str, Any]]:
    """What happened between the lines, each with the number of the line that it came after."""
    events = list(chat.ticket.events.filter(kind__in=_SHOWN, data__chat=str(chat.pk)).select_related("actor"))
    given_to = {one.data["to_id"] for one in events if one.data.get("to_id")}
    people = get_user_model()._default_manager.in_bulk(given_to) if given_to else {}
    return [
        {"id": one.pk, "after": int(one.data.get("after", 0)), "text": text, "at": one.created_at.isoformat()}
        for one in events
        if (text := _happened(one, agent_name(people.get(one.data.get("to_id")))))
    ]


def _happened(event: TicketEvent, given_to: str) -> str:
    name = agent_name(event.actor)
    match event.kind:
        case Kind.CHAT_ACCEPTED:
            return _("%(name)s is here.") % {"name": name} if name else _("Somebody is here.")
        case Kind.CHAT_HANDED_OVER:
            if given_to:
                return _("%(name)s goes on, and has read everything.") % {"name": given_to}
            return _("A colleague goes on, and has read everything.")
        case Kind.CHAT_MISSED:
            return _("Nobody could answer in time. We are sorry. Your chat is now a case, and a person answers it.")
        case Kind.CHAT_ENDED if event.actor_kind == TicketEvent.ActorKind.CUSTOMER:
            return _("You ended the chat.")
        case Kind.CHAT_ENDED if event.actor_kind == TicketEvent.ActorKind.SYSTEM:
            return _("The chat ended because nothing was written for a while.")
        case _:
            return _("%(name)s ended the chat.") % {"name": name} if name else _("The chat was ended.")
