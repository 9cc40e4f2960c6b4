"""Dating back what services do at the present moment, so that the demo's past is told by the services themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db.models import Max, Model

from tickets.models import InboundMail, Message, Ticket, TicketEvent, TicketLink

_WRITTEN: tuple[tuple[type[Model], str], ...] = (
    (Ticket, "created_at"),
    (Message, "created_at"),
    (TicketEvent, "created_at"),
    (TicketLink, "created_at"),
    (InboundMail, "received_at"),
)


@contextmanager
def happened_at(moment: datetime) -> Iterator[None]:
    """What is written inside happened at `moment`, as far as it says that it happened later."""
    before = [model._default_manager.aggregate(last=Max("pk"))["last"] or 0 for model, _ in _WRITTEN]
    yield
    events = TicketEvent.objects.filter(pk__gt=before[2])
    tickets = Ticket.objects.filter(pk__in=set(events.values_list("ticket_id", flat=True)))
    for (model, field), last in zip(_WRITTEN, before, strict=True):
        rows = model._default_manager.filter(pk__gt=last, **{f"{field}__gt": moment})
        rows.update(**{field: moment})
    for field in ("updated_at", "waiting_since", "solved_at"):
        tickets.filter(**{f"{field}__gt": moment}).update(**{field: moment})
