"""Everything that changes a case, each change with its line in the history."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.models import Article
from tickets.errors import TicketError
from tickets.models import Message, Ticket, TicketEvent
from tickets.services import history, notices
from tickets.services.history import Actor
from tickets.services.intake import clean_message

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

_OUR_TURN = (Ticket.Status.NEW, Ticket.Status.OPEN)
# What an agent may set by hand; solving and new cases have verbs of their own.
SETTABLE = (Ticket.Status.OPEN, Ticket.Status.WAITING_CUSTOMER, Ticket.Status.WAITING_THIRD_PARTY)


def _locked(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_for_update().get(pk=ticket.pk)


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
    at: datetime | None = None,
) -> Message:
    """Answers the customer, and leaves the case in the status `then`. Raises TicketError for an empty answer."""
    body = clean_message(body)
    if then not in SETTABLE:
        raise TicketError(_("A case cannot be left in that status after an answer."))
    ticket = _locked(ticket)
    now = at or timezone.now()
    message = Message.objects.create(
        ticket=ticket, kind=Message.Kind.OUTBOUND, channel="email", author=agent, body=body, created_at=now
    )
    history.record(ticket, TicketEvent.Kind.REPLIED, history.agent(agent), at=now)
    if ticket.assignee is None:
        ticket.assignee = agent
        history.record(ticket, TicketEvent.Kind.ASSIGNED, history.agent(agent), at=now, to=str(agent))
    ticket.first_response_at = ticket.first_response_at or now
    if ticket.is_settled:
        _reopen(ticket, history.agent(agent), now)
    else:
        _record_status(ticket, then, history.agent(agent), now)
    ticket.waiting_since = None
    _move(ticket, then, now)
    notices.send_answer(ticket, message)
    return message


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


def _record_status(ticket: Ticket, status: str, by: Actor, now: datetime) -> None:
    if ticket.status != status:
        history.record(ticket, TicketEvent.Kind.STATUS_CHANGED, by, at=now, was=ticket.status, now=status)


def _reopen(ticket: Ticket, by: Actor, now: datetime) -> None:
    """What answered a case no longer counts once it goes on."""
    history.record(ticket, TicketEvent.Kind.REOPENED, by, at=now, was=ticket.status)
    ticket.solved_at, ticket.resolution, ticket.answered_by = None, "", None


@transaction.atomic
def change_status(ticket: Ticket, status: str, *, agent: User, at: datetime | None = None) -> None:
    """Sets one of the statuses that agents set by hand. Raises TicketError for any other."""
    if status not in SETTABLE:
        raise TicketError(_("That status is not set by hand."))
    ticket = _locked(ticket)
    now = at or timezone.now()
    if ticket.is_settled:
        _reopen(ticket, history.agent(agent), now)
    else:
        _record_status(ticket, status, history.agent(agent), now)
    _move(ticket, status, now)


@transaction.atomic
def assign(ticket: Ticket, *, to: User, by: User, at: datetime | None = None) -> None:
    """Makes an agent the one who answers for the case. Raises TicketError for somebody who works no cases."""
    if not to.has_perm("tickets.work_cases"):
        raise TicketError(_("Only agents can be given cases."))
    ticket = _locked(ticket)
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
    ticket = _locked(ticket)
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
    body: str = "",
    at: datetime | None = None,
) -> None:
    """Solves a case with the article that answered it, or with none: then it counts as missing content.

    The customer is told, with `body` as the answer where there is one, and can always answer back.
    """
    ticket = _locked(ticket)
    now = at or timezone.now()
    message = None
    if body.strip():
        message = Message.objects.create(
            ticket=ticket,
            kind=Message.Kind.OUTBOUND,
            channel="email",
            author=agent,
            body=clean_message(body),
            created_at=now,
        )
        history.record(ticket, TicketEvent.Kind.REPLIED, history.agent(agent), at=now)
        ticket.first_response_at = ticket.first_response_at or now
    if ticket.assignee is None:
        ticket.assignee = agent
        history.record(ticket, TicketEvent.Kind.ASSIGNED, history.agent(agent), at=now, to=str(agent))
    ticket.answered_by = article
    ticket.resolution = Ticket.Resolution.ARTICLE if article else Ticket.Resolution.NO_ARTICLE
    ticket.solved_at = now
    history.record(
        ticket, TicketEvent.Kind.SOLVED, history.agent(agent), at=now, article=article.key if article else None
    )
    _move(ticket, Ticket.Status.SOLVED, now)
    notices.tell_solved(ticket, message)


@transaction.atomic
def close_by_customer(ticket: Ticket, *, article: Article | None = None, at: datetime | None = None) -> None:
    """The customer says that it is solved, perhaps by an article; nothing more is sent."""
    ticket = _locked(ticket)
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
    ticket = _locked(ticket)
    if not ticket.is_suspected_spam:
        return
    ticket.is_suspected_spam = False
    ticket.save(update_fields=["is_suspected_spam"])
    history.record(ticket, TicketEvent.Kind.CLEARED_OF_SPAM, history.agent(agent))
    first = ticket.messages.filter(kind=Message.Kind.INBOUND).first()
    if first is not None:
        notices.confirm_receipt(ticket, first)
