"""Everything that changes a case, each change with its line in the history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.models import Article
from tickets.errors import TicketError
from tickets.models import ChannelKind, DemandType, DraftFile, Message, RootCause, Ticket, TicketEvent
from tickets.services import drafts, history, notices, undo
from tickets.services.attachments import attach, check_files
from tickets.services.history import Actor
from tickets.services.intake import clean_message
from tickets.services.locking import locked, locked_open
from tickets.services.reply_channels import channels_for

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

_OUR_TURN = (Ticket.Status.NEW, Ticket.Status.OPEN)
# What an agent may set by hand; solving and new cases have verbs of their own.
SETTABLE = (Ticket.Status.OPEN, Ticket.Status.WAITING_CUSTOMER, Ticket.Status.WAITING_THIRD_PARTY)


def _move(ticket: Ticket, status: str, now: datetime) -> None:
    """Sets the status and the waiting clock that follows from it."""
    ticket.status = status
    ticket.updated_at = now
    if status in _OUR_TURN:
        ticket.waiting_since = ticket.waiting_since or now
    else:
        ticket.waiting_since = None
    ticket.save()


@transaction.atomic
def send_reply(
    ticket: Ticket,
    *,
    agent: User,
    body: str,
    then: str = Ticket.Status.WAITING_CUSTOMER,
    attachments: Sequence[File[bytes]] = (),
    waiting_files: Sequence[DraftFile] = (),
    channel: str = "",
    hold: timedelta | None = None,
    at: datetime | None = None,
) -> Message:
    """Answers the customer, and leaves the case in the status `then`.

    `channel` is one of `channels_for(ticket)`, the usual one if empty. With `hold` nothing leaves before that time is
    over, and until then `undo.undo_send` takes all of it back. Raises TicketError for an empty answer and for a file
    that cannot be taken.
    """
    if then not in SETTABLE:
        raise TicketError(_("A case cannot be left in that status after an answer."))
    ticket = locked_open(ticket)
    now = at or timezone.now()
    beginning = undo.begin(ticket, agent=agent, hold=hold, at=now) if hold else None
    mark = beginning.mark if beginning else {}
    by = history.agent(agent)
    message = _say(ticket, agent, body, channel, now, beginning)
    _attach(message, attachments, waiting_files)
    history.record(ticket, TicketEvent.Kind.REPLIED, by, at=now, **mark)
    _take_if_nobodys(ticket, agent, now, mark)
    ticket.first_response_at = ticket.first_response_at or now
    if ticket.is_settled:
        _reopen(ticket, by, now, mark)
    else:
        _record_status(ticket, then, by, now, mark)
    ticket.waiting_since = None
    _move(ticket, then, now)
    letter = notices.send_answer(ticket, message) if message.channel == ChannelKind.EMAIL else None
    if beginning:
        undo.hold(beginning, message, [letter])
    return message


def _say(
    ticket: Ticket, agent: User, body: str, channel: str, now: datetime, beginning: undo.Beginning | None
) -> Message:
    offered = [one.kind for one in channels_for(ticket)]
    if channel and channel not in offered:
        raise TicketError(_("This customer cannot be answered that way."))
    return Message.objects.create(
        ticket=ticket,
        kind=Message.Kind.OUTBOUND,
        channel=channel or offered[0],
        author=agent,
        body=clean_message(body),
        created_at=now,
        held_until=beginning.until if beginning else None,
    )


def _attach(message: Message, attachments: Sequence[File[bytes]], waiting: Sequence[DraftFile]) -> None:
    if len(attachments) + len(waiting) > settings.ATTACHMENT_MAX_COUNT:
        raise TicketError(_("Up to %(count)s files can be sent at a time.") % {"count": settings.ATTACHMENT_MAX_COUNT})
    check_files(attachments)
    drafts.hand_over(waiting, message)
    attach(message, attachments)


def _take_if_nobodys(ticket: Ticket, agent: User, now: datetime, mark: dict[str, str]) -> None:
    if ticket.assignee is None:
        ticket.assignee = agent
        history.record(ticket, TicketEvent.Kind.ASSIGNED, history.agent(agent), at=now, to=str(agent), **mark)


@transaction.atomic
def add_note(ticket: Ticket, *, agent: User, body: str, at: datetime | None = None) -> Message:
    """Writes a note that only agents see. Raises TicketError for an empty one."""
    body = clean_message(body)
    now = at or timezone.now()
    message = Message.objects.create(
        ticket=ticket, kind=Message.Kind.NOTE, channel=ticket.channel, author=agent, body=body, created_at=now
    )
    history.record(ticket, TicketEvent.Kind.NOTED, history.agent(agent), at=now)
    Ticket.objects.filter(pk=ticket.pk).update(updated_at=now)
    return message


def _record_status(ticket: Ticket, status: str, by: Actor, now: datetime, mark: dict[str, str] | None = None) -> None:
    if ticket.status != status:
        data = {"was": ticket.status, "now": status, **(mark or {})}
        history.record(ticket, TicketEvent.Kind.STATUS_CHANGED, by, at=now, **data)


def _reopen(ticket: Ticket, by: Actor, now: datetime, mark: dict[str, str] | None = None) -> None:
    """What answered a case no longer counts once it goes on."""
    history.record(ticket, TicketEvent.Kind.REOPENED, by, at=now, was=ticket.status, **(mark or {}))
    ticket.solved_at, ticket.resolution, ticket.answered_by = None, "", None


@transaction.atomic
def change_status(ticket: Ticket, status: str, *, agent: User, at: datetime | None = None) -> None:
    """Sets one of the statuses that agents set by hand. Raises TicketError for any other."""
    if status not in SETTABLE:
        raise TicketError(_("That status is not set by hand."))
    ticket = locked_open(ticket)
    now = at or timezone.now()
    if ticket.is_settled:
        _reopen(ticket, history.agent(agent), now)
    else:
        _record_status(ticket, status, history.agent(agent), now)
    _move(ticket, status, now)


@transaction.atomic
def wait_for_customer(ticket: Ticket, *, at: datetime | None = None) -> None:
    """We have said what there was to say, as at the end of a chat: the next word is the customer's."""
    ticket = locked(ticket)
    now = at or timezone.now()
    _record_status(ticket, Ticket.Status.WAITING_CUSTOMER, history.SYSTEM, now)
    _move(ticket, Ticket.Status.WAITING_CUSTOMER, now)


