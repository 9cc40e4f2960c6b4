"""The list of cases that an address asks for: view, team, words and page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.timesince import timesince

from tickets.models import Team, Ticket
from tickets.models.tickets import TicketQuerySet
from tickets.services import queues
from tickets.services.queues import Queue
from tickets.views.desk.door import DeskRequest

PAGE_SIZE = 25
# Hours after which a wait gets a colour. They promise nothing to anybody.
LONG_WAIT_HOURS = 24
VERY_LONG_WAIT_HOURS = 72


@dataclass(frozen=True)
class RailLink:
    queue: Queue
    count: str
    query: str
    is_current: bool


@dataclass(frozen=True)
class TeamLink:
    name: str
    query: str
    is_current: bool


@dataclass(frozen=True)
class Rail:
    """What is being looked at, and the ways to look at something else."""

    queue: Queue | None
    """None while words are searched for: a search looks at every case."""
    team: Team | None
    words: str
    tickets: TicketQuerySet
    """What may be seen at all, narrowed to the team."""
    links: list[RailLink]
    teams: list[TeamLink]

    def query_of_page(self, number: int) -> str:
        return _query(self.queue, self.team, self.words, number)

    @property
    def query(self) -> str:
        return self.query_of_page(1)


@dataclass(frozen=True)
class Row:
    ticket: Ticket
    topic: str
    time: str
    """How long it has waited for us, or how long ago something happened where nobody waits."""
    patience: str
    """The colour of the wait: "", "warn" or "bad"."""


@dataclass(frozen=True)
class Listing:
    rail: Rail
    page: Page[Ticket]
    rows: list[Row]

    @property
    def query(self) -> str:
        """This page of this list as the query of an address."""
        return self.rail.query_of_page(self.page.number)

    @property
    def previous_query(self) -> str:
        return self.rail.query_of_page(self.page.number - 1)

    @property
    def next_query(self) -> str:
        return self.rail.query_of_page(self.page.number + 1)


def rail_for(request: DeskRequest) -> Rail:
    teams = list(Team.objects.all())
    team = next((one for one in teams if one.key == request.GET.get("team")), None)
    words = " ".join(request.GET.get("q", "").split())
    tickets = Ticket.objects.visible_to(request.user)
    if team:
        tickets = tickets.of_team(team)
    counts = queues.counts(tickets, request.user)
    queue = None if words else _queue(request, counts)
    links = [RailLink(one, _shown(counts[one.key]), _query(one, team), one is queue) for one in queues.QUEUES]
    team_links = [TeamLink(one.name, _query(queue, one, words), one == team) for one in teams]
    if teams:
        team_links.insert(0, TeamLink("", _query(queue, None, words), team is None))
    return Rail(queue, team, words, tickets, links, team_links)


def listing_for(request: DeskRequest) -> Listing:
    rail = rail_for(request)
    queue = rail.queue
    found = queue.cases(rail.tickets, request.user) if queue else queues.matching(rail.tickets, rail.words)
    page = Paginator(queues.with_row_details(found), PAGE_SIZE).get_page(request.GET.get("page"))
    now = timezone.now()
    return Listing(rail, page, [_row(ticket, request.LANGUAGE_CODE, now) for ticket in page])


def _queue(request: DeskRequest, counts: dict[str, int]) -> Queue:
    """The view that was asked for; else one's own cases, or all that wait for us when there are none."""
    asked = queues.QUEUES_BY_KEY.get(request.GET.get("view", ""))
    return asked or queues.QUEUES_BY_KEY["mine" if counts["mine"] else "waiting"]


def _query(queue: Queue | None, team: Team | None = None, words: str = "", page: int = 1) -> str:
    parts: dict[str, Any] = {
        "view": queue.key if queue else "",
        "team": team.key if team else "",
        "q": words,
        "page": page if page > 1 else "",
    }
    return urlencode({name: value for name, value in parts.items() if value})


def _shown(count: int) -> str:
    return f"{count - 1}+" if count >= queues.COUNT_LIMIT else str(count)


def _row(ticket: Ticket, language: str, now: datetime) -> Row:
    patience = ""
    if ticket.waits_longer_than(VERY_LONG_WAIT_HOURS, now):
        patience = "bad"
    elif ticket.waits_longer_than(LONG_WAIT_HOURS, now):
        patience = "warn"
    return Row(
        ticket=ticket,
        topic=ticket.topic.name_in(language) if ticket.topic else "",
        time=timesince(ticket.waiting_since or ticket.updated_at, now, depth=1),
        patience=patience,
    )
