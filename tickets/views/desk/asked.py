"""What an address of the list asks for: view, filters, words and order, and the cases that it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.http import urlencode

from tickets.models import Ticket
from tickets.models.tickets import TicketQuerySet
from tickets.search import searching
from tickets.services import case_filters
from tickets.services.case_filters import FACETS_BY_NAME, Choices, Filters
from tickets.services.queues import EVERY_CASE, ORDERS, QUEUES_BY_KEY, Order, Queue
from tickets.views.desk.door import DeskRequest


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


def read(query: QueryDict, choices: Choices) -> Asked:
    """What an address asks for, as far as it makes sense."""
    words = " ".join(query.get("q", "").replace("\0", "").split())
    filters = case_filters.read(dict(query.lists()), choices)
    queue = None if words else QUEUES_BY_KEY.get(query.get("view", ""))
    return Asked(queue, words, filters, ORDERS.get(query.get("sort", "")))


def queue_of(asked: Asked) -> Queue:
    queue = asked.queue or EVERY_CASE
    return EVERY_CASE if queue.is_about_status and asked.filters.one("status") else queue


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
    queue = EVERY_CASE if asked.words else queue_of(asked)
    numbers, _found = found_by(asked, queue, Ticket.objects.visible_to(request.user), request.user)
    chosen: Any = numbers[:limit]
    return list(chosen)


def _sorted(tickets: TicketQuerySet, order: Order) -> Any:
    return tickets.order_by(*order.by).values_list("pk", flat=True)
