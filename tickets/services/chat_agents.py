"""A chat as an agent has it before them: what was said, notes and all, how it stands, and whether they may speak."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tickets.channels.chat.news import tell
from tickets.errors import TicketError
from tickets.models import AgentAvailability, Chat, ChatOffer, Message, Team, Ticket, TicketEvent
from tickets.services import chat_offers, chats, intake, lifecycle, macros
from tickets.services.agents import agents
from tickets.services.case_history import history_lines
from tickets.services.chat_reading import gather, line_data, lines_after, mark_seen
from tickets.services.chat_room import Room

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

_KINDS = (
    TicketEvent.Kind.CHAT_BEGUN,
    TicketEvent.Kind.CHAT_ACCEPTED,
    TicketEvent.Kind.CHAT_HANDED_OVER,
    TicketEvent.Kind.CHAT_MISSED,
    TicketEvent.Kind.CHAT_ENDED,
)


@dataclass(frozen=True)
class Colleague:
    """Somebody to whom a chat can be handed over now."""

    user: Any
    state: str
    under_way: int
    takes: int

    @property
    def key(self) -> str:
        return str(self.user.pk)


def chat_for(user: User, chat_id: UUID | str) -> Chat | None:
    """The one door to chats at the desk: whoever may see the case may read its chats."""
    rows = Chat.objects.select_related("ticket__customer", "ticket__topic", "agent")
    return rows.filter(pk=chat_id, ticket__in=Ticket.objects.visible_to(user)).first()


def enter(chat_id: UUID, user_id: int, after: int, language: str) -> Room | None:
    """An agent opens the chat's window. None for somebody who may not, or for no such chat."""
    user = get_user_model()._default_manager.filter(pk=user_id, is_active=True).first()
    chat = chat_for(user, chat_id) if user and user.has_perm("tickets.work_cases") else None
    if user is None or chat is None:
        return None
    gather(chat.pk)
    open_for(chat, user)
    return room_for_agent(chat.pk, user_id, after, language)


def open_for(chat: Chat, user: User) -> None:
    """The agent has the chat before them: one that was handed to them has arrived."""
    if chat.state == Chat.State.ACTIVE and chat.agent_id == user.pk:
        with transaction.atomic():
            chat_offers.settle(chat, user, at=timezone.now())


def room_for_agent(chat_id: UUID, user_id: int, after: int, language: str) -> Room | None:
    """What an agent's window shows, from some line on; everything that is not said stands in the agent's language."""
    rows = Chat.objects.select_related("ticket__customer", "agent").prefetch_related("ticket__customer__identities")
    chat = rows.filter(pk=chat_id).first()
    if chat is None:
        return None
    with translation.override(language):
        lines = [line_data(one) for one in lines_after(chat, after)]
        data = {"lines": lines, "notices": notices_of(chat), "state": standing_of(chat, user_id)}
    standing = (chat.last_seq, chat.state, chat.agent_id, chat.seen_by_customer, chat.seen_by_agent)
    return Room(language, lines[-1]["seq"] if lines else after, standing, data)


def standing_of(chat: Chat, user_id: int, at: datetime | None = None) -> dict[str, Any]:
    """How the chat stands, for this agent."""
    is_mine = chat.state == Chat.State.ACTIVE and chat.agent_id == user_id
    return {
        "state": chat.state,
        "words": state_in_words(chat, user_id),
        "is_mine": is_mine,
        "is_over": chat.state == Chat.State.ENDED,
        "can_take": chat.state in (Chat.State.WAITING, Chat.State.MISSED),
        "can_take_over": chat.state == Chat.State.ACTIVE and not is_mine,
        "seen": chat.seen_by_customer,
        "seen_by_us": chat.seen_by_agent,
        "is_there": chats.customer_is_there(chat, at or timezone.now()),
    }


def state_in_words(chat: Chat, user_id: int) -> str:
    match chat.state:
        case Chat.State.WAITING:
            return _("Waits for somebody")
        case Chat.State.ACTIVE if chat.agent_id == user_id:
            return _("You have this chat.")
        case Chat.State.ACTIVE:
            return _("%(name)s has this chat.") % {"name": chat.agent or _("Somebody else")}
        case Chat.State.MISSED:
            return _("Nobody was there in time. The customer was told, and gets the answer in the case.")
        case _:
            return _("The chat has ended.")


def notices_of(chat: Chat) -> list[dict[str, Any]]:
    """What happened between the lines, and the notes since it began, which customers never see."""
    rows = chat.ticket.events.filter(kind__in=_KINDS, data__chat=str(chat.pk)).select_related("actor")
    # That it began is plain from its first line; that it began anew is not.
    events = [one for one in rows if one.kind != TicketEvent.Kind.CHAT_BEGUN or int(one.data.get("after", 0)) > 1]
    told = [
        {"id": one.pk, "after": int(one.data.get("after", 0)), "text": said.text, "at": one.created_at.isoformat()}
        for one, said in zip(events, history_lines(events), strict=True)
    ]
    return told + _notes(chat)


