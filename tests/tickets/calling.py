"""Booking call-backs in tests: on a Monday at nine, with somebody at the phone from eight to five."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from tickets.models import Calendar, Callback, Channel, ChannelKind, OpeningPeriod
from tickets.services import callbacks
from tickets.services.callback_slots import slot_value

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NUMBER = "+46701740605"


def at(text: str) -> datetime:
    """ "2026-11-23 09:00", as clocks in Stockholm show it."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


MONDAY = at("2026-11-23 09:00")
NIGHT = at("2026-11-23 21:00")
QUARTER_PAST_TEN = at("2026-11-24 10:15")


def hours(*periods: tuple[str, str], places: int = 2, days: range = range(5)) -> Calendar:
    """Opening hours of the call-back channel, Monday to Friday."""
    calendar = Calendar.objects.create(name="Phones", time_zone="Europe/Stockholm")
    for day in days:
        for opens, closes in periods or [("08:00", "12:00"), ("13:00", "17:00")]:
            OpeningPeriod.objects.create(
                calendar=calendar, weekday=day, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes)
            )
    Channel.objects.create(kind=ChannelKind.CALLBACK, calendar=calendar, slots_per_quarter=places)
    return calendar


def asked(**fields: Any) -> callbacks.Asked:
    values: dict[str, Any] = {"number": NUMBER, "slot": None, "language": "en", "email": "cleo@example.com"}
    return callbacks.Asked(**(values | fields))


def booked(*, now: datetime = MONDAY, **fields: Any) -> Callback:
    return callbacks.book(asked(**fields), at=now)


def form(**fields: object) -> dict[str, object]:
    values = {"phone": "+46 70 174 06 05", "message": "My parcel", "slot": "soon", "email": "", "name": ""}
    values |= {name: slot_value(value) if isinstance(value, datetime) else value for name, value in fields.items()}
    return values
