"""The admin around cases: channels, hours, teams, mail, customers. Cases themselves are worked at the desk."""

from tickets.admin import (
    availability,
    calendars,
    callbacks,
    channels,
    classification,
    customers,
    macros,
    mail,
    mailboxes,
    teams,
    tokens,
    webhooks,
)

__all__ = [
    "availability",
    "calendars",
    "callbacks",
    "channels",
    "classification",
    "customers",
    "macros",
    "mail",
    "mailboxes",
    "teams",
    "tokens",
    "webhooks",
]
