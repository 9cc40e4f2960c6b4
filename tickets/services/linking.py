"""Cases that hang together, and colleagues who follow one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets.errors import TicketError
from tickets.models import Ticket, TicketEvent, TicketLink
from tickets.models.tickets import TicketQuerySet
from tickets.services import history
from tickets.services.history import Actor
from tickets.services.locking import locked_pair
from tickets.services.queues import first_messages

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

Kind = TicketLink.Kind

# How a link reads from the case that the other one came out of.
_SEEN_FROM_TARGET = {
    Kind.RELATED: gettext_lazy("Related"),
    Kind.SPLIT: gettext_lazy("Was split off from this one"),
    Kind.OTHER_SENDER: gettext_lazy("Somebody else answered here"),
    Kind.NEW_MATTER: gettext_lazy("A new matter, begun in this thread"),
    Kind.FOLLOW_UP: gettext_lazy("Came after this one was closed"),
}


@dataclass(frozen=True)
class LinkedCase:
    link: TicketLink
    ticket: Ticket
    words: str
    """How the two hang together, said from the case that is looked at."""


@transaction.atomic
def link(source: Ticket, target: Ticket, kind: str = Kind.RELATED, *, by: Actor) -> TicketLink:
    """Links two cases, whichever way round; a link that is there already is returned. `source` came out of `target`.

    Raises TicketError for a case linked with itself.
    """
    if source.pk == target.pk:
        raise TicketError(_("That is this very case. Choose another."))
    if kind not in Kind.values:
        raise TicketError(_("Cases cannot be linked in that way."))
    source, target = locked_pair(source, target)
    known = _between(source, target)
    if known is not None:
        return known
    made = TicketLink.objects.create(source=source, target=target, kind=kind)
    history.record(source, TicketEvent.Kind.LINKED, by, to=target.reference, how=kind)
    history.record(target, TicketEvent.Kind.LINKED, by, to=source.reference, how=kind)
    return made


@transaction.atomic
def unlink(ticket: Ticket, other: Ticket, *, by: Actor) -> bool:
    """Takes the link between two cases away; False when there was none."""
    ticket, other = locked_pair(ticket, other)
    known = _between(ticket, other)
    if known is None:
        return False
    known.delete()
    history.record(ticket, TicketEvent.Kind.UNLINKED, by, to=other.reference)
    history.record(other, TicketEvent.Kind.UNLINKED, by, to=ticket.reference)
    return True


def _between(one: Ticket, other: Ticket) -> TicketLink | None:
    return TicketLink.objects.filter(Q(source=one, target=other) | Q(source=other, target=one)).first()


def linked_cases(ticket: Ticket, visible: TicketQuerySet) -> list[LinkedCase]:
    """The cases that this one hangs together with, of those in `visible`, oldest link first. Three queries."""
    links = list(TicketLink.objects.filter(Q(source=ticket) | Q(target=ticket)).order_by("created_at", "pk"))
    others = {one.target_id if one.source_id == ticket.pk else one.source_id for one in links}
    tickets = {one.pk: one for one in visible.filter(pk__in=others).prefetch_related(first_messages())}
    found = []
    for one in links:
        outgoing = one.source_id == ticket.pk
        other = tickets.get(one.target_id if outgoing else one.source_id)
        if other is not None:
            words = one.get_kind_display() if outgoing else str(_SEEN_FROM_TARGET[Kind(one.kind)])
            found.append(LinkedCase(one, other, words))
    return found


def follow(ticket: Ticket, user: User) -> None:
    """From now on the case stands in the colleague's view of followed cases. It is theirs alone: no history."""
    if not user.has_perm("tickets.work_cases"):
        raise TicketError(_("Only agents can follow cases."))
    ticket.followers.add(user)


def unfollow(ticket: Ticket, user: User) -> None:
    ticket.followers.remove(user)
