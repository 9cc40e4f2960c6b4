"""Runs within a process of the site: the desk's lists and searches at the database and the index, without HTTP.

`clock` names the clock: `perf_counter` for the time that passes, `process_time` for the processor's, which on a machine
with other work says what SQLite takes (it runs within the process).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.http import QueryDict  # noqa: E402

from bench.printing import answer  # noqa: E402
from tickets.models import Message, Ticket  # noqa: E402
from tickets.search import searching, upkeep  # noqa: E402
from tickets.search.similar import similar_solved  # noqa: E402
from tickets.services import queues  # noqa: E402
from tickets.services.case_filters import Choices  # noqa: E402
from tickets.services.queues import EVERY_CASE, ORDERS, QUEUES  # noqa: E402
from tickets.views.desk import asked as asking  # noqa: E402
from tickets.views.desk import listing  # noqa: E402

_TIMES = 7
_PAGE = 25
_FILTERS = (
    "view=open&team=returns",
    "view=every&status=solved&team=returns&sort=priority",
    "view=every&topic=delivery&language=sv",
    "view=every&tag=warranty&sort=newest",
    "view=every&assignee=none&unanswered=1",
    "view=every&status=solved&no_cause=1&sort=newest",
    "view=every&priority=urgent&type=problem",
    "view=every&channel=phone&sort=priority",
)


def _timed(work: Callable[[], object], clock: str) -> list[float]:
    return [_one(work, clock) for _ in range(_TIMES)]


def _one(work: Callable[[], object], clock: str) -> float:
    now = getattr(time, clock)
    started: float = now()
    work()
    return float(now() - started)


def _user() -> Any:
    return get_user_model()._default_manager.get(email="load1@load.example")


def lists(clock: str = "perf_counter") -> dict[str, list[float]]:
    """Seconds of the counts, of each view in each order, and of filters: numbers, count and rows of the first page."""
    user, cases = _user(), Ticket.objects.all()
    found = {"counts of all views": _timed(lambda: queues.counts(cases, user), clock)}
    for queue in [*QUEUES, EVERY_CASE]:
        for order in ORDERS.values():
            picked = queue.cases(cases, user).order_by(*order.by).values_list("pk", flat=True)
            found[f"{queue.key} by {order.key}"] = _timed(lambda picked=picked: _page(picked), clock)  # type: ignore[misc]
    choices = Choices(user, "en")
    for query in _FILTERS:
        found[query] = _timed(lambda query=query: _page(_listed(query, choices, user)), clock)  # type: ignore[misc]
    return found


def _listed(query: str, choices: Choices, user: Any) -> Any:
    asked = asking.read(QueryDict(query), choices)
    numbers, _found = asking.found_by(asked, asked.queue or EVERY_CASE, Ticket.objects.all(), user)
    return numbers


def _page(numbers: Any) -> None:
    first = list(numbers[:_PAGE])
    numbers[: listing.MOST_LISTED].count()
    assert len(queues.with_row_details(Ticket.objects.all()).in_bulk(first)) == len(first)


def searches(count: int, clock: str = "perf_counter") -> dict[str, list[float]]:
    """Seconds of searches with one and two words of real messages, with operators, for people, and of similar cases."""
    dice, user, cases = random.Random(5), _user(), Ticket.objects.all()  # noqa: S311 (no secrets)
    numbers = dice.sample(range(1, cases.count()), min(count, cases.count() - 1))
    sample = list(Ticket.objects.filter(pk__in=numbers).select_related("customer"))
    inbound = Message.objects.filter(ticket__in=numbers, kind="inbound").order_by("-pk")
    said = dict(inbound.values_list("ticket", "body"))
    words = [
        dice.sample([word for word in said[one.pk].split() if len(word) > 3], 2) for one in sample if one.pk in said
    ]
    asked = {
        "one word": [pair[0] for pair in words],
        "two words": [" ".join(pair) for pair in words],
        "two words of open cases": [f"{' '.join(pair)} is:open" for pair in words],
        "name": [one.customer.name for one in sample],
        "reference": [str(one.reference) for one in sample],
    }
    found = {name: [_search(text, user, clock) for text in texts] for name, texts in asked.items()}
    found["similar cases"] = [_one(lambda one=one: similar_solved(one), clock) for one in sample]  # type: ignore[misc]
    return found


def _search(text: str, user: Any, clock: str) -> float:
    def work() -> None:
        found = searching.search(text, Ticket.objects.visible_to(user), user)
        tickets = list(Ticket.objects.filter(pk__in=found.ids[:_PAGE]))
        searching.passages(found, tickets)

    return _one(work, clock)


def index() -> dict[str, float]:
    """Seconds of processor and clock for building the index of all cases."""
    started, worked = time.perf_counter(), time.process_time()
    cases = upkeep.rebuild()
    return {"cases": cases, "seconds": time.perf_counter() - started, "processor": time.process_time() - worked}


if __name__ == "__main__":
    answer({"lists": lists, "searches": searches, "index": index})
