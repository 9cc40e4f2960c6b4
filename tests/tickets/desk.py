"""Going about the desk in tests."""

from __future__ import annotations

import re

from django.urls import reverse

from tickets.models import Message, Ticket

GET_VIEWS = ["list", "rail", "case", "articles", "macros", "links", "colleagues"]
POST_VIEWS = [
    "reply", "note", "cause", "draft", "draft_files", "present", "undo", "status", "take", "assign", "unassign",
    "spam", "not_spam", "retry_delivery",
]  # fmt: skip


def url(name: str, reference: str = "") -> str:
    if name in ("list", "rail", "colleagues"):
        return reverse(f"desk:{name}")
    if name == "undo":
        return reverse("desk:undo", args=[reference, 1])
    if name == "retry_delivery":
        return reverse("desk:retry_delivery", args=[reference, "0b5e1c0e-7f8e-4d5c-9b1b-0d8f6f6f6f6f"])
    return reverse(f"desk:{name}", args=[reference])


def page(client, name: str = "list", reference: str = "", **query: str) -> str:
    response = client.get(url(name, reference), query)
    assert response.status_code == 200
    return response.content.decode()


def references(html: str) -> list[str]:
    return re.findall(r'class="case-row[^"]*" href="/desk/([^/]+)/', html)


def seen(ticket: Ticket) -> int:
    return ticket.messages.exclude(kind=Message.Kind.NOTE).last().pk


def send(client, ticket: Ticket, **fields: object):
    values = {"body": "It is on its way.", "then": "waiting_customer", "seen": seen(ticket)}
    return client.post(url("reply", ticket.reference), values | fields)


def answers(ticket: Ticket) -> list[str]:
    return list(ticket.messages.filter(kind=Message.Kind.OUTBOUND).values_list("body", flat=True))
