"""Tags of cases: free words, written in one way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import Tag, Ticket, TicketEvent
from tickets.services import history
from tickets.services.history import Actor
from tickets.services.locking import locked_open

MAX_TAG_CHARACTERS = 50
MAX_TAGS = 20
_COUNTED_FOR_SECONDS = 600


def normalise_tag(name: str) -> str:
    """A tag as it is kept and compared: lower case, single spaces, no "#" in front."""
    return " ".join(clean(name).replace("\n", " ").lower().lstrip("# ").split())


def split_tags(text: str) -> list[str]:
    """The tags in what somebody typed, with commas between them."""
    return [name for part in text.replace(";", ",").split(",") if (name := normalise_tag(part))]


@transaction.atomic
def add_tags(ticket: Ticket, names: Iterable[str], *, by: Actor, job: str = "") -> bool:
    """Adds tags, making those that are new; False when the case had all of them. Raises TicketError for too long a
    name and for more than MAX_TAGS. `job` names the change of many cases that it belongs to."""
    wanted = _normalised(names)
    ticket = locked_open(ticket)
    have = set(ticket.tags.values_list("name", flat=True))
    added = [name for name in wanted if name not in have]
    if not added:
        return False
    if len(have) + len(added) > MAX_TAGS:
        raise TicketError(_("A case can have %(limit)s tags at most.") % {"limit": MAX_TAGS})
    Tag.objects.bulk_create([Tag(name=name) for name in added], ignore_conflicts=True)
    ticket.tags.add(*Tag.objects.filter(name__in=added))
    _written(ticket, by, job, added=added, removed=[])
    return True


@transaction.atomic
def remove_tags(ticket: Ticket, names: Iterable[str], *, by: Actor, job: str = "") -> bool:
    """Takes tags off; False when the case had none of them. The tags themselves stay, for other cases."""
    wanted = {normalise_tag(name) for name in names}
    ticket = locked_open(ticket)
    gone = list(ticket.tags.filter(name__in=wanted))
    if not gone:
        return False
    ticket.tags.remove(*gone)
    _written(ticket, by, job, added=[], removed=[tag.name for tag in gone])
    return True


@transaction.atomic
def take_back(ticket: Ticket, job: str, *, by: Actor) -> bool:
    """Undoes what a change of many cases did to the tags of this one; what anybody changed since stays as it is."""
    ticket = locked_open(ticket)
    added, removed = set[str](), set[str]()
    for event in ticket.events.filter(kind=TicketEvent.Kind.TAGGED).order_by("created_at", "pk"):
        touched = {*event.data["added"], *event.data["removed"]}
        added, removed = added - touched, removed - touched
        if event.data.get("job") == job:
            added, removed = added | {*event.data["added"]}, removed | {*event.data["removed"]}
    was_added = remove_tags(ticket, added, by=by)
    return add_tags(ticket, sorted(removed), by=by) or was_added


def often_used(ticket: Ticket, *, limit: int = 30) -> list[str]:
    """Tags to offer for a case that it does not have: the ones that its topic's cases have most, then others.

    Counting them reads every tagged case of the topic, so it is done once in ten minutes.
    """
    have = set(ticket.tags.values_list("name", flat=True))
    key = f"tags-often-used:{ticket.topic_id or 0}"
    names: list[str] = (
        cache.get_or_set(key, lambda: _by_use(ticket.topic_id, limit + MAX_TAGS), _COUNTED_FOR_SECONDS) or []
    )
    return [name for name in names if name not in have][:limit]


def _by_use(topic: int | None, limit: int) -> list[str]:
    near: list[str] = []
    if topic:
        tags = Tag.objects.filter(tickets__topic=topic).annotate(uses=Count("pk")).order_by("-uses", "name")
        near = list(tags.values_list("name", flat=True)[:limit])
    others = Tag.objects.exclude(name__in=near).values_list("name", flat=True)
    return near + list(others[: limit - len(near)])


def _normalised(names: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(name for raw in names if (name := normalise_tag(str(raw)))))
    for name in wanted:
        if len(name) > MAX_TAG_CHARACTERS:
            raise TicketError(
                _("“%(tag)s” is too long for a tag: %(limit)s characters at most.")
                % {"tag": name[:60], "limit": MAX_TAG_CHARACTERS}
            )
    return wanted


def _written(ticket: Ticket, by: Actor, job: str, *, added: list[str], removed: list[str]) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(updated_at=timezone.now())
    of_job: dict[str, Any] = {"job": job} if job else {}
    history.record(ticket, TicketEvent.Kind.TAGGED, by, added=added, removed=removed, **of_job)