def _notes(chat: Chat) -> list[dict[str, Any]]:
    notes = chat.ticket.messages.filter(kind=Message.Kind.NOTE, created_at__gte=chat.begun_at).select_related("author")
    rows = list(notes)
    times = list(chat.messages.order_by("chat_seq").values_list("chat_seq", "created_at")) if rows else []
    return [
        {
            "id": f"note-{one.pk}",
            "after": max((seq for seq, at in times if at <= one.created_at and seq), default=0),
            "text": one.body,
            "at": one.created_at.isoformat(),
            "who": str(one.author or ""),
            "is_note": True,
        }
        for one in rows
    ]


def mark_read(chat: Chat, user: User, seq: int) -> None:
    """The agent who has the chat has read it up to here, on a page without a socket."""
    if chat.state == Chat.State.ACTIVE and chat.agent_id == user.pk and seq > chat.seen_by_agent:
        mark_seen({chat.pk: {Chat.Side.AGENT: seq}})
        tell(chat.pk, "said")


def tell_noted(chat: Chat) -> None:
    """Every agent who has the conversation open sees the note in it."""
    tell(chat.pk, "said")


@transaction.atomic
def note_macros(message: Message, numbers: list[int], user: User) -> str:
    """The macros that went into a line are counted, and do with the case what they say besides. Returns the status
    that they leave it in, "" for none; to solve a case is left to its agent, who is asked what answered it."""
    used = list(macros.macros_of(user).filter(pk__in=numbers).prefetch_related("tags"))
    if not used:
        return ""
    # The chat before its case, as whoever speaks in it locks them.
    chat = Chat.objects.select_for_update(of=("self",)).get(messages=message)
    macros.count_use(message, used, user=user)
    macros.act(message.ticket, used, agent=user)
    then = next((one.then for one in reversed(used) if one.then), "")
    # Whoever has an answer already is not waited for.
    if then in lifecycle.SETTABLE and chat.last_seq == message.chat_seq:
        ticket = intake.locked_last(message.ticket)
        if not ticket.is_settled and ticket.status != then:
            lifecycle.change_status(ticket, then, agent=user)
    return then


def colleagues_for(user: User, at: datetime) -> list[Colleague]:
    """Who is at the desk and not away, those with most room first."""
    rows = AgentAvailability.objects.at_the_desk(at).exclude(state=AgentAvailability.State.AWAY).with_load()
    rows = rows.filter(user__in=agents().values("pk")).exclude(user=user).select_related("user")
    found = [Colleague(one.user, str(one.get_state_display()), one.under_way, one.takes_at_once) for one in rows]
    return sorted(found, key=lambda one: (one.under_way - one.takes, str(one.user)))


@transaction.atomic
def take_over(chat: Chat, by: User, *, at: datetime | None = None) -> Chat:
    """An agent goes on with a colleague's chat; the customer and the colleague read so in it."""
    fresh = Chat.objects.select_for_update(of=("self",)).get(pk=chat.pk)
    if fresh.state != Chat.State.ACTIVE:
        return chats.accept(chat, by, at=at)
    if fresh.agent_id == by.pk:
        return fresh
    return chats.hand_over(chat, to=by, by=by, at=at)


def hand_to_colleague(chat: Chat, *, to: User, by: User, note: str = "", at: datetime | None = None) -> Chat:
    """Gives the chat to somebody who is there. Raises TicketError where they are not: no customer is left talking to
    an empty chair."""
    now = at or timezone.now()
    if to.pk not in {one.user.pk for one in colleagues_for(by, now)}:
        raise TicketError(_("%(name)s is not at the desk now. Choose somebody else.") % {"name": to})
    _check_has(chat, by)
    return chats.hand_over(chat, to=to, by=by, note=note, at=now)


def hand_to_team(chat: Chat, *, team: Team, by: User, note: str = "", at: datetime | None = None) -> Chat:
    """Gives the chat to whoever of a team has room, by the order in which new chats are offered. Raises TicketError
    where nobody has."""
    now = at or timezone.now()
    _check_has(chat, by)
    free = chat_offers.candidates(chat, now).filter(user__teams=team).exclude(user=by)
    chosen = free.first() or _anyone_of(team, by, now)
    if chosen is None:
        raise TicketError(_("Nobody of %(team)s is free now. Choose somebody else.") % {"team": team})
    return chats.hand_over(chat, to=chosen.user, by=by, note=note, at=now)


def _anyone_of(team: Team, by: User, now: datetime) -> AgentAvailability | None:
    """Those who let this very chat pass before may be given it all the same."""
    rows = AgentAvailability.objects.with_room(now).filter(user__teams=team, user__in=agents().values("pk"))
    found: AgentAvailability | None = rows.exclude(user=by).select_related("user").order_by("under_way", "user").first()
    return found


def _check_has(chat: Chat, by: User) -> None:
    agent_id = Chat.objects.filter(pk=chat.pk).values_list("agent_id", flat=True).first()
    if agent_id != by.pk:
        raise TicketError(_("You do not have this chat. Take it over first."))


def offers_to(user: User, at: datetime) -> list[ChatOffer]:
    """What this agent has to answer now: chats that wait, and chats that were handed to them."""
    rows = ChatOffer.objects.unanswered().filter(user=user).select_related("chat__ticket__customer", "handed_over_by")
    rows = rows.filter(chat__state__in=[Chat.State.WAITING, Chat.State.ACTIVE])
    return [one for one in rows if one.handed_over_by_id or one.offered_at > at - chat_offers.OFFER_FOR]
