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
from tickets.services import queues
from tickets.services.queues import Queue
from tickets.views.desk.door import DeskRequest

PAGE_SIZE = 25
# Hours after which a wait is worth a colour; promises of the organisation's own are kept elsewhere.
LONG_WAIT_HOURS = 24
VERY_LONG_WAIT_HOURS = 72


@dataclass(frozen=True)
class RailLink:
    queue: Queue
    count: str
    query: str
    is_current: bool


@dataclass(frozen=True)
class Row:
    ticket: Ticket
    topic: str
    waited: str
    patience: str
    """The chip's colour: "", "warn" or "bad"."""


@dataclass(frozen=True)
class Listing:
    rail: list[RailLink]
    queue: Queue | None
    """None while words are searched for: a search looks at every case."""
    team: Team | None
    teams: list[Team]
    words: str
    page: Page[Ticket]
    rows: list[Row]

    @property
    def query(self) -> str:
        """This list as the query of an address."""
        return self.query_of_page(self.page.number)

    def query_of_page(self, number: int) -> str:
        return _query(self.queue, self.team, self.words, number)

    @property
    def previous_query(self) -> str:
        return self.query_of_page(self.page.number - 1) if self.page.has_previous() else ""

    @property
    def next_query(self) -> str:
        return self.query_of_page(self.page.number + 1) if self.page.has_next() else ""


def listing_for(request: DeskRequest) -> Listing:
    teams = list(Team.objects.all())
    team = next((one for one in teams if one.key == request.GET.get("team")), None)
    words = " ".join(request.GET.get("q", "").split())
    tickets = Ticket.objects.visible_to(request.user)
    if team:
        tickets = tickets.of_team(team)
    counts = queues.counts(tickets, request.user)
    queue = None if words else _queue(request, counts)
    found = queue.cases(tickets, request.user) if queue else queues.matching(tickets, words)
    page = Paginator(queues.with_row_details(found), PAGE_SIZE).get_page(request.GET.get("page"))
    now = timezone.now()
    return Listing(
        rail=[RailLink(one, _shown(counts[one.key]), _query(one, team), one is queue) for one in queues.QUEUES],
        queue=queue,
        team=team,
        teams=teams,
        words=words,
        page=page,
        rows=[_row(ticket, request.LANGUAGE_CODE, now) for ticket in page],
    )


def _queue(request: DeskRequest, counts: dict[str, int]) -> Queue:
    """The view that was asked for; else one's own cases, or all that wait for us when there are none."""
    asked = queues.queue_called(request.GET.get("view", ""))
    usual = queues.queue_called("mine" if counts["mine"] else "waiting")
    return asked or usual or queues.QUEUES[0]


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
        waited=timesince(ticket.waiting_since or ticket.updated_at, now, depth=1),
        patience=patience,
    )
