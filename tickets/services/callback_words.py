"""When we call, in the reader's words: in the organisation's time, which is named where clocks may differ."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tickets.models import Callback, CallbackTry, TicketEvent
from tickets.services.callback_slots import CallingHours, calling_hours, read_slot
from tickets.services.phone_numbers import ending, is_far_from


def city_of(zone: ZoneInfo) -> str:
    """How people call the time of a zone: "Stockholm"."""
    return zone.key.rpartition("/")[2].replace("_", " ")


def clock(moment: datetime, zone: ZoneInfo) -> str:
    return str(date_format(moment.astimezone(zone), "TIME_FORMAT"))


def day_in_words(moment: datetime, zone: ZoneInfo) -> str:
    """ "Tuesday 24 November"."""
    local = moment.astimezone(zone)
    return _("%(weekday)s %(date)s") % {
        "weekday": date_format(local, "l"),
        "date": date_format(local, "MONTH_DAY_FORMAT"),
    }


def moment_in_words(moment: datetime, zone: ZoneInfo, *, number: str = "") -> str:
    """ "Tuesday 24 November at 10:15"; for a number from elsewhere with the city whose time it is."""
    told = {"day": day_in_words(moment, zone), "time": clock(moment, zone)}
    if number and is_far_from(number, zone):
        return _("%(day)s at %(time)s, %(city)s time") % {**told, "city": city_of(zone)}
    return _("%(day)s at %(time)s") % told


def promise_in_words(callback: Callback, hours: CallingHours | None = None) -> str:
    """What is promised now: the first call, or the next one after a try in vain."""
    zone = (hours or calling_hours()).zone
    when = {"when": moment_in_words(callback.due_at, zone, number=callback.number)}
    if callback.tries:
        return _("We could not reach you, and try again on %(when)s.") % when
    if callback.slot_at is not None:
        return _("We call you on %(when)s.") % when
    if callback.promised_at > callback.booked_at:
        return _("We call you as soon as someone is free after we open on %(when)s.") % when
    return _("We call you as soon as someone is free.")


def state_in_words(callback: Callback, hours: CallingHours | None = None) -> str:
    match callback.state:
        case Callback.State.BOOKED:
            return promise_in_words(callback, hours)
        case Callback.State.DONE:
            return _("We have called you.")
        case Callback.State.CANCELLED:
            return _("The call-back is cancelled. We do not call you.")
        case _:
            return _("We called and could not reach you. Choose another time, or put the number right.")


def number_in_words(callback: Callback) -> str:
    """Enough of the number to know one's own again."""
    return _("The number ends in %(digits)s.") % {"digits": ending(callback.number)}


def event_for_agents(kind: str, who: str, data: dict[str, Any]) -> str:
    """A call-back's line in the history of its case. Times are those of the desk, as everywhere in a history."""
    told = {"who": who, "when": _when(data)}
    match kind:
        case TicketEvent.Kind.CALLBACK_BOOKED:
            return _("%(who)s asked to be called %(when)s") % told
        case TicketEvent.Kind.CALLBACK_MOVED:
            return _("%(who)s changed the call-back: %(when)s") % told
        case TicketEvent.Kind.CALLBACK_CANCELLED:
            return _("%(who)s cancelled the call-back") % told
        case TicketEvent.Kind.CALLBACK_LATE:
            return _("The call-back promised for %(when)s is late") % {"when": _moment(data.get("due"))}
    told["outcome"] = str(dict(CallbackTry.Outcome.choices).get(str(data.get("outcome")), "")).lower()
    if "next" in data:
        return _("%(who)s called: %(outcome)s; next try %(when)s") % (told | {"when": _moment(data["next"])})
    if "gave_up" in data:
        return _("%(who)s called: %(outcome)s; the customer is asked for another time") % told
    return _("%(who)s called: %(outcome)s") % told


def event_for_customers(kind: str, data: dict[str, Any]) -> str:
    match kind:
        case TicketEvent.Kind.CALLBACK_BOOKED:
            return _("A call-back was booked")
        case TicketEvent.Kind.CALLBACK_MOVED:
            return _("The call-back got another time")
        case TicketEvent.Kind.CALLBACK_CANCELLED:
            return _("The call-back was cancelled")
    reached = data.get("outcome") == CallbackTry.Outcome.REACHED
    return _("We called and spoke with you") if reached else _("We called and could not reach you")


def _when(data: dict[str, Any]) -> str:
    if "slot" in data:
        return _moment(data["slot"])
    if "from" in data:
        return _("as soon as someone is free after %(when)s") % {"when": _moment(data["from"])}
    return _("as soon as someone is free")


def _moment(text: object) -> str:
    moment = read_slot(str(text))
    return moment_in_words(moment, ZoneInfo(settings.TIME_ZONE)) if moment else ""
