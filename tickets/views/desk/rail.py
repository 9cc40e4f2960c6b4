"""The rail of the desk: what is being looked at, and the ways to look at something else, with their counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from tickets.models import SavedFilter, Team, Ticket
from tickets.models.tickets import TicketQuerySet
from tickets.services import queues, saved_filters
from tickets.services.case_filters import Choices, Filters
from tickets.services.chat_desk import DeskNow, now_for
from tickets.services.queues import EVERY_CASE, QUEUES_BY_KEY, Queue
from tickets.views.desk.asked import Asked, queue_of, read
from tickets.views.desk.door import DeskRequest

_MOST_SAVED_IN_RAIL = 20


@dataclass(frozen=True)
class RailLink:
    key: str
    title: str
    count: str
    query: str
    is_current: bool
    data_key: str
    """The keys that lead to it."""


@dataclass(frozen=True)
class PlaceLink:
    key: str
    title: str
    url_name: str
    count: str
    data_key: str


@dataclass(frozen=True)
class SavedLink:
    filter: SavedFilter
    count: str
    is_own: bool
    is_current: bool


@dataclass(frozen=True)
class TeamLink:
    name: str
    query: str
    is_current: bool


@dataclass(frozen=True)
class Rail:
    """What is being looked at, and the ways to look at something else."""

    asked: Asked
    queue: Queue
    team: Team | None
    tickets: TicketQuerySet
    """What may be seen at all, narrowed to the team."""
    choices: Choices
    links: list[RailLink]
    places: list[PlaceLink]
    """Lists of other things than cases."""
    saved: list[SavedLink]
    teams: list[TeamLink]
    now: DeskNow
    """What rings."""

    @property
    def words(self) -> str:
        return self.asked.words

    @property
    def title(self) -> str:
        """What the list is called."""
        if self.words:
            return _("Cases with “%(words)s”") % {"words": self.words}
        current = next((one.filter.name for one in self.saved if one.is_current), None)
        return current or str(self.queue.title)

    @property
    def query(self) -> str:
        return self.asked.query()

    @property
    def is_elsewhere(self) -> bool:
        """Whether the page is about something else than one of the views."""
        return not any(link.is_current for link in self.links)


def rail_for(request: DeskRequest, query: QueryDict | None = None) -> Rail:
    """The rail of a list; `query` where it is not the address that asks for it."""
    choices = Choices(request.user, request.LANGUAGE_CODE)
    query = request.GET if query is None else query
    asked = read(query, choices)
    tickets = Ticket.objects.visible_to(request.user)
    team = next((one for one in choices.teams if one.key == asked.filters.one("team")), None)
    if team:
        tickets = tickets.of_team(team)
    saved = list(saved_filters.visible_to(request.user)[:_MOST_SAVED_IN_RAIL])
    counts = _counts(request, tickets, saved, choices)
    queue = asked.queue or QUEUES_BY_KEY["mine" if counts["mine"] else "waiting"]
    if asked.words or (asked.filters.one("status") and queue.is_about_status):
        queue = EVERY_CASE
    return Rail(
        asked=asked if asked.words else replace(asked, queue=queue),
        queue=queue,
        team=team,
        tickets=tickets,
        choices=choices,
        links=_links(queue, team, counts),
        places=[
            PlaceLink(one.key, str(one.title), one.url_name, _shown(counts[one.key]), one.keys) for one in queues.PLACES
        ],
        saved=_saved_links(request, query, saved, counts, choices),
        teams=_team_links(choices.teams, asked, team),
        now=now_for(request.user),
    )


def _counts(
    request: DeskRequest, tickets: TicketQuerySet, saved: Sequence[SavedFilter], choices: Choices
) -> dict[str, int]:
    """Of every view and of each saved filter without words, in one round trip."""
    picked: dict[str, Any] = {queue.key: queue.cases(tickets, request.user) for queue in queues.QUEUES}
    picked |= {place.key: place.rows() for place in queues.PLACES}
    visible = Ticket.objects.visible_to(request.user)
    for one in saved:
        asked = read(QueryDict(one.query), choices)
        if not asked.words:
            queue = queue_of(asked)
            picked[f"filter-{one.pk}"] = queue.cases(asked.filters.narrow(visible, request.user), request.user)
    return queues.count_each(picked)


def _links(current: Queue, team: Team | None, counts: dict[str, int]) -> list[RailLink]:
    filters = Filters({"team": (team.key,)} if team else {})
    return [
        RailLink(
            queue.key,
            str(queue.title),
            _shown(counts[queue.key]),
            Asked(queue, "", filters, None).query(),
            queue is current,
            queue.keys,
        )
        for queue in queues.QUEUES
    ]


def _saved_links(
    request: DeskRequest, query: QueryDict, saved: Sequence[SavedFilter], counts: dict[str, int], choices: Choices
) -> list[SavedLink]:
    here = saved_filters.kept_query(dict(query.lists()), choices)
    return [
        SavedLink(
            one,
            _shown(counts[key]) if (key := f"filter-{one.pk}") in counts else "",
            one.owner_id == request.user.pk,
            one.query == here,
        )
        for one in saved
    ]


def _team_links(teams: Sequence[Team], asked: Asked, current: Team | None) -> list[TeamLink]:
    if not teams:
        return []
    everywhere = asked.filters.without("team")
    links = [TeamLink("", replace(asked, filters=everywhere).query(), current is None)]
    for team in teams:
        filters = Filters({**everywhere.chosen, "team": (team.key,)})
        links.append(TeamLink(team.name, replace(asked, filters=filters).query(), team == current))
    return links


def _shown(count: int) -> str:
    return f"{count - 1}+" if count >= queues.COUNT_LIMIT else str(count)
