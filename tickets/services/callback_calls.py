"""Calling back: who takes it, what came of each call, and what happens after a call in vain."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import Callback, CallbackTry, Ticket, TicketEvent
from tickets.services import callback_notices, history, lifecycle
from tickets.services.callback_slots import calling_hours, slot_value
from tickets.services.merging import kept_case

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

Outcome = CallbackTry.Outcome
# After so many calls in vain the customer is asked for another time.
MOST_TRIES = 3
_AFTER_BUSY = timedelta(minutes=15)
# After the first and the second call that nobody answered.
_AFTER_NO_ANSWER = (timedelta(minutes=30), timedelta(hours=3))
# Nobody calls twice in so short a time: the form was sent twice.
_ONE_CLICK = timedelta(seconds=10)
MAX_NOTE_CHARACTERS = 2_000


@transaction.atomic
def take(callback: Callback, *, agent: User, is_over: bool = False, at: datetime | None = None) -> Callback:
    """Makes an agent the one who calls, and who answers for the case. Raises TicketError where a colleague does
    already, unless it is taken over from them, and where there is nothing to call any more."""
    locked = _locked(callback)
    if not locked.is_booked:
        raise TicketError(_("There is no call left to make: %(state)s.") % {"state": locked.get_state_display()})
    if locked.agent is not None and locked.agent != agent and not is_over:
        raise TicketError(_("%(name)s has taken it.") % {"name": locked.agent})
    locked.agent = agent
    locked.save(update_fields=["agent"])
    lifecycle.assign(kept_case(locked.ticket), to=agent, by=agent, at=at)
    return locked


@transaction.atomic
def log_try(callback: Callback, *, agent: User, outcome: str, note: str = "", at: datetime | None = None) -> Callback:
    """Writes down a call. Reached: it is done. In vain: it is due again later, within the opening hours; after the
    last try, or where the number is wrong, the customer is asked for another time, and the case stays open.

    Twice the same within seconds is one call whose form was sent twice. A note becomes one of the case's. Raises
    TicketError for no outcome, and where somebody was reached already.
    """
    if outcome not in Outcome.values:
        raise TicketError(_("Choose what came of the call."))
    locked = _locked(callback)
    if not locked.can_be_moved:
        raise TicketError(_("There is no call left to make: %(state)s.") % {"state": locked.get_state_display()})
    now = at or timezone.now()
    note = clean(note).strip()[:MAX_NOTE_CHARACTERS]
    if locked.log.filter(agent=agent, outcome=outcome, note=note, at__gt=now - _ONE_CLICK).exists():
        return locked
    CallbackTry.objects.create(callback=locked, agent=agent, at=now, outcome=outcome, note=note)
    locked.agent = locked.agent or agent
    ticket = kept_case(locked.ticket)
    if outcome == Outcome.REACHED:
        locked.state = Callback.State.DONE
        data = {}
    else:
        locked.tries += 1
        data = _plan(locked, outcome, now)
    locked.save()
    history.record(ticket, TicketEvent.Kind.CALLBACK_TRIED, history.agent(agent), at=now, outcome=outcome, **data)
    _take_case(ticket, agent, now, has_spoken=outcome == Outcome.REACHED)
    if note:
        lifecycle.add_note(ticket, agent=agent, body=note, at=now)
    if locked.state == Callback.State.UNREACHED:
        callback_notices.tell_unreached(locked)
    return locked


def _plan(callback: Callback, outcome: str, now: datetime) -> dict[str, str]:
    """When to call next, or that it is for the customer to say."""
    if outcome == Outcome.WRONG_NUMBER or callback.tries >= MOST_TRIES:
        callback.state = Callback.State.UNREACHED
        return {"gave_up": "yes"}
    pauses = _AFTER_NO_ANSWER
    pause = _AFTER_BUSY if outcome == Outcome.BUSY else pauses[min(callback.tries, len(pauses)) - 1]
    callback.due_at = calling_hours().soonest(now + pause)
    callback.late_noted_at = None
    callback.state = Callback.State.BOOKED
    return {"next": slot_value(callback.due_at)}


def _take_case(ticket: Ticket, agent: User, now: datetime, *, has_spoken: bool) -> None:
    """Whoever calls answers for the case where nobody does; a case that was spoken about has had its first answer."""
    if ticket.is_settled:
        return
    if ticket.assignee is None:
        lifecycle.assign(ticket, to=agent, by=agent, at=now)
        ticket.refresh_from_db()
    if has_spoken:
        if ticket.status == Ticket.Status.NEW:
            lifecycle.change_status(ticket, Ticket.Status.OPEN, agent=agent, at=now)
        # They have waited until now; what is still to be done they wait for from now on.
        Ticket.objects.filter(pk=ticket.pk, waiting_since__isnull=False).update(waiting_since=now)
        Ticket.objects.filter(pk=ticket.pk, first_response_at__isnull=True).update(first_response_at=now)
        Ticket.objects.filter(pk=ticket.pk).update(updated_at=now)


def note_late(*, at: datetime | None = None) -> int:
    """Writes into the history that a promised call is late, once for each promise. Returns how many there were."""
    now = at or timezone.now()
    count = 0
    for callback in Callback.objects.late(now).filter(late_noted_at__isnull=True).select_related("ticket"):
        with transaction.atomic():
            # Claimed, so that two workers do not both note it.
            claimed = Callback.objects.late(now).filter(pk=callback.pk, late_noted_at__isnull=True)
            if Callback.objects.filter(pk__in=claimed.values("pk")).update(late_noted_at=now):
                due = slot_value(callback.due_at)
                history.record(callback.ticket, TicketEvent.Kind.CALLBACK_LATE, history.SYSTEM, at=now, due=due)
                count += 1
    return count


def _locked(callback: Callback) -> Callback:
    Ticket.objects.select_for_update().get(pk=callback.ticket_id)
    found: Callback = (
        Callback.objects.select_for_update(of=("self",))
        .select_related("ticket__customer", "ticket__merged_into__assignee", "ticket__assignee", "agent")
        .get(pk=callback.pk)
    )
    return found
