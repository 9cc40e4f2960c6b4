"""Lists of cases that people come back to, each their own or shared with a team or everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import SavedFilter, Team
from tickets.services import case_filters
from tickets.services.case_filters import Choices
from tickets.services.queues import ORDERS, QUEUES_BY_KEY

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

MAX_FILTERS_OF_ONE = 50
_LONGEST_NAME = 60
_LONGEST_WORDS = 200
_LONGEST_QUERY = 1000


def visible_to(user: User) -> QuerySet[SavedFilter]:
    """One's own, everybody's, and those of one's teams, by name."""
    teams = Team.objects.filter(members=user).values("pk")
    return SavedFilter.objects.filter(Q(owner=user) | Q(is_shared=True) | Q(team__in=teams)).select_related("team")


def kept_query(query: Mapping[str, Sequence[str]], there_is: Choices) -> str:
    """What is worth keeping of an address: view, order, words and filters that make sense, and no page."""
    parts: list[tuple[str, str]] = []
    for name, known in (("view", QUEUES_BY_KEY), ("sort", ORDERS)):
        asked = next(iter(query.get(name, ())), "")
        if asked in known:
            parts.append((name, asked))
    if words := " ".join(clean(next(iter(query.get("q", ())), "")).split())[:_LONGEST_WORDS]:
        parts.append(("q", words))
    return urlencode(parts + case_filters.read(query, there_is).parameters)


@transaction.atomic
def save(
    *,
    owner: User,
    name: str,
    query: str,
    is_shared: bool = False,
    team: Team | None = None,
    known: SavedFilter | None = None,
) -> SavedFilter:
    """Keeps a list under a name; `known` is one of the owner's that gets the new name and readers.

    Raises TicketError for a name that is missing or taken, a list that asks for nothing, or too many of them.
    """
    name = " ".join(clean(name).split())[:_LONGEST_NAME]
    if not name:
        raise TicketError(_("Give the view a name."))
    if not query or len(query) > _LONGEST_QUERY:
        raise TicketError(_("There is nothing to save. Choose a filter first."))
    if known is None and SavedFilter.objects.filter(owner=owner).count() >= MAX_FILTERS_OF_ONE:
        raise TicketError(_("You have %(count)s views of your own. Delete one first.") % {"count": MAX_FILTERS_OF_ONE})
    if team is not None and not team.members.filter(pk=owner.pk).exists():
        raise TicketError(_("You can only share with teams that you are in."))
    row = known or SavedFilter(owner=owner)
    row.name, row.query, row.is_shared, row.team = name, query, is_shared, team
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise TicketError(_("You have a view with that name already.")) from None
    return row
