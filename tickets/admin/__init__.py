"""The admin around cases: channels, hours, teams, mail, customers. Cases themselves are worked at the desk."""

from tickets.admin import (
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
