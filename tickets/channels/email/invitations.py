"""What a calendar invitation says, in words (RFC 5545, RFC 5546)."""

from __future__ import annotations

import logging
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from icalendar import Calendar, Component

from knowledge.search.analysis import clean
from tickets.channels.email.charsets import PARSERS_RAISE, text_of

logger = logging.getLogger(__name__)
_MOST_EVENTS = 5
_LARGEST = 200_000


def words_of_invitation(data: bytes) -> str:
    """A paragraph for each event: what it is, when and where. "" for what is no calendar."""
    try:
        calendar = Calendar.from_ical(text_of(data[:_LARGEST]))
        method = str(calendar.get("METHOD", "")).upper()
        events = list(calendar.walk("VEVENT"))[:_MOST_EVENTS]
        return "\n\n".join(_words(event, method) for event in events)
    except PARSERS_RAISE as error:
        logger.info("An invitation could not be read: %r", error)
        return ""


def _words(event: Component, method: str) -> str:
    title = _line(event.get("SUMMARY")) or _("no title")
    kinds = {
        "CANCEL": _("Cancelled: %(title)s"),
        "REPLY": _("Answer to an invitation: %(title)s"),
        "COUNTER": _("Another time is proposed: %(title)s"),
    }
    first = kinds.get(method, _("Invitation: %(title)s")) % {"title": title}
    start, end = event.get("DTSTART"), event.get("DTEND")
    when = _when(getattr(start, "dt", None), getattr(end, "dt", None))
    return "\n".join(line for line in (first, when, _line(event.get("LOCATION"))) if line)


def _when(start: object, end: object) -> str:
    if isinstance(start, datetime):
        begins = _local(start)
        text = date_format(begins, "DATETIME_FORMAT")
        if isinstance(end, datetime):
            ends = _local(end)
            is_same_day = ends.date() == begins.date()
            text += " – " + date_format(ends, "TIME_FORMAT" if is_same_day else "DATETIME_FORMAT")
        return text
    return date_format(start, "DATE_FORMAT") if isinstance(start, date) else ""


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def _line(value: object) -> str:
    return " ".join(clean(str(value or "")).split())[:300]