@transaction.atomic
def assign(ticket: Ticket, *, to: User, by: User, at: datetime | None = None) -> None:
    """Makes an agent the one who answers for the case. Raises TicketError for somebody who works no cases."""
    if not to.has_perm("tickets.work_cases"):
        raise TicketError(_("Only agents can be given cases."))
    ticket = locked_open(ticket)
    if ticket.assignee_id == to.pk:
        return
    now = at or timezone.now()
    ticket.assignee = to
    history.record(ticket, TicketEvent.Kind.ASSIGNED, history.agent(by), at=now, to=str(to))
    if ticket.status == Ticket.Status.NEW:
        _record_status(ticket, Ticket.Status.OPEN, history.agent(by), now)
        _move(ticket, Ticket.Status.OPEN, now)
    else:
        ticket.updated_at = now
        ticket.save()


@transaction.atomic
def unassign(ticket: Ticket, *, by: User, at: datetime | None = None) -> None:
    """Puts the case back among those that nobody has taken."""
    ticket = locked_open(ticket)
    if ticket.assignee_id is None:
        return
    ticket.assignee = None
    ticket.updated_at = at or timezone.now()
    ticket.save()
    history.record(ticket, TicketEvent.Kind.UNASSIGNED, history.agent(by), at=at)


@transaction.atomic
def solve(
    ticket: Ticket,
    *,
    agent: User,
    article: Article | None,
    is_missing: bool = True,
    body: str = "",
    root_cause: RootCause | None = None,
    demand_type: str = "",
    attachments: Sequence[File[bytes]] = (),
    waiting_files: Sequence[DraftFile] = (),
    channel: str = "",
    hold: timedelta | None = None,
    at: datetime | None = None,
) -> Message | None:
    """Solves a case with the article that answered it, or with none: then it counts as missing content.

    Where nobody has judged whether an article answers it, `is_missing` is False, and nothing is counted.
    The customer is told, with `body` as the answer where there is one, and can always answer back. Why the question
    arose is asked for, never required. Otherwise as `send_reply`.
    """
    ticket = locked_open(ticket)
    now = at or timezone.now()
    beginning = undo.begin(ticket, agent=agent, hold=hold, at=now) if hold else None
    mark = beginning.mark if beginning else {}
    message = None
    if body.strip():
        message = _say(ticket, agent, body, channel, now, beginning)
        _attach(message, attachments, waiting_files)
        history.record(ticket, TicketEvent.Kind.REPLIED, history.agent(agent), at=now, **mark)
        ticket.first_response_at = ticket.first_response_at or now
    _take_if_nobodys(ticket, agent, now, mark)
    # Nothing said leaves what was known.
    cause, demand = root_cause or ticket.root_cause, demand_type or ticket.demand_type
    _classify(ticket, cause, demand, history.agent(agent), now)
    ticket.answered_by = article
    unanswered = Ticket.Resolution.NO_ARTICLE if is_missing else ""
    ticket.resolution = Ticket.Resolution.ARTICLE if article else unanswered
    ticket.solved_at = now
    key = article.key if article else None
    data = {"article": key} if article else {"article": None, "is_missing": is_missing}
    history.record(ticket, TicketEvent.Kind.SOLVED, history.agent(agent), at=now, **data, **mark)
    _move(ticket, Ticket.Status.SOLVED, now)
    letter = None if channel == ChannelKind.FORM else notices.tell_solved(ticket, message)
    if beginning:
        undo.hold(beginning, message, [letter])
    return message


