"""Taking back what was just sent, for as long as it has not left: the text, the letter, and all that it changed.

A held answer is in the database from the first moment, so nothing is lost if a browser or a server goes away: it
leaves by itself when its time has come. Until then nobody outside sees it (`Message.objects.visible_to_customer`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from knowledge.background import enqueue_on_commit
from tickets.errors import TicketError
from tickets.models import HeldSend, Message, OutboxMessage, Ticket, TicketEvent
from tickets.models.tickets import TicketQuerySet
from tickets.services import drafts, history

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

# What the browser is told is shorter by this much, so that a click in the last moment still arrives in time.
GRACE = timedelta(seconds=2)
_TIMES = {"waiting_since", "first_response_at", "solved_at"}
_FIELDS = (
    "status", "priority", "assignee_id", "waiting_since", "first_response_at", "solved_at", "resolution",
    "answered_by_id", "root_cause_id", "demand_type",
)  # fmt: skip


@dataclass(frozen=True)
class Beginning:
    """How a case was before an answer that is to be held."""

    ticket: Ticket
    agent: User
    until: datetime
    fields: dict[str, Any]
    last_event: int

    @property
    def mark(self) -> dict[str, str]:
        """What the events of the answer carry, so that nothing outside is told of them too early."""
        return {"held_until": self.until.isoformat()}


def begin(ticket: Ticket, *, agent: User, hold: timedelta, at: datetime) -> Beginning:
    """Remembers the locked case as it is now."""
    last = ticket.events.order_by("-pk").values_list("pk", flat=True).first() or 0
    return Beginning(ticket, agent, at + hold, _snapshot(ticket), last)


def hold(beginning: Beginning, message: Message | None, letters: Iterable[OutboxMessage | None]) -> HeldSend:
    """Keeps the letters back until the time is over, and writes down what it takes to undo everything."""
    from tickets.tasks import deliver

    ticket = beginning.ticket
    rows = {row.pk for row in letters if row}
    if message is not None:
        rows |= set(ticket.outbox.filter(message=message).values_list("pk", flat=True))
    OutboxMessage.objects.filter(pk__in=rows).update(next_attempt_at=beginning.until)
    for pk in rows:
        enqueue_on_commit(deliver, str(pk), not_before=beginning.until)
    ticket.held_sends.filter(until__lt=timezone.now() - timedelta(days=1)).delete()
    held = HeldSend.objects.create(
        ticket=ticket,
        user=beginning.agent,
        message=message,
        until=beginning.until,
        before=beginning.fields,
        outbox=[str(pk) for pk in rows],
    )
    return include(held, since=beginning.last_event)


def include(held: HeldSend, *, since: int | None = None, tags: Iterable[str] = ()) -> HeldSend:
    """Everything that the agent has done to the case by now belongs to the answer, and goes back with it."""
    ticket = Ticket.objects.get(pk=held.ticket_id)
    first = since if since is not None else min(held.events, default=0) - 1
    kinds = [TicketEvent.Kind.NOTED]
    done = ticket.events.filter(pk__gt=first, actor=held.user).exclude(kind__in=kinds)
    held.events = list(done.values_list("pk", flat=True))
    held.after = _snapshot(ticket)
    held.tags = [*held.tags, *tags]
    held.save()
    return held


def _snapshot(ticket: Ticket) -> dict[str, Any]:
    values = {name: getattr(ticket, name) for name in _FIELDS}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def values_outside(ticket: Ticket, at: datetime) -> dict[str, Any]:
    """What the case is, for whoever must not learn of an answer before it leaves: the fields of `_FIELDS`.

    What somebody else has changed since shows. Reads `held_sends`, which a list should prefetch.
    """
    values = _snapshot(ticket)
    running = [held for held in ticket.held_sends.all() if held.until > at]
    for held in sorted(running, key=lambda one: one.created_at, reverse=True):
        values |= {name: held.before[name] for name in held.before if values.get(name) == held.after.get(name)}
    return {name: _value(name, value) for name, value in values.items()}


def in_status_outside(cases: TicketQuerySet, statuses: Iterable[str], at: datetime) -> TicketQuerySet:
    """The cases that are in one of these for whoever must not learn of an answer before it leaves."""
    wanted = list(statuses)
    running = HeldSend.objects.filter(ticket=OuterRef("pk"), until__gt=at)
    return cases.filter(Q(status__in=wanted) & ~Exists(running) | Exists(running.filter(before__status__in=wanted)))


def undoable(ticket: Ticket, user: User, at: datetime) -> HeldSend | None:
    """What this agent has just sent in the case and can still take back."""
    found = ticket.held_sends.filter(user=user, until__gt=at + GRACE).select_related("message")
    return found.order_by("-pk").first()


def seconds_left(held: HeldSend, at: datetime) -> int:
    """How long it can still be taken back, as the agent is told."""
    return max(0, round((held.until - GRACE - at).total_seconds()))


@transaction.atomic
def undo_send(message: Message, *, agent: User, at: datetime | None = None) -> None:
    """Takes an answer back. Raises TicketError when it has left, or is somebody else's."""
    held = HeldSend.objects.filter(message=message).first()
    if held is None:
        raise TicketError(_("It has left already, and cannot be taken back."))
    take_back(held, agent=agent, at=at)


