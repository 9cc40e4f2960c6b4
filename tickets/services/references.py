"""The numbers by which people call cases."""

from __future__ import annotations

from tickets.models import Ticket

_FIRST_NUMBER = 10_000


def give_reference(ticket: Ticket) -> None:
    """Names a case that has just been made. One query."""
    ticket.reference = f"SV-{_FIRST_NUMBER + ticket.pk}"
    ticket.save(update_fields=["reference"])
