"""Of whom something is new: so that what became of visits is looked up again only where it can have changed.

What leaves no trace with a time (somebody was recognised while doing nothing else, two customers were merged, a verdict
was changed) is found by the whole look once a day.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from deflection.models import Journey, LearningProgress
from deflection.services.assignment_results import work_out_results
from deflection.services.outcomes import work_out_outcomes
from deflection.services.pieces import in_pieces
from knowledge.models import ArticleView, Feedback, SearchEvent
from tickets.models import Ticket, TicketEvent

_STREAM, _WHOLE = "visits", "all visits"
_WHOLE_EVERY = timedelta(hours=20)
# Rows are seen when their transaction ends, some time after what they say of when it was.
_LOOKED_AT_AGAIN = timedelta(minutes=15)
_AT_ONCE = 500


def look_up_what_became(*, at: datetime | None = None) -> int:
    """What became of visits, and of those whom the hold-out assigned, since the last time; once a day, of all of them.

    A run that failed is done again from the same moment on. Returns for how many something has changed.
    """
    now = at or timezone.now()
    last, whole = _read(_STREAM), _read(_WHOLE)
    is_whole = last is None or whole is None or now - whole >= _WHOLE_EVERY
    visitors = None if is_whole or last is None else visitors_with_news(last - _LOOKED_AT_AGAIN)
    changed = work_out_results(at=now, visitors=visitors) + work_out_outcomes(at=now, visitors=visitors)
    for stream in (_STREAM, _WHOLE) if is_whole else (_STREAM,):
        LearningProgress.objects.update_or_create(stream=stream, defaults={"last_event": int(now.timestamp())})
    return changed


def _read(stream: str) -> datetime | None:
    seconds = LearningProgress.objects.filter(stream=stream).values_list("last_event", flat=True).first()
    return datetime.fromtimestamp(seconds, tz=timezone.get_default_timezone()) if seconds else None


def visitors_with_news(since: datetime) -> set[UUID]:
    """The browsers in which something happened, or whose customers' cases something happened in."""
    origins: set[str] = set()
    for rows in (ArticleView.objects, SearchEvent.objects, Feedback.objects):
        fresh = rows.filter(created_at__gte=since).exclude(origin="").order_by()
        origins.update(fresh.values_list("origin", flat=True).distinct())
    changed = TicketEvent.objects.filter(created_at__gte=since).order_by().values("ticket").distinct()
    cases = Ticket.objects.filter(pk__in=changed).order_by()
    customers = set(cases.values_list("customer", flat=True))
    # A guest's other cases tell which browsers are theirs.
    for some in in_pieces(list(customers), _AT_ONCE):
        sent = Ticket.objects.filter(customer__in=some).exclude(origin="").order_by()
        origins.update(sent.values_list("origin", flat=True).distinct())
    seen = Journey.objects.filter(forgotten_at__isnull=True, last_seen_at__gte=since)
    found = _visitors(Q(pk__in=seen.values("pk")))
    for names in in_pieces(_visits(origins), _AT_ONCE):
        found |= _visitors(Q(pk__in=names))
    for known in in_pieces(sorted(customers), _AT_ONCE):
        found |= _visitors(Q(customer__in=known))
    return found


def _visits(origins: Iterable[str]) -> list[UUID]:
    """An origin is an opaque string; most are the names of visits."""
    found = []
    for origin in origins:
        try:
            found.append(UUID(origin))
        except ValueError:
            continue
    return found


def _visitors(condition: Q) -> set[UUID]:
    rows: Iterable[UUID] = Journey.objects.filter(condition).order_by().values_list("visitor", flat=True).distinct()
    return set(rows)
