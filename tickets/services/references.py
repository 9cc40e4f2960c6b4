"""The numbers by which people call cases."""

from __future__ import annotations

import re

from tickets.models import Ticket

_FIRST_NUMBER = 10_000


def give_reference(ticket: Ticket) -> None:
    """Names a case that has just been made. One query."""
    ticket.reference = f"SV-{_FIRST_NUMBER + ticket.pk}"
    ticket.save(update_fields=["reference"])


def reference_in(text: str) -> str:
    """The case that somebody means by "SV-10023", "sv 10023", "#10023" or an address of its page; "" for none."""
    found = re.search(r"(?:\bSV[-\s]?|^\s*#?\s*)(\d{1,12})\b", text, re.IGNORECASE)
    return f"SV-{found[1]}" if found else ""
