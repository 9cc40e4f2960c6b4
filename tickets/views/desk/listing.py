"""The list of cases that an address asks for: view, filters, words, order and page, and the ways to other lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Max
from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from knowledge.search.highlight import Passage
from tickets.models import Message, Presence, SavedFilter, Team, Ticket
from tickets.models.tickets import TicketQuerySet
from tickets.search import searching
from tickets.services import case_filters, queues, saved_filters
from tickets.services.case_filters import FACETS_BY_NAME, Choices, Filters
from tickets.services.queues import EVERY_CASE, ORDERS, QUEUES_BY_KEY, Order, Queue
from tickets.views.desk.door import DeskRequest

PAGE_SIZE = 25
# So far a list can be leafed through; whoever looks further narrows it.
MOST_LISTED = 10_000
# Hours after which a wait gets a colour. They promise nothing to anybody.
LONG_WAIT_HOURS = 24
VERY_LONG_WAIT_HOURS = 72
_MOST_SAVED_IN_RAIL = 20


@dataclass(frozen=True)
class Asked:
    """What an address asks for. Each change of it is another address."""

    queue: Queue | None
    """None where no view was asked for."""
    words: str
    filters: Filters
    order: Order | None
    """None: the view's own."""

    def query(self, page: int = 1) -> str:
        parts: list[tuple[str, Any]] = [("view", self.queue.key)] if self.queue else []
        parts += [("q", self.words)] if self.words else []
        parts += self.filters.parameters
        parts += [("sort", self.order.key)] if self.order else []
        parts += [("page", page)] if page > 1 else []
        return urlencode(parts)

    @property
    def shown_parameters(self) -> list[tuple[str, str]]:
        """The filters that stand in the bar, for a form that hands them on."""
        return [pair for pair in self.filters.parameters if FACETS_BY_NAME[pair[0]].kind != "hidden"]


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


@dataclass(frozen=True)
class Row:
    ticket: Ticket
    topic: str
    time: str
    """How long it has waited for us, or how long ago something happened where nobody waits."""
    patience: str
    """The colour of the wait: "", "warn" or "bad"."""
    is_unread: bool
    """Whether the customer wrote after one last had the case open, and waits for us."""
    passage: Passage | None
    """Where the words of a search stand in what was said."""


@dataclass(frozen=True)
class Listing:
    rail: Rail
    page: Page[int]
    rows: list[Row]
    hints: Sequence[str]
    """What of a search was not understood, in sentences."""

    @property
    def query(self) -> str:
        """This page of this list as the query of an address."""
        return self.rail.asked.query(self.page.number)

    @property
    def previous_query(self) -> str:
        return self.rail.asked.query(self.page.number - 1)

    @property
    def next_query(self) -> str:
        return self.rail.asked.query(self.page.number + 1)

    @property
    def total(self) -> str:
        count = self.page.paginator.count
        limit = searching.MOST_FOUND if self.rail.words else MOST_LISTED
        return f"{count}+" if count >= limit else str(count)


class _Pages(Paginator[Any]):
    """Counts no further than a list can be leafed through."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return len(rows) if isinstance(rows, list) else int(rows[:MOST_LISTED].count())


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
        places=[PlaceLink(one.key, str(one.title), one.url_name, _shown(counts[one.key])) for one in queues.PLACES],
        saved=_saved_links(request, query, saved, counts, choices),
        teams=_team_links(choices.teams, asked, team),
    )


def read(query: QueryDict, choices: Choices) -> Asked:
    """What an address asks for, as far as it makes sense."""
    words = " ".join(query.get("q", "").replace("\0", "").split())
    filters = case_filters.read(dict(query.lists()), choices)
    queue = None if words else QUEUES_BY_KEY.get(query.get("view", ""))
    return Asked(queue, words, filters, ORDERS.get(query.get("sort", "")))


def found_by(
    asked: Asked, queue: Queue, tickets: TicketQuerySet, user: Any
) -> tuple[TicketQuerySet | list[int], searching.Found | None]:
    """The cases that an address means, in order: as a query, or where words are searched for as numbers.

    `tickets` is what may be seen at all.
    """
    narrowed = asked.filters.narrow(tickets, user)
    if asked.words:
        found = searching.search(asked.words, narrowed, user)
        if asked.order is None:
            return found.ids, found
        return list(_sorted(narrowed.filter(pk__in=found.ids), asked.order)), found
    return _sorted(queue.cases(narrowed, user), asked.order or ORDERS[queue.order]), None


def all_that_match(request: DeskRequest, query: QueryDict, limit: int) -> list[int]:
    """The numbers of the cases of a list, in its order, at most `limit` of them."""
    asked = read(query, Choices(request.user, request.LANGUAGE_CODE))
    queue = EVERY_CASE if asked.words else _queue_of(asked)
    numbers, _found = found_by(asked, queue, Ticket.objects.visible_to(request.user), request.user)
    chosen: Any = numbers[:limit]
    return list(chosen)


def _sorted(tickets: TicketQuerySet, order: Order) -> Any:
    return tickets.order_by(*order.by).values_list("pk", flat=True)


def listing_for(request: DeskRequest) -> Listing:
    rail = rail_for(request)
    numbers, found = found_by(rail.asked, rail.queue, rail.tickets, request.user)
    page = _Pages(numbers, PAGE_SIZE).get_page(request.GET.get("page"))
    return Listing(rail, page, _rows(request, list(page), found), found.hints if found else ())


def _rows(request: DeskRequest, numbers: list[int], found: searching.Found | None) -> list[Row]:
    by_number = queues.with_row_details(Ticket.objects.all()).in_bulk(numbers)
    tickets = [by_number[number] for number in numbers if number in by_number]
    unread = _unread([one for one in tickets if one.waiting_since], request.user)
    passages = searching.passages(found, tickets) if found else {}
    now = timezone.now()
    return [_row(one, request.LANGUAGE_CODE, now, one.pk in unread, passages.get(one.pk)) for one in tickets]


def _unread(tickets: Sequence[Ticket], user: Any) -> set[int]:
    numbers = [one.pk for one in tickets]
    if not numbers:
        return set()
    inbound = Message.objects.filter(ticket__in=numbers, kind=Message.Kind.INBOUND)
    wrote = dict(inbound.order_by().values_list("ticket").annotate(Max("created_at")))
    looked = dict(Presence.objects.filter(ticket__in=numbers, user=user).values_list("ticket", "seen_at"))
    return {number for number, at in wrote.items() if number not in looked or looked[number] < at}


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
            queue = _queue_of(asked)
            picked[f"filter-{one.pk}"] = queue.cases(asked.filters.narrow(visible, request.user), request.user)
    return queues.count_each(picked)


def _queue_of(asked: Asked) -> Queue:
    queue = asked.queue or EVERY_CASE
    return EVERY_CASE if queue.is_about_status and asked.filters.one("status") else queue


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


def _row(ticket: Ticket, language: str, now: datetime, is_unread: bool, passage: Passage | None) -> Row:
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
        is_unread=is_unread,
        passage=passage,
    )