def _classify(ticket: Ticket, cause: RootCause | None, demand_type: str, by: Actor, now: datetime) -> None:
    if demand_type and demand_type not in DemandType.values:
        raise TicketError(_("Choose one of the kinds of demand."))
    if (ticket.root_cause, ticket.demand_type) != (cause, demand_type):
        ticket.root_cause, ticket.demand_type = cause, demand_type
        data = {"root_cause": cause.key if cause else "", "demand_type": demand_type}
        history.record(ticket, TicketEvent.Kind.CLASSIFIED, by, at=now, **data)


@transaction.atomic
def classify(
    ticket: Ticket, *, agent: User, root_cause: RootCause | None, demand_type: str, at: datetime | None = None
) -> None:
    """Says why a case arose, as far as is known now. Raises TicketError for a kind of demand that there is not."""
    ticket = locked_open(ticket)
    now = at or timezone.now()
    _classify(ticket, root_cause, demand_type, history.agent(agent), now)
    ticket.updated_at = now
    ticket.save()


@transaction.atomic
def close_by_customer(ticket: Ticket, *, article: Article | None = None, at: datetime | None = None) -> None:
    """The customer says that it is solved, perhaps by an article; nothing more is sent."""
    ticket = locked(ticket)
    if ticket.is_settled:
        return
    now = at or timezone.now()
    ticket.answered_by = article
    ticket.resolution = Ticket.Resolution.ARTICLE if article else ""
    ticket.solved_at = now
    history.record(
        ticket, TicketEvent.Kind.CLOSED_BY_CUSTOMER, history.CUSTOMER, at=now, article=article.key if article else None
    )
    _move(ticket, Ticket.Status.CLOSED, now)


@transaction.atomic
def clear_of_spam(ticket: Ticket, *, agent: User) -> None:
    """A suspected case was a real one: it joins the others, and its customer gets the confirmation."""
    ticket = locked(ticket)
    if not ticket.is_suspected_spam:
        return
    ticket.is_suspected_spam = False
    ticket.save(update_fields=["is_suspected_spam"])
    history.record(ticket, TicketEvent.Kind.CLEARED_OF_SPAM, history.agent(agent))
    first = ticket.messages.filter(kind=Message.Kind.INBOUND).first()
    if first is not None:
        notices.confirm_receipt(ticket, first)
