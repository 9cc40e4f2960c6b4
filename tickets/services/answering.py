"""An agent's answer, sent only by somebody who has read everything that was said before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from knowledge.models import Article
from tickets.errors import TicketError
from tickets.models import Draft, DraftFile, HeldSend, Message, RootCause, Ticket
from tickets.services import drafts, lifecycle, macros, mentions, undo
from tickets.services.intake import clean_message
from tickets.services.locking import locked

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User


class WrittenMeanwhile(TicketError):
    """Something was said in the case that the agent has not seen."""

    def __init__(self, messages: list[Message]) -> None:
        self.messages = messages
        super().__init__(self._sentence(messages[-1]))

    @staticmethod
    def _sentence(message: Message) -> str:
        if message.kind == Message.Kind.INBOUND:
            return _("The customer has written since you opened this.")
        return _("%(name)s has answered since you opened this.") % {"name": message.author or _("Somebody")}


@dataclass(frozen=True)
class Written:
    """What an agent has put together in the box."""

    body: str
    channel: str = ""
    files: Sequence[File[bytes]] = ()
    kept_files: Sequence[DraftFile] = ()
    """Files that already wait with the draft."""
    macros: Sequence[int] = ()
    """Primary keys of the macros that went into it."""


@transaction.atomic
def answer(ticket: Ticket, *, agent: User, written: Written, then: str, seen: int) -> Message | None:
    """Sends an answer, unless something was said after the message `seen`: then raises WrittenMeanwhile.

    It leaves after UNDO_SEND_SECONDS. None when this very answer is there already: the button was pressed twice, and
    once is enough.
    """
    if _is_there_already(locked(ticket), agent, written.body, seen):
        return None
    message = lifecycle.send_reply(
        ticket,
        agent=agent,
        body=written.body,
        then=then,
        attachments=written.files,
        waiting_files=written.kept_files,
        channel=written.channel,
        hold=_undo_time(),
    )
    _after_sending(message, agent, written)
    return message


@transaction.atomic
def answer_and_solve(
    ticket: Ticket,
    *,
    agent: User,
    written: Written,
    article: Article | None,
    seen: int,
    root_cause: RootCause | None = None,
    demand_type: str = "",
) -> bool:
    """Solves the case, with an answer where there is one; False when that is done already. Otherwise as `answer`."""
    now_is = locked(ticket)
    if _is_there_already(now_is, agent, written.body, seen):
        return False
    if now_is.is_settled and not written.body.strip():
        if now_is.answered_by == article and now_is.resolution:
            return False
        raise TicketError(_("This case is over already. Open it again to change what answered it."))
    if (written.files or written.kept_files) and not written.body.strip():
        raise TicketError(_("Write a line to go with the files."))
    message = lifecycle.solve(
        ticket,
        agent=agent,
        article=article,
        body=written.body,
        root_cause=root_cause,
        demand_type=demand_type,
        attachments=written.files,
        waiting_files=written.kept_files,
        channel=written.channel,
        hold=_undo_time(),
    )
    if message is not None:
        _after_sending(message, agent, written)
    return True


def _undo_time() -> timedelta | None:
    seconds = settings.UNDO_SEND_SECONDS
    return timedelta(seconds=seconds) + undo.GRACE if seconds else None


def _after_sending(message: Message, agent: User, written: Written) -> None:
    """What the macros do besides their text, and the end of the draft."""
    used = list(macros.macros_of(agent).filter(pk__in=written.macros).prefetch_related("tags"))
    if used:
        macros.count_use(message, used, user=agent)
        tags = macros.act(message.ticket, used, agent=agent)
        held = HeldSend.objects.filter(message=message).first()
        if held:
            undo.include(held, tags=tags)
    drafts.clear(message.ticket, user=agent, kind=Draft.Kind.REPLY)


@transaction.atomic
def add_note(ticket: Ticket, *, agent: User, body: str) -> mentions.Named | None:
    """Adds an internal note and tells those whom it names; None when the same note is the last thing in the case."""
    last = locked(ticket).messages.last()
    if last and last.kind == Message.Kind.NOTE and last.author == agent and last.body == clean_message(body):
        return None
    note = lifecycle.add_note(ticket, agent=agent, body=body)
    named = mentions.named_in(note.body)
    named = replace(named, people=[one for one in named.people if one.pk != agent.pk])
    mentions.mention(note, named.people)
    drafts.clear(ticket, user=agent, kind=Draft.Kind.NOTE)
    return named


def _is_there_already(ticket: Ticket, agent: User, body: str, seen: int) -> bool:
    news = list(ticket.messages.said().filter(pk__gt=seen).select_related("author"))
    if body.strip() and any(one.author == agent and one.body == clean_message(body) for one in news):
        return True
    if news:
        raise WrittenMeanwhile(news)
    return False
