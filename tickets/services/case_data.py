"""A case, and what was said in it, as other systems get it: by the API when they ask, by a webhook when we tell."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from tickets.models import Attachment, Customer, Message, OutboxMessage, RootCause, Ticket
from tickets.models.tickets import TicketQuerySet
from tickets.services.links import attachment_path
from tickets.services.undo import values_outside


def timestamp(at: datetime | None) -> str | None:
    """RFC 3339, in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def with_case_data(tickets: TicketQuerySet) -> TicketQuerySet:
    """With all that `case_data` reads, in four queries however many cases there are."""
    return tickets.select_related(
        "customer", "topic", "team", "assignee", "root_cause", "merged_into"
    ).prefetch_related("customer__identities", "tags", "held_sends")


def case_data(ticket: Ticket, *, at: datetime | None = None) -> dict[str, Any]:
    """The case as it stands outside: what an agent may still take back has not happened yet."""
    outside = values_outside(ticket, at or timezone.now())
    return {
        "reference": ticket.reference,
        "url": settings.SITE_URL + ticket.get_absolute_url(),
        "subject": ticket.subject,
        "status": outside["status"],
        "priority": ticket.priority,
        "type": ticket.type,
        "language": ticket.language,
        "channel": ticket.channel,
        "topic": ticket.topic.slug if ticket.topic else None,
        "team": ticket.team.key if ticket.team else None,
        "assignee": ticket.assignee.email if ticket.assignee else None,
        "customer": customer_data(ticket.customer),
        "tags": sorted(tag.name for tag in ticket.tags.all()),
        "fields": ticket.fields,
        "resolution": outside["resolution"],
        "answered_by": outside["answered_by_id"],
        "root_cause": _root_cause_key(ticket, outside["root_cause_id"]),
        "demand_type": outside["demand_type"],
        "is_suspected_spam": ticket.is_suspected_spam,
        "merged_into": ticket.merged_into.reference if ticket.merged_into else None,
        "created_at": timestamp(ticket.created_at),
        "updated_at": timestamp(ticket.updated_at),
        "waiting_since": timestamp(outside["waiting_since"]),
        "first_response_at": timestamp(outside["first_response_at"]),
        "solved_at": timestamp(outside["solved_at"]),
    }


def _root_cause_key(ticket: Ticket, pk: int | None) -> str | None:
    if pk == ticket.root_cause_id:
        return ticket.root_cause.key if ticket.root_cause else None
    return RootCause.objects.filter(pk=pk).values_list("key", flat=True).first() if pk else None


def customer_data(customer: Customer) -> dict[str, Any]:
    return {"id": customer.pk, "name": customer.name, "email": customer.email or None}


def messages_for_others(ticket: Ticket, *, at: datetime | None = None) -> QuerySet[Message]:
    """What was said, oldest first, without what its writer may still take back."""
    released = Q(held_until__isnull=True) | Q(held_until__lte=at or timezone.now())
    return (
        ticket.messages.filter(released)
        .select_related("author", "customer")
        .prefetch_related(
            "customer__identities",
            "attachments",
            Prefetch("outbox", queryset=OutboxMessage.objects.only("message_id", "status", "created_at")),
        )
    )


def message_data(message: Message, ticket: Ticket) -> dict[str, Any]:
    """One message. `ticket` is its case, with the customer who wrote where nobody else is named."""
    return {
        "id": message.pk,
        "kind": message.kind,
        "internal": message.is_internal,
        "channel": message.channel,
        "body": message.body,
        "agent": {"name": message.author.get_full_name(), "email": message.author.email} if message.author else None,
        "customer": (
            customer_data(message.customer or ticket.customer) if message.kind == Message.Kind.INBOUND else None
        ),
        "delivery": _delivery(message),
        "attachments": [attachment_data(one) for one in message.attachments.all()],
        "created_at": timestamp(message.created_at),
    }


def _delivery(message: Message) -> str | None:
    """How far its letter has come: the worst of them, where there are several; None where none is sent."""
    states = {row.status for row in message.outbox.all()}
    order = (OutboxMessage.Status.FAILED, OutboxMessage.Status.QUEUED, OutboxMessage.Status.SENDING)
    return next((str(state) for state in order if state in states), str(OutboxMessage.Status.SENT) if states else None)


def attachment_data(attachment: Attachment) -> dict[str, Any]:
    """A file with a signed link that works for some hours, for whoever holds it."""
    return {
        "id": str(attachment.pk),
        "name": attachment.name,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "url": settings.SITE_URL + attachment_path(attachment),
    }
