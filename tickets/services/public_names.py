"""Under which name people appear to customers: agents by the organisation's policy, other customers without address."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from knowledge.models import Organisation
from tickets.models import Customer


def agent_name(user: Any) -> str:
    """What customers read of an agent; "" where the policy shows none, or they have given no such name."""
    if user is None or Organisation.current().agent_names == Organisation.AgentNames.NONE:
        return ""
    name = str(user.get_short_name()) if hasattr(user, "get_short_name") else ""
    return "" if "@" in name else name


def customer_name(customer: Customer) -> str:
    """What somebody else in the same case reads of a customer: the name, never an address."""
    name = customer.name.strip()
    return _("Somebody else in this case") if not name or "@" in name else name
