"""The list of cases that an address asks for, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Max
from django.utils import timezone
from django.utils.timesince import timesince

from knowledge.search.highlight import Passage
from tickets.models import Message, Presence, Ticket
from tickets.search import searching
from tickets.services import queues
from tickets.views.desk.asked import found_by
from tickets.views.desk.door import DeskRequest
from tickets.views.desk.rail import Rail, rail_for

PAGE_SIZE = 25
# So far a list can be leafed through; whoever looks further narrows it.
MOST_LISTED = 10_000
# Hours after which a wait gets a colour. They promise nothing to anybody.
LONG_WAIT_HOURS = 24
VERY_LONG_WAIT_HOURS = 72


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
