"""Call-backs: booking one, giving it another time, calling it off. What becomes of the call is `callback_calls`'."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from knowledge.models import Topic
from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import Callback, ChannelKind, Ticket, TicketEvent
from tickets.services import callback_notices, history
from tickets.services.callback_slots import CallingHours, calling_hours, next_free, slot_value
from tickets.services.callback_words import clock, day_in_words
from tickets.services.customers import customer_by_phone
from tickets.services.history import Actor
from tickets.services.intake import VisitContext, open_ticket
from tickets.services.phone_numbers import read_number, region_for

# More promises to call one number than these are a mistake, or somebody who wants it to ring.
MOST_FOR_A_NUMBER = 3


class SlotGone(TicketError):
    """The quarter has no room any more, or never had; the sentence names the next ones that have."""


@dataclass(frozen=True)
class Asked:
    """What somebody wants to be called about: `slot` None is "as soon as someone is free"."""

    number: str
    slot: datetime | None
    language: str
    body: str = ""
    name: str = ""
    email: str = ""
    topic: Topic | None = None


@transaction.atomic
def book(
    asked: Asked,
    *,
    visit: VisitContext | None = None,
    idempotency_key: str | None = None,
    is_suspected_spam: bool = False,
    at: datetime | None = None,
) -> Callback:
    """Promises a call: the case, the place in its quarter, the history and the confirmation, all or nothing.

    The same idempotency key for the same number and address gives the same call-back; another time then changes it.
    What looks like spam gets no place, so that robots use up nobody's time, and neither does one call too many to a
    number: both wait until a person has looked. Raises SlotGone where the quarter is full or not offered, and
    TicketError for input that cannot be taken; "as soon as someone is free" is taken always.
    """
    number = read_number(asked.number, region_for(asked.language))
    now = at or timezone.now()
    hours = calling_hours()
    is_one_too_many = Callback.objects.promised().filter(number=number).count() >= MOST_FOR_A_NUMBER
    is_held = is_suspected_spam or is_one_too_many
    ticket = _open_case(asked, number, visit, _key_of(idempotency_key, number, asked.email), is_held, now)
    known = ticket.callbacks.order_by("-booked_at").first()
    if known is not None and known.can_be_moved:
        return move(known, slot=asked.slot, by=history.CUSTOMER, at=now)
    if is_one_too_many and asked.slot is not None:
        raise SlotGone(
            _("We have promised to call this number several times already. Choose “As soon as someone is free”.")
        )
    callback = Callback(
        ticket=ticket, number=number, name=clean(asked.name).strip()[:120], language=asked.language, booked_at=now
    )
    _promise(callback, asked.slot, hours, now, has_place=not is_held)
    history.record(ticket, TicketEvent.Kind.CALLBACK_BOOKED, history.CUSTOMER, at=now, **_when(callback))
    if not is_held:
        callback_notices.tell_booked(callback, hours)
    return callback


def _key_of(key: str | None, number: str, email: str) -> str | None:
    """The form's key, together with number and address: whoever comes back to a page that somebody else has filled in
    wishes for a call of their own, and a mistyped address put right is another customer's."""
    if not key:
        return None
    return "callback:" + hashlib.sha256(f"{email.lower()}\n{number}\n{key}".encode()).hexdigest()


def _open_case(
    asked: Asked, number: str, visit: VisitContext | None, key: str | None, is_suspected_spam: bool, now: datetime
) -> Ticket:
    """By the address where one is given. The number then stays with the call-back: nobody has shown that it is theirs,
    and letters must not follow it."""
    customer = None if asked.email else customer_by_phone(number, asked.name, asked.language)
    with override(asked.language):
        default = _("Please call me.")
    return open_ticket(
        channel=ChannelKind.CALLBACK,
        email=asked.email,
        body=asked.body.strip() or default,
        language=asked.language,
        name=asked.name,
        topic=asked.topic,
        idempotency_key=key,
        visit=visit,
        is_suspected_spam=is_suspected_spam,
        sender_customer=customer,
        confirm=False,
        at=now,
    )


def _promise(
    callback: Callback, slot: datetime | None, hours: CallingHours, now: datetime, *, has_place: bool = True
) -> None:
    """Sets when we call, and saves it with a place of its own in the quarter."""
    callback.slot_at, callback.slot_place = slot, None
    callback.promised_at = callback.due_at = slot or hours.soonest(now)
    if slot is None:
        callback.save()
        return
    free = _free_places(callback, hours) if slot in set(hours.quarters(now)) else []
    if free and not has_place:
        callback.save()
    elif not any(_take_place(callback, place) for place in free):
        raise _gone(slot, hours, now)


