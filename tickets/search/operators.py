"""What the operators of a search ask of the database: who has a case, its status, its dates and the like.

Those that ask for words (`from:`, `subject:`, `file:`) are the index's work; see `searching`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone

from knowledge.models import Topic
from tickets.models import Attachment, ChannelKind, Message, Team, Ticket
from tickets.services.case_filters import beginning_of_day

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

# In the index these are columns.
WORD_COLUMNS = {"from": ("people", "numbers"), "subject": ("subject",), "file": ("files",)}
_AGE = re.compile(r"(\d{1,4})\s*([hdwmy])", re.IGNORECASE)
_HOURS = {"h": 1, "d": 24, "w": 7 * 24, "m": 30 * 24, "y": 365 * 24}
_Asked = Callable[[str, "User"], "Q | None"]


def condition(operator: str, value: str, user: User) -> Q | None:
    """What an operator asks for; None where it makes no sense."""
    return _CONDITIONS[operator](value.strip(), user)


def _assignee(value: str, user: User) -> Q | None:
    known = {"me": Q(assignee=user.pk), "none": Q(assignee=None), "nobody": Q(assignee=None)}
    if found := known.get(value.lower()):
        return found
    people = get_user_model()._default_manager.filter(Q(name__icontains=value) | Q(email__istartswith=value))
    numbers = list(people.values_list("pk", flat=True)[:50])
    return Q(assignee__in=numbers) if numbers else None


def _tag(value: str, user: User) -> Q | None:
    return Q(pk__in=Ticket.tags.through.objects.filter(tag__name__iexact=value).values("ticket"))


def _status(value: str, user: User) -> Q | None:
    word = value.lower().replace("-", "_").replace(" ", "_")
    if word in Ticket.Status.values:
        return Q(status=word)
    return {
        "waiting": Q(status__in=[Ticket.Status.WAITING_CUSTOMER, Ticket.Status.WAITING_THIRD_PARTY]),
        "settled": Q(status__in=[Ticket.Status.SOLVED, Ticket.Status.CLOSED]),
    }.get(word)


def _is(value: str, user: User) -> Q | None:
    return {
        "open": Q(status__in=Ticket.UNSETTLED),
        "solved": Q(status__in=[Ticket.Status.SOLVED, Ticket.Status.CLOSED]),
        "unassigned": Q(assignee=None),
        "mine": Q(assignee=user.pk),
        "spam": Q(is_suspected_spam=True),
        "unanswered": Q(first_response_at=None),
        "followed": Q(pk__in=Ticket.followers.through.objects.filter(user_id=user.pk).values("ticket")),
    }.get(value.lower())


def _topic(value: str, user: User) -> Q | None:
    found = Topic.objects.filter(Q(slug__iexact=value) | Q(translations__name__icontains=value))
    numbers = list(found.values_list("pk", flat=True).distinct()[:50])
    return Q(topic__in=numbers) if numbers else None


def _team(value: str, user: User) -> Q | None:
    numbers = list(Team.objects.filter(Q(key__iexact=value) | Q(name__icontains=value)).values_list("pk", flat=True))
    return Q(team__in=numbers) if numbers else None


def _one_of(path: str, values: list[str]) -> _Asked:
    return lambda value, user: Q(**{path: value.lower()}) if value.lower() in values else None


def _before(value: str, user: User) -> Q | None:
    day = beginning_of_day(value)
    return Q(created_at__lt=day) if day else None


def _after(value: str, user: User) -> Q | None:
    day = beginning_of_day(value)
    return Q(created_at__gte=day) if day else None


def _moment(value: str) -> datetime | None:
    """So long ago: 12h, 7d, 2w, 3m, 1y."""
    match = _AGE.fullmatch(value)
    if match is None:
        return None
    try:
        return timezone.now() - timedelta(hours=int(match[1]) * _HOURS[match[2].lower()])
    except OverflowError:
        return None


def _older(value: str, user: User) -> Q | None:
    moment = _moment(value)
    return Q(created_at__lt=moment) if moment else None


def _newer(value: str, user: User) -> Q | None:
    moment = _moment(value)
    return Q(created_at__gte=moment) if moment else None


def _has(value: str, user: User) -> Q | None:
    return {
        "attachment": Q(pk__in=Attachment.objects.values("message__ticket")),
        "file": Q(pk__in=Attachment.objects.values("message__ticket")),
        "note": Q(pk__in=Message.objects.filter(kind=Message.Kind.NOTE).values("ticket")),
        "tag": Q(pk__in=Ticket.tags.through.objects.values("ticket")),
    }.get(value.lower())


_CONDITIONS: dict[str, _Asked] = {
    "to": _assignee,
    "assignee": _assignee,
    "tag": _tag,
    "status": _status,
    "is": _is,
    "topic": _topic,
    "team": _team,
    "channel": _one_of("channel", ChannelKind.values),
    "priority": _one_of("priority", Ticket.Priority.values),
    "type": _one_of("type", Ticket.Type.values),
    "language": _one_of("language", ["en", "sv", "nb", "da"]),
    "lang": _one_of("language", ["en", "sv", "nb", "da"]),
    "before": _before,
    "after": _after,
    "older": _older,
    "newer": _newer,
    "has": _has,
}
