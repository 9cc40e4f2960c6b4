"""Live chat: how one begins, who takes it, and how it ends. What is said in it: `chat_lines`; whether it is answered
now: `chat_openness`; what its customer asks for besides: `chat_wishes`.

A chat belongs to a case from the customer's first message on. When nobody answers in time it has failed as a chat and
goes on as that case; whoever writes in its window then still reaches us, and an agent can still take it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.models import Topic
from knowledge.search.analysis import clean
from tickets.channels.chat.news import tell_on_commit
from tickets.errors import TicketError
from tickets.models import (
    ChannelKind,
    Chat,
    ChatOffer,
    Customer,
    Message,
    Ticket,
)
from tickets.models import TicketEvent as Event
from tickets.services import chat_letters, chat_offers, history, intake, lifecycle
from tickets.services.chat_keys import chat_key, open_room
from tickets.services.chat_lines import say
from tickets.services.chat_openness import standing_by
from tickets.services.intake import VisitContext

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

__all__ = [
    "accept",
    "begin",
    "begin_again",
    "chat_key",
    "customer_is_there",
    "end",
    "hand_over",
    "locked",
    "miss",
    "miss_if_due",
    "open_room",
    "say",
]  # fmt: skip

State, Side, Kind = Chat.State, Chat.Side, Event.Kind
CUSTOMER_THERE_FOR = timedelta(seconds=45)
"""How long after the last sign of life of its window a customer still counts as being there."""


@transaction.atomic
def begin(
    *,
    body: str,
    language: str,
    email: str = "",
    name: str = "",
    topic: Topic | None = None,
    origin: str = "",
    place: str = "page",
    client_key: str = "",
    files: Sequence[File[bytes]] = (),
    is_suspected_spam: bool = False,
    at: datetime | None = None,
) -> Chat:
    """Begins a chat with the customer's first message, in a case of its own.

    The same client key with the same words gives the same chat. Where nobody is there to answer, it goes on as a case
    at once, and the customer is told so. Raises TicketError for input that cannot be taken.
    """
    now = at or timezone.now()
    # Nothing but a client key leads to a chat that is there already: it must be long enough not to be guessed.
    key = hashlib.sha256(f"{client_key}\n{email}\n{body}".encode()).hexdigest() if len(client_key) >= 16 else ""
    if key and (known := Chat.objects.filter(ticket__idempotency_key=f"chat:{key}").first()) is not None:
        return known
    ticket = intake.open_ticket(
        channel=ChannelKind.CHAT,
        email=email,
        sender_customer=None if email.strip() else _somebody(name, language),
        name=name,
        body=body,
        language=language,
        topic=topic,
        attachments=files,
        idempotency_key=f"chat:{key}" if key else None,
        visit=VisitContext(origin=origin),
        is_suspected_spam=is_suspected_spam,
        external_id=f"chat:{client_key}" if client_key else "",
        confirm=False,
        at=now,
    )
    return _first(Ticket.objects.select_for_update().get(pk=ticket.pk), place, now)


def _somebody(name: str, language: str) -> Customer:
    """A customer of whom nothing is known but perhaps a name."""
    return Customer.objects.create(name=clean(name).strip()[:120], language=language)


def _first(ticket: Ticket, place: str, now: datetime) -> Chat:
    """The chat of a case that has just been opened. Two copies of one form may both come here; the case is locked."""
    if (known := Chat.objects.filter(ticket=ticket).first()) is not None:
        return known
    chat = Chat.objects.create(ticket=ticket, begun_at=now, customer_seen_at=now, place=place[:120], last_seq=1)
    Message.objects.filter(pk=ticket.messages.get().pk).update(chat=chat, chat_seq=1)
    return _wait(chat, now)


def begin_again(chat: Chat, *, at: datetime) -> None:
    """The customer has gone on writing after the end: the chat, locked, waits for somebody anew."""
    chat.agent = None
    chat.accepted_at = chat.missed_at = chat.ended_at = None
    chat.ended_by = ""
    _wait(chat, at)


def _wait(chat: Chat, now: datetime) -> Chat:
    by = standing_by(chat.ticket.topic, at=now)
    chat.state = State.WAITING
    chat.promised_by = now + by.promise
    chat.save()
    _record(chat, Kind.CHAT_BEGUN, history.CUSTOMER, now)
    chat_offers.offer_on_commit(chat)
    if chat.ticket.is_suspected_spam or not by.is_answered:
        _miss(chat, now)
    return chat


def _record(chat: Chat, kind: Event.Kind, by: history.Actor, now: datetime, **data: object) -> None:
    """A line in the case's history, with its place among what was said; the windows and the desk are told."""
    history.record(chat.ticket, kind, by, at=now, chat=str(chat.pk), after=chat.last_seq, **data)
    tell_on_commit(chat.pk, str(kind.value).removeprefix("chat_"))


def locked(chat: Chat) -> Chat:
    """The chat as it is now, for whoever changes it."""
    return Chat.objects.select_for_update(of=("self",)).select_related("ticket__topic", "agent").get(pk=chat.pk)


