"""Keeping the index of cases true: what changed goes in at once, a sweep finds what was missed, a rebuild mends.

Every change of a case writes an event, so the number of a case's last event tells whether the index knows it as it is.
What is said in a chat writes none of its own: cases with new lines go in anew twice a minute.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.db.models import Max
from haystack import connections

from knowledge.search.segments import IndexUnavailable
from knowledge.search.storage import IndexBusy, IndexStore
from tickets.models import Message, Ticket, TicketEvent
from tickets.search import index_file
from tickets.search.backend import CONNECTION
from tickets.search.documents import document_of, with_all_that_is_searched

logger = logging.getLogger(__name__)
_BATCH = 500
_PATIENCE_SECONDS = 5.0
_SEEN = "events_seen"
# Events get their numbers before they are committed: one of these may still be on its way.
_LATE_EVENTS = 1000
_LINES_SEEN, _LINES_AT = "lines_seen", "lines_at"
_LINES_EVERY_SECONDS = 30
_LATE_LINES = 100
_REPAIR_AGAIN_AFTER_SECONDS = 60.0


def store() -> IndexStore:
    found: IndexStore = connections[CONNECTION].get_backend().store
    return found


def current() -> Path:
    """The folder that is searched. Raises IndexUnavailable where there is none."""
    here = store()
    found = here.current()
    if found is None:
        raise IndexUnavailable(here.why_unusable())
    return found


def problem() -> str:
    """Why cases cannot be searched, in a sentence for operators; empty when they can."""
    try:
        index_file.check(current())
    except IndexUnavailable as error:
        return str(error)
    return ""


def index_cases(numbers: Collection[int], *, are_gone: bool = False) -> int:
    """Puts these cases into the index as they are now. Raises IndexBusy, or IndexUnavailable."""
    with store().writing(_PATIENCE_SECONDS):
        _put(current(), numbers, are_gone=are_gone)
    return len(numbers)


def index_customer(number: int) -> int:
    """All cases of a customer, whose name or addresses have changed."""
    cases = Ticket.objects.filter(customer=number) | Ticket.objects.filter(participants__customer=number)
    return index_cases(set(cases.values_list("pk", flat=True)))


def index_waiting() -> int:
    """Indexes what has changed and is not in the index yet. Raises IndexBusy, or IndexUnavailable."""
    with store().writing(_PATIENCE_SECONDS):
        return _catch_up(current())


def sweep() -> int:
    """What the beat does: builds an index that cannot be used, and indexes what a lost job left behind."""
    if why := problem():
        logger.warning("The index of cases is built anew. %s", why)
        return rebuild(patience=0)
    return index_waiting()


def repair() -> int:
    """Builds the index anew for a search that could not use it, but not again and again for one that still cannot."""
    here = store()
    if not problem() and here.age() < _REPAIR_AGAIN_AFTER_SECONDS:
        return 0
    return rebuild(patience=0)


def rebuild(*, patience: float = 60.0) -> int:
    """Builds the index beside the one that is searched, then swaps; what changed meanwhile is brought along.

    Returns how many cases it holds. Raises IndexBusy when another rebuild goes on for longer than `patience` seconds.
    """
    here = store()
    with here.rebuilding(patience):
        here.prune()
        generation = here.new_generation()
        index_file.create(generation)
        index_file.note(generation, _SEEN, _last_event())
        index_file.note(generation, _LINES_SEEN, _last_message())
        for numbers in _batches():
            _put(generation, numbers)
            _serve_the_live_index()
        index_file.optimise(generation)
        with here.writing(_PATIENCE_SECONDS):
            _catch_up(generation)
            here.promote(generation)
        here.prune()
        return index_file.count(generation)


def _put(folder: Path, numbers: Collection[int], *, are_gone: bool = False) -> None:
    # Read before the cases: an event may be noted as older than what was read, and done again, never the other way.
    events = _last_events(numbers)
    known = Ticket.objects.none() if are_gone else Ticket.objects.filter(pk__in=numbers)
    cases = with_all_that_is_searched(known)
    index_file.write(folder, dict.fromkeys(numbers) | {one.pk: document_of(one) for one in cases}, events)


def _catch_up(folder: Path) -> int:
    """Indexes every case with an event that the index does not know."""
    until = _last_event()
    since = index_file.fact(folder, _SEEN) - _LATE_EVENTS
    rows = TicketEvent.objects.filter(pk__gt=since).order_by().values_list("ticket").annotate(Max("pk"))
    latest = dict(rows)
    known = index_file.events_known(folder, latest)
    waiting = [number for number, event in latest.items() if known.get(number, -1) < event]
    _put_all(folder, waiting)
    index_file.note(folder, _SEEN, until)
    return len(waiting) + _catch_up_with_chats(folder)


def _catch_up_with_chats(folder: Path) -> int:
    """Indexes every case in whose chat something was said since the last look, half a minute ago or more."""
    now, until = int(time.time()), _last_message()
    since = index_file.fact(folder, _LINES_SEEN)
    if until == since or now - index_file.fact(folder, _LINES_AT) < _LINES_EVERY_SECONDS:
        return 0
    rows = Message.objects.filter(pk__gt=since - _LATE_LINES, chat__isnull=False).order_by()
    talking = list(rows.values_list("ticket", flat=True).distinct())
    _put_all(folder, talking)
    index_file.note(folder, _LINES_SEEN, until)
    index_file.note(folder, _LINES_AT, now)
    return len(talking)


def _put_all(folder: Path, numbers: Sequence[int]) -> None:
    for start in range(0, len(numbers), _BATCH):
        _put(folder, numbers[start : start + _BATCH])


def _serve_the_live_index() -> None:
    """A rebuild takes minutes on a large site; what happens meanwhile shall be found all the same."""
    try:
        with store().writing(0):
            _catch_up(current())
    except (IndexUnavailable, IndexBusy) as error:
        logger.debug("The index that is searched waits. %s", error)


def _batches() -> Iterator[list[int]]:
    last = 0
    while numbers := list(Ticket.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        last = numbers[-1]
        yield numbers


def _last_event() -> int:
    return TicketEvent.objects.aggregate(last=Max("pk"))["last"] or 0


def _last_message() -> int:
    return Message.objects.aggregate(last=Max("pk"))["last"] or 0


def _last_events(numbers: Collection[int]) -> dict[int, int]:
    rows: Any = TicketEvent.objects.filter(ticket__in=numbers).order_by().values_list("ticket").annotate(Max("pk"))
    return dict(rows)
