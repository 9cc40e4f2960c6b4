"""The admin around cases: channels, hours, teams, mail, customers. Cases themselves are worked at the desk."""

from tickets.admin import (
    calendars,
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
    "calendars",
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
