"""Taking hold of cases before they are changed."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tickets.errors import TicketError
from tickets.models import Ticket


def locked(ticket: Ticket) -> Ticket:
    """The case as it is now, held until the transaction ends."""
    return Ticket.objects.select_for_update().get(pk=ticket.pk)


def locked_open(ticket: Ticket) -> Ticket:
    """As `locked`. Raises TicketError for a case that was merged into another: nothing is changed there any more."""
    found = locked(ticket)
    if found.merged_into is not None:
        raise TicketError(
            _("%(case)s was merged into %(other)s. Work on it there.")
            % {"case": found.reference, "other": found.merged_into.reference}
        )
    return found


def locked_pair(one: Ticket, other: Ticket) -> tuple[Ticket, Ticket]:
    """Both, taken in the order of their numbers, so that two who merge the same pair do not wait for each other."""
    found = {row.pk: row for row in Ticket.objects.select_for_update().filter(pk__in=[one.pk, other.pk]).order_by("pk")}
    return found[one.pk], found[other.pk]
