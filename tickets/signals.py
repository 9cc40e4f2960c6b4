"""What happens to cases, told to whoever wants to know: the index of cases, webhooks, the layers above.

Receivers run in the transaction of what happened, so they only write rows or queue work with `enqueue_on_commit`.
"""

from __future__ import annotations

from django.dispatch import Signal

# Sent with `request`, `customer` and `ticket` (or None) when somebody has shown who they are by following a signed link
# of theirs, or by being logged in where they follow a case. Never for a wrong key, nor for an agent who looks.
customer_recognised = Signal()

# Sent with `kept` and `gone` when two records of one person become one, before `gone` is deleted; and with `kept` and
# `back` when they are parted again.
customers_merged = Signal()
customers_parted = Signal()

# Sent with `event`, a TicketEvent, for every line of a case's history, right after it is written.
case_event = Signal()
