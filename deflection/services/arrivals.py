"""What can be said of a case as soon as it is there, also where the task that should have said it was lost."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from deflection.services import case_suggestions, demand_types, root_causes
from deflection.services.progress import remember, unread
from tickets.models import Ticket, TicketEvent

logger = logging.getLogger(__name__)

_STREAM = "arrivals"
# A task that is still to come needs no help; what is older than this nobody waits for.
_PATIENCE = timedelta(minutes=3)
_OLDEST = timedelta(days=7)


def look_into(ticket_id: int) -> bool:
    """Articles that may answer the case, and guesses of what people will say of it. Safe to repeat.

    Whether there is anything of the kind.
    """
    suggested = case_suggestions.suggest_for_case(ticket_id) > 0
    kind = demand_types.guess_demand_type(ticket_id)
    cause = root_causes.guess_root_cause(ticket_id)
    return suggested or kind or cause


def look_into_forgotten(*, at: datetime | None = None) -> int:
    """Looks once more into each case of late that has neither suggestions nor guesses: its task may have been lost.

    Every arrival is come by once. Returns for how many something was found.
    """
    now = at or timezone.now()
    events = TicketEvent.objects.filter(
        kind__in=TicketEvent.BEGINNINGS, created_at__gte=now - _OLDEST, created_at__lte=now - _PATIENCE
    )
    # By now every transaction of that time has ended, so none needs to be read again.
    come_by = unread(_STREAM, events, again=0)
    bare = Ticket.objects.trusted().unsettled().filter(suggestions__isnull=True)
    bare = bare.filter(demand_guess="", root_cause_guess=None, pk__in={one.ticket_id for one in come_by})
    found = sum(look_into(pk) for pk in bare.values_list("pk", flat=True))
    remember(_STREAM, come_by)
    if found:
        logger.warning("%s cases had been left without suggestions, and have them now", found)
    return found