@transaction.atomic
def accept(chat: Chat, agent: User, *, at: datetime | None = None) -> Chat:
    """An agent takes a chat that waits, or one in which nobody answered in time.

    Raises TicketError when somebody else has it, and when it is over.
    """
    chat = locked(chat)
    now = at or timezone.now()
    if chat.state == State.ACTIVE and chat.agent_id == agent.pk:
        chat_offers.settle(chat, agent, at=now)
        return chat
    if chat.state == State.ACTIVE:
        raise TicketError(_("%(name)s has taken this chat.") % {"name": chat.agent or _("Somebody else")})
    if chat.state == State.ENDED:
        raise TicketError(_("This chat is over. Answer in the case."))
    others = Chat.objects.going_on().filter(ticket=chat.ticket_id).exclude(pk=chat.pk)
    if others.exists():
        raise TicketError(_("The customer has begun another chat in this case."))
    chat.state, chat.agent, chat.accepted_at, chat.promised_by = State.ACTIVE, agent, now, None
    chat.save()
    chat_offers.settle(chat, agent, at=now)
    _record(chat, Kind.CHAT_ACCEPTED, history.agent(agent), now)
    _give_case(chat, agent, agent, now)
    return chat


def _give_case(chat: Chat, to: User, by: User, now: datetime) -> None:
    """Who talks with the customer answers for the case."""
    ticket = intake.locked_last(chat.ticket)
    if ticket.is_settled:
        lifecycle.change_status(ticket, Ticket.Status.OPEN, agent=by, at=now)
    lifecycle.assign(ticket, to=to, by=by, at=now)


@transaction.atomic
def hand_over(chat: Chat, *, to: User, by: User, note: str = "", at: datetime | None = None) -> Chat:
    """Another agent goes on, with all that was said, and a note for them alone. Raises TicketError for somebody who
    works no cases, and for a chat that is not under way."""
    if not to.has_perm("tickets.work_cases"):
        raise TicketError(_("Only agents can be given cases."))
    chat = locked(chat)
    if chat.state != State.ACTIVE:
        raise TicketError(_("Only a chat that is under way can be handed over."))
    if chat.agent_id == to.pk:
        raise TicketError(_("%(name)s has this chat already.") % {"name": to})
    now = at or timezone.now()
    was = chat.agent
    chat.agent = to
    chat.save(update_fields=["agent"])
    if note.strip():
        lifecycle.add_note(intake.locked_last(chat.ticket), agent=by, body=note, at=now)
    chat.offers.unanswered().update(answer=ChatOffer.Answer.WITHDRAWN, answered_at=now)
    # Who takes a chat over has it before them; who is given one is told until they have opened it.
    answer, answered_at = (ChatOffer.Answer.ACCEPTED, now) if to == by else ("", None)
    ChatOffer.objects.create(
        chat=chat, user=to, handed_over_by=by, offered_at=now, answer=answer, answered_at=answered_at
    )
    names = {"to": str(to), "to_id": to.pk, "was": str(was) if was else ""}
    _record(chat, Kind.CHAT_HANDED_OVER, history.agent(by), now, **names)
    _give_case(chat, to, by, now)
    return chat


@transaction.atomic
def miss(chat: Chat, *, at: datetime | None = None) -> bool:
    """Nobody answered in time: the customer is told, and the case is answered by e-mail and on its page.

    False when somebody has taken it meanwhile, or it is over.
    """
    chat = locked(chat)
    if chat.state != State.WAITING:
        return False
    _miss(chat, at or timezone.now())
    return True


def _miss(chat: Chat, now: datetime) -> None:
    chat.state, chat.missed_at, chat.promised_by = State.MISSED, now, None
    chat.save()
    chat.offers.filter(answer="").update(answer=ChatOffer.Answer.LAPSED, answered_at=now)
    _record(chat, Kind.CHAT_MISSED, history.SYSTEM, now)
    if not chat.ticket.is_suspected_spam:
        chat_letters.tell_missed(chat)


def miss_if_due(chat: Chat, *, at: datetime | None = None) -> bool:
    now = at or timezone.now()
    is_due = chat.state == State.WAITING and chat.promised_by is not None and chat.promised_by <= now
    return is_due and miss(chat, at=now)


@transaction.atomic
def end(chat: Chat, by: str, *, agent: User | None = None, at: datetime | None = None) -> Chat:
    """Ends a chat, by either side or, where it lay idle, by the system (`Chat.Side`). Its case goes on as it stands:
    ours where the customer spoke last, the customer's where we did."""
    chat = locked(chat)
    if chat.state == State.ENDED:
        return chat
    now = at or timezone.now()
    was = chat.state
    chat.state, chat.ended_at, chat.ended_by, chat.promised_by = State.ENDED, now, by, None
    chat.save()
    chat.offers.filter(answer="").update(answer=ChatOffer.Answer.WITHDRAWN, answered_at=now)
    actors = {Side.AGENT: history.agent(agent) if agent else history.SYSTEM, Side.CUSTOMER: history.CUSTOMER}
    _record(chat, Kind.CHAT_ENDED, actors.get(Side(by), history.SYSTEM), now, was=was)
    _leave_case(chat, now)
    return chat


def _leave_case(chat: Chat, now: datetime) -> None:
    ticket = intake.locked_last(chat.ticket)
    last = chat.messages.order_by("-chat_seq").values_list("kind", flat=True).first()
    if ticket.status == Ticket.Status.OPEN and last == Message.Kind.OUTBOUND:
        lifecycle.wait_for_customer(ticket, at=now)


def customer_is_there(chat: Chat, at: datetime) -> bool:
    """Whether the customer has the window before them."""
    return chat.customer_seen_at > at - CUSTOMER_THERE_FOR
