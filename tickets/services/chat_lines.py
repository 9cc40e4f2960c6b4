"""What is said in a chat: written in groups, numbered under the chat's lock, sent twice and taken once.

Each line is a message of the case with its number in the chat (`chat_seq`). Numbers are given while the chat is
locked, in the transaction that writes the line: whoever has read up to a number has read all before it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from tickets.channels.chat.news import tell_on_commit
from tickets.errors import TicketError
from tickets.models import ChannelKind, Chat, Message, Ticket, TicketEvent
from tickets.services import history, intake
from tickets.services.attachments import attach, check_files, display_name
from tickets.services.intake import clean_message

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

CUSTOMER, AGENT = Chat.Side.CUSTOMER, Chat.Side.AGENT
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
# While a chat goes on the case's time of its last change is right to this; each write costs several indexes.
_UPDATED_WITHIN = timedelta(seconds=10)


@dataclass(frozen=True)
class NewLine:
    """Something to be said. Make it with `line`, which checks it."""

    chat_id: UUID
    side: str
    body: str
    client_key: str
    author_id: int | None = None

    @property
    def name(self) -> str:
        """Under which the case knows it, so that one sent twice is taken once."""
        return f"chat:{self.client_key}"


@dataclass(frozen=True)
class Stored:
    """What became of a line: the message, new or there before; or why it was not taken."""

    message: Message | None
    is_new: bool = False
    refusal: str = ""


def line(chat_id: UUID, side: str, body: str, client_key: str, author: User | None = None) -> NewLine:
    """Raises TicketError for what cannot be said: nothing, too much, or under a name that is none."""
    if not _KEY.fullmatch(client_key):
        raise TicketError(_("Your message could not be read. Load the page again."))
    return NewLine(chat_id, side, clean_message(body), client_key, author.pk if author else None)


def say(
    chat: Chat,
    *,
    side: str,
    body: str,
    client_key: str,
    author: User | None = None,
    files: Sequence[File[bytes]] = (),
    at: datetime | None = None,
) -> Message:
    """Says one thing, perhaps with files; the same client key again gives the same message.

    Raises TicketError for what cannot be taken, and for an agent in a chat that nobody has taken.
    """
    check_files(files)
    if files and not body.strip():
        body = ", ".join(display_name(file.name or "") for file in files)
    new = line(chat.pk, side, body, client_key, author)
    with transaction.atomic():
        [stored] = store([new], at=at)
        if stored.message is None:
            raise TicketError(stored.refusal)
        if stored.is_new:
            attach(stored.message, files)
            tell_on_commit(chat.pk, "said")
    return stored.message


def store(lines: Sequence[NewLine], *, at: datetime | None = None) -> list[Stored]:
    """Writes lines of any number of chats in one transaction, each chat's in the order given.

    Where one of them was written before, or a chat is over, they are looked at one by one.
    """
    now = at or timezone.now()
    with transaction.atomic():
        chats = _locked({one.chat_id for one in lines})
        usual = [one for one in lines if _is_usual(chats.get(one.chat_id), one)]
        written = _write_new(chats, usual, now)
        if written is None:
            return [_store_one(chats.get(one.chat_id), one, now) for one in lines]
        return [written.get((one.chat_id, one.name)) or _store_one(chats.get(one.chat_id), one, now) for one in lines]


def _locked(numbers: Collection[UUID]) -> dict[UUID, Chat]:
    """The chats with their cases, locked in one order, so that two writers do not wait for each other."""
    rows = Chat.objects.select_for_update(of=("self",)).select_related("ticket").filter(pk__in=numbers).order_by("pk")
    return {one.pk: one for one in rows}


def _is_usual(chat: Chat | None, one: NewLine) -> bool:
    """Whether nothing but the message needs to be written."""
    if chat is None or chat.ticket.merged_into_id is not None or chat.ticket.is_settled:
        return False
    if one.side == AGENT:
        return chat.state == Chat.State.ACTIVE and one.author_id in (None, chat.agent_id)
    return chat.is_going_on


def _write_new(
    chats: dict[UUID, Chat], lines: Sequence[NewLine], now: datetime
) -> dict[tuple[UUID, str], Stored] | None:
    """All of them at once; None when one was there already."""
    rows: dict[tuple[UUID, str], Message] = {}
    numbers = {pk: chat.last_seq for pk, chat in chats.items()}
    for one in lines:
        if (one.chat_id, one.name) not in rows:
            numbers[one.chat_id] += 1
            rows[one.chat_id, one.name] = _message(chats[one.chat_id], one, numbers[one.chat_id], now)
    try:
        with transaction.atomic():
            Message.objects.bulk_create(rows.values())
    except IntegrityError:
        return None
    _count_up(chats, numbers)
    _keep_times(chats, lines, now)
    return {key: Stored(message, is_new=True) for key, message in rows.items()}


def _message(chat: Chat, one: NewLine, seq: int, now: datetime) -> Message:
    return Message(
        ticket=chat.ticket,
        kind=Message.Kind.OUTBOUND if one.side == AGENT else Message.Kind.INBOUND,
        channel=ChannelKind.CHAT,
        author_id=one.author_id,
        body=one.body,
        external_id=one.name,
        chat=chat,
        chat_seq=seq,
        created_at=now,
    )


def _count_up(chats: dict[UUID, Chat], numbers: dict[UUID, int]) -> None:
    """The chats' last numbers; one query for all that got as many lines."""
    by_more: dict[int, list[UUID]] = defaultdict(list)
    for pk, number in numbers.items():
        if more := number - chats[pk].last_seq:
            by_more[more].append(pk)
            chats[pk].last_seq = number
    for more, pks in by_more.items():
        Chat.objects.filter(pk__in=pks).update(last_seq=F("last_seq") + more)