def _free_places(callback: Callback, hours: CallingHours) -> list[int]:
    others = Callback.objects.holding_places().filter(slot_at=callback.slot_at).exclude(pk=callback.pk)
    sold = set(others.values_list("slot_place", flat=True))
    # Where managers have taken places away since, all that were sold still count.
    return [place for place in range(hours.places) if place not in sold] if len(sold) < hours.places else []


def _take_place(callback: Callback, place: int) -> bool:
    """Saves it with the place, unless somebody else was quicker: the database has it once only."""
    callback.slot_place = place
    try:
        with transaction.atomic():
            callback.save()
    except IntegrityError:
        return False
    return True


def _gone(slot: datetime, hours: CallingHours, now: datetime) -> SlotGone:
    free = next_free(hours, now, slot)
    if not free:
        return SlotGone(_("That time is taken, and so are all others. Choose “As soon as someone is free”."))
    day = free[0].date()
    times = ", ".join(clock(one, hours.zone) for one in free if one.date() == day)
    told = {"day": day_in_words(free[0], hours.zone), "times": times}
    return SlotGone(
        _("That time has just been taken. The next free ones: %(day)s at %(times)s. Nothing that you wrote is lost.")
        % told
    )


@transaction.atomic
def move(
    callback: Callback, *, slot: datetime | None, number: str = "", by: Actor, at: datetime | None = None
) -> Callback:
    """Gives it another time, and perhaps another number; links from before end. Nothing happens where all is so
    already. Raises SlotGone for a quarter without room, and TicketError where it cannot be moved any more."""
    now = at or timezone.now()
    locked = _locked(callback)
    if not locked.can_be_moved:
        raise TicketError(_("This call-back is over. Book a new one."))
    number = read_number(number, region_for(locked.language)) if number else locked.number
    if locked.is_booked and (locked.slot_at, locked.number) == (slot, number):
        return locked
    hours = calling_hours()
    # Whoever corrects the number keeps the time, also one so near that nobody else could book it.
    keeps_time = locked.is_booked and locked.slot_at == slot
    locked.number, locked.state, locked.version = number, Callback.State.BOOKED, locked.version + 1
    if keeps_time:
        locked.save()
    else:
        locked.booked_at, locked.tries, locked.late_noted_at = now, 0, None
        _promise(locked, slot, hours, now, has_place=not locked.ticket.is_suspected_spam)
    history.record(locked.ticket, TicketEvent.Kind.CALLBACK_MOVED, by, at=now, **_when(locked))
    if not locked.ticket.is_suspected_spam:
        callback_notices.tell_booked(locked, hours, is_moved=True)
    return locked


@transaction.atomic
def cancel(callback: Callback, *, by: Actor, at: datetime | None = None) -> Callback:
    """Calls it off; its place is free again. The case stays as it is. A second time changes nothing. Raises
    TicketError where we have called already."""
    locked = _locked(callback)
    if locked.state == Callback.State.CANCELLED:
        return locked
    if locked.state == Callback.State.DONE:
        raise TicketError(_("We have called already, so there is nothing to cancel."))
    locked.state = Callback.State.CANCELLED
    locked.save(update_fields=["state"])
    history.record(locked.ticket, TicketEvent.Kind.CALLBACK_CANCELLED, by, at=at)
    if not locked.ticket.is_suspected_spam:
        callback_notices.tell_cancelled(locked)
    return locked


def cancel_with_case(ticket: Ticket) -> None:
    """Whoever closes their case does not wait for a call about it."""
    for callback in ticket.callbacks.filter(state=Callback.State.BOOKED):
        cancel(callback, by=history.CUSTOMER)


def give_up_places(ticket: Ticket) -> None:
    """Spam uses up nobody's time: its quarters can be booked by others."""
    ticket.callbacks.filter(state=Callback.State.BOOKED).update(slot_place=None)


def take_places(ticket: Ticket) -> None:
    """What was found to be no spam is called at its time, and nobody else books its place, if one is left by now."""
    hours = calling_hours()
    for callback in ticket.callbacks.filter(state=Callback.State.BOOKED, slot_at__isnull=False, slot_place=None):
        for place in _free_places(callback, hours):
            if _take_place(callback, place):
                break


def _locked(callback: Callback) -> Callback:
    """The case first and then the call-back, as everywhere: two who change it at once wait for each other in turn."""
    Ticket.objects.select_for_update().get(pk=callback.ticket_id)
    found: Callback = (
        Callback.objects.select_for_update(of=("self",)).select_related("ticket__customer").get(pk=callback.pk)
    )
    return found


def _when(callback: Callback) -> dict[str, str]:
    """For the history: a time that was chosen, or from when on "as soon as someone is free" holds."""
    if callback.slot_at is not None:
        return {"slot": slot_value(callback.slot_at)}
    return {"from": slot_value(callback.promised_at)} if callback.promised_at > callback.booked_at else {}