@transaction.atomic
def take_back(held: HeldSend, *, agent: User, keeps_text: bool = True, at: datetime | None = None) -> None:
    """Undoes an answer or a solution: its letter goes, the case is as it was, and the text is a draft again if it
    `keeps_text`.

    What somebody else has changed since stays changed. Raises TicketError when it has left, or is somebody else's.
    """
    now = at or timezone.now()
    ticket = Ticket.objects.select_for_update().get(pk=held.ticket_id)
    if held.user_id != agent.pk:
        raise TicketError(_("Only the one who sent it can take it back."))
    # Taken back already, in another tab, it is gone; the lock on the case makes the two follow each other.
    if held.until <= now or not HeldSend.objects.filter(pk=held.pk).exists():
        raise TicketError(_("It has left already, and cannot be taken back."))
    _stop_letters(held, now)
    was_solving = held.after.get("status") == Ticket.Status.SOLVED
    message = held.message
    if message is not None and keeps_text:
        drafts.put_back(message, user=agent)
    ticket.events.filter(pk__in=held.events).delete()
    _restore(ticket, held, now)
    held.delete()
    if message is not None:
        message.delete()
    history.record(ticket, TicketEvent.Kind.SEND_UNDONE, history.agent(agent), at=now, solved=was_solving)


def _stop_letters(held: HeldSend, now: datetime) -> None:
    """Removes the letters, locked first, so that no worker can take one up meanwhile. Where one is in a worker's hands
    already, the row says so, and nothing is undone."""
    written = Q(pk__in=held.outbox) | Q(message=held.message_id) if held.message_id else Q(pk__in=held.outbox)
    rows = list(OutboxMessage.objects.select_for_update().filter(written))
    if any(row.status != OutboxMessage.Status.QUEUED or row.attempts or row.next_attempt_at <= now for row in rows):
        raise TicketError(_("It has left already, and cannot be taken back."))
    OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _value(name: str, kept: Any) -> Any:
    return parse_datetime(kept) if kept and name in _TIMES else kept


def _restore(ticket: Ticket, held: HeldSend, now: datetime) -> None:
    now_is = _snapshot(ticket)
    for name in _FIELDS:
        if name in held.before and now_is[name] == held.after.get(name):
            setattr(ticket, name, _value(name, held.before[name]))
    if ticket.waiting_since and held.before.get("waiting_since"):
        # The customer wrote meanwhile; they have waited since before that.
        ticket.waiting_since = min(ticket.waiting_since, _value("waiting_since", held.before["waiting_since"]))
    ticket.updated_at = now
    ticket.save()
    ticket.tags.remove(*ticket.tags.filter(name__in=held.tags))
