"""The one way out: written with its cause, delivered by the worker with retries, never lost, never doubled.

One Message-ID belongs to a row for good. A row is claimed by a conditional update, so two workers cannot both
send it; only a crash between a mail server's acceptance and our note of it can send that same ID again.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from knowledge.background import enqueue, enqueue_on_commit
from tickets.channels.registry import adapter_for
from tickets.errors import DeliveryError
from tickets.models import Message, OutboxMessage, Ticket, TicketEvent
from tickets.services import history
from tickets.services.channel_policy import support_address
from tickets.services.links import message_id, reply_address

logger = logging.getLogger(__name__)

# Minutes to wait after the first, second, ... failure; after the last the message has failed for good.
_BACKOFF_MINUTES = (1, 2, 5, 15, 30, 60, 120, 240, 480, 720)
_STUCK_AFTER = timedelta(minutes=5)


def queue_mail(
    *,
    ticket: Ticket,
    message: Message | None,
    unique_key: str,
    recipient: str,
    subject: str,
    body_text: str,
    body_html: str,
    is_automatic: bool,
) -> OutboxMessage:
    """Writes a mail into the outbox; it leaves when the surrounding transaction is in the database.

    The same `unique_key` gives the row that exists already.
    """
    row = OutboxMessage(
        unique_key=unique_key, ticket=ticket, message=message, recipient=recipient, subject=subject[:250],
        body_text=body_text, body_html=body_html,
    )  # fmt: skip
    mailbox = support_address()
    row.headers = {
        "Message-ID": message_id(str(row.pk), ticket.pk, mailbox),
        "Reply-To": reply_address(ticket.pk, mailbox),
        **_thread_headers(ticket),
    }
    if is_automatic:
        # RFC 3834, 5: other systems must know not to answer an automatic letter automatically.
        row.headers |= {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
    defaults = {
        field.name: getattr(row, field.name) for field in row._meta.concrete_fields if field.name != "unique_key"
    }
    row, created = OutboxMessage.objects.get_or_create(unique_key=unique_key, defaults=defaults)
    if created:
        _enqueue_delivery(row)
    return row


def _thread_headers(ticket: Ticket) -> dict[str, str]:
    """What makes mail programs show one conversation (RFC 5322, 3.6.4)."""
    sent = list(ticket.outbox.order_by("created_at").values_list("headers__Message-ID", flat=True))
    # Other channels name their messages otherwise; only a mail's name stands in angle brackets.
    received = list(ticket.messages.filter(external_id__startswith="<").values_list("external_id", flat=True))
    if not sent and not received:
        return {}
    return {
        "In-Reply-To": received[-1] if received else sent[-1],
        "References": " ".join(dict.fromkeys([*sent[:1], *sent[-8:], *received[-8:]])),
    }


def _enqueue_delivery(row: OutboxMessage) -> None:
    from tickets.tasks import deliver

    enqueue_on_commit(deliver, str(row.pk))


def deliver(outbox_id: str, *, at: datetime | None = None) -> bool:
    """Sends one row if it is due and nobody else has it. True when it was handed over by this call."""
    now = at or timezone.now()
    claimed = (
        # Counted when it begins: a message that brings down whoever sends it must not be tried for ever.
        OutboxMessage.objects.due(now)
        .filter(pk=outbox_id)
        .update(status=OutboxMessage.Status.SENDING, claimed_at=now, attempts=F("attempts") + 1)
    )
    if not claimed:
        return False
    row = OutboxMessage.objects.select_related("ticket").get(pk=outbox_id)
    try:
        adapter_for(row.channel)(row)
    except DeliveryError as error:
        _failed(row, error, now)
        return False
    OutboxMessage.objects.filter(pk=row.pk).update(
        status=OutboxMessage.Status.SENT, sent_at=timezone.now(), last_error=""
    )
    return True


def _failed(row: OutboxMessage, error: DeliveryError, now: datetime) -> None:
    """Plans the next attempt, or gives up and tells the agents in the case's history."""
    is_final = error.is_permanent or row.attempts > len(_BACKOFF_MINUTES)
    logger.warning("Outbox %s was not delivered (attempt %s): %s", row.pk, row.attempts, error)
    with transaction.atomic():
        OutboxMessage.objects.filter(pk=row.pk).update(
            status=OutboxMessage.Status.FAILED if is_final else OutboxMessage.Status.QUEUED,
            last_error=str(error)[:2000],
            claimed_at=None,
            next_attempt_at=now + timedelta(minutes=_BACKOFF_MINUTES[min(row.attempts, len(_BACKOFF_MINUTES)) - 1]),
        )
        if is_final:
            history.record(
                row.ticket, TicketEvent.Kind.DELIVERY_FAILED, history.SYSTEM, to=row.recipient, reason=str(error)[:300]
            )


def sweep(*, at: datetime | None = None) -> int:
    """Takes up what a dead worker or an absent broker left behind. Returns how many rows were queued again."""
    from tickets.tasks import deliver as deliver_task

    now = at or timezone.now()
    stuck = OutboxMessage.objects.stuck(now - _STUCK_AFTER)
    for row in stuck.filter(attempts__gt=len(_BACKOFF_MINUTES)).select_related("ticket"):
        _failed(row, DeliveryError("no attempt to send it ever came to an end"), now)
    stuck.update(status=OutboxMessage.Status.QUEUED, claimed_at=None)
    due = list(OutboxMessage.objects.due(now).values_list("pk", flat=True)[:500])
    return sum(enqueue(deliver_task, str(pk)) for pk in due)


def retry(row: OutboxMessage) -> None:
    """Gives a failed message another round of attempts."""
    updated = OutboxMessage.objects.filter(pk=row.pk, status=OutboxMessage.Status.FAILED).update(
        status=OutboxMessage.Status.QUEUED, attempts=0, next_attempt_at=timezone.now()
    )
    if updated:
        _enqueue_delivery(row)