def _keep_times(chats: dict[UUID, Chat], lines: Iterable[NewLine], now: datetime) -> None:
    """Who waits for whom, and since when: a handful of queries however many lines there were."""
    turns = {one.chat_id: one.side for one in lines}
    ours = [chats[pk].ticket_id for pk, side in turns.items() if side == CUSTOMER]
    theirs = [chats[pk].ticket_id for pk, side in turns.items() if side == AGENT]
    answered = {one.chat_id: one.author_id for one in lines if one.side == AGENT}
    Ticket.objects.filter(pk__in=ours, waiting_since=None).update(waiting_since=now, updated_at=now)
    # An agent who goes on in the chat of a case that waited for its customer leaves it waiting.
    waiting = Ticket.objects.filter(pk__in=ours, status=Ticket.Status.WAITING_CUSTOMER)
    waiting.update(status=Ticket.Status.OPEN)
    Ticket.objects.filter(pk__in=theirs, waiting_since__isnull=False).update(waiting_since=None, updated_at=now)
    Ticket.objects.filter(pk__in=[*ours, *theirs], updated_at__lt=now - _UPDATED_WITHIN).update(updated_at=now)
    for pk, author_id in answered.items():
        if chats[pk].ticket.first_response_at is None:
            _note_first_answer(chats[pk], author_id, now)


def _note_first_answer(chat: Chat, author_id: int | None, now: datetime) -> None:
    """The first line of ours is the case's first answer, with its place in the history; the rest stands in the chat."""
    tickets = Ticket.objects.filter(pk=chat.ticket_id)
    tickets.update(first_response_at=Coalesce("first_response_at", now))
    chat.ticket.first_response_at = now
    actor = history.Actor(TicketEvent.ActorKind.AGENT, chat.agent if chat.agent_id == author_id else None)
    if actor.user is None and author_id is not None:
        from django.contrib.auth import get_user_model

        actor = replace(actor, user=get_user_model().objects.get(pk=author_id))
    history.record(chat.ticket, TicketEvent.Kind.REPLIED, actor, at=now, channel=ChannelKind.CHAT)


def _store_one(chat: Chat | None, one: NewLine, now: datetime) -> Stored:
    """The careful way: for a line that may have come before, and for a chat or a case that is over."""
    if chat is None:
        return Stored(None, refusal=_("This chat is no longer there."))
    ticket = intake.locked_last(chat.ticket)
    if (known := ticket.messages.filter(external_id=one.name).first()) is not None:
        return Stored(known)
    if _is_usual(chat, one):
        written = _write_new({chat.pk: chat}, [one], now)
        assert written is not None
        return written[chat.pk, one.name]
    if one.side == AGENT:
        return Stored(None, refusal=_why_not(chat, one.author_id))
    message = intake.add_customer_message(ticket, body=one.body, channel=ChannelKind.CHAT, external_id=one.name, at=now)
    number(chat, [message])
    if chat.state == Chat.State.ENDED:
        from tickets.services import chats

        chats.begin_again(chat, at=now)
    return Stored(message, is_new=True)


def _why_not(chat: Chat, author_id: int | None) -> str:
    """Why an agent cannot speak in a chat: it is over, or nobody's, or a colleague's."""
    if chat.state == Chat.State.ACTIVE and chat.agent_id == author_id:
        return _("The case is over. Open it again to go on.")
    if chat.state == Chat.State.ENDED:
        return _("This chat is over. Answer in the case.")
    if chat.state == Chat.State.ACTIVE and chat.agent:
        return _("%(name)s has this chat now. Take it over to write in it.") % {"name": chat.agent}
    return _("Nobody has this chat. Take it first, or answer in the case.")


def number(chat: Chat, messages: Sequence[Message]) -> None:
    """Gives messages of the case the next places in a locked chat."""
    for number, message in enumerate(messages, chat.last_seq + 1):
        message.chat, message.chat_seq = chat, number
        message.save(update_fields=["chat", "chat_seq"])
    chat.last_seq += len(messages)
    chat.save(update_fields=["last_seq"])
