"""The one way out: written with its cause, delivered by the worker with retries, never lost, never doubled.

One Message-ID belongs to a row for good. A row is claimed by a conditional update, so two workers cannot both
send it; only a crash between a mail server's acceptance and our note of it can send that same ID again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from knowledge.background import enqueue, enqueue_on_commit
from tickets.channels.registry import adapter_for
from tickets.errors import DeliveryError, PartlyDelivered
from tickets.models import Message, OutboxMessage, Ticket, TicketEvent
from tickets.services import history, withholding
from tickets.services.mail_headers import headers_of
from tickets.services.withholding import ASKED_FOR

logger = logging.getLogger(__name__)

# Minutes to wait after the first, second, ... failure; after the last the message has failed for good.
_BACKOFF_MINUTES = (1, 2, 5, 15, 30, 60, 120, 240, 480, 720)
# Longer than the slowest conversation with a mail server: each of its steps ends after EMAIL_TIMEOUT.
_STUCK_AFTER = timedelta(minutes=15)


@transaction.atomic
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
    cc: Sequence[str] = (),
    only_for: Sequence[str] = (),
    copy_of: OutboxMessage | None = None,
    hold_until: datetime | None = None,
) -> OutboxMessage | None:
    """Writes a mail into the outbox; it leaves when the surrounding transaction is in the database, or when it is
    held no more.

    `recipient` and `cc` are whom it shows as addressed; `only_for` those of them who get this very letter, and
    `copy_of` is the one that the others get: both have one name and one place in the thread. The same `unique_key`
    gives the row that exists already. None when an automatic letter is not to be sent (`withholding`).
    """
    if (known := OutboxMessage.objects.filter(unique_key=unique_key).first()) is not None:
        return known
    if is_automatic and not unique_key.startswith(ASKED_FOR) and withholding.withhold(ticket, recipient):
        return None
    row = OutboxMessage(
        unique_key=unique_key, ticket=ticket, message=message, recipient=recipient, cc=list(cc),
        remaining=list(only_for), subject=subject[:250], body_text=body_text, body_html=body_html,
        is_automatic=is_automatic,
    )  # fmt: skip
    row.next_attempt_at = hold_until or row.next_attempt_at
    row.headers = dict(copy_of.headers) if copy_of else headers_of(ticket, row)
    defaults = {
        field.name: getattr(row, field.name) for field in row._meta.concrete_fields if field.name != "unique_key"
    }
    row, created = OutboxMessage.objects.get_or_create(unique_key=unique_key, defaults=defaults)
    if created:
        _enqueue_delivery(row)
    return row


def _enqueue_delivery(row: OutboxMessage) -> None:
    from tickets.tasks import deliver

    is_held = row.next_attempt_at > timezone.now()
    enqueue_on_commit(deliver, str(row.pk), not_before=row.next_attempt_at if is_held else None)


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
    except PartlyDelivered as partly:
        _partly_sent(row, partly, now)
        return True
    except DeliveryError as error:
        _failed(row, error, now)
        return False
    OutboxMessage.objects.filter(pk=row.pk).update(
        status=OutboxMessage.Status.SENT, sent_at=timezone.now(), last_error=""
    )
    return True


def _partly_sent(row: OutboxMessage, partly: PartlyDelivered, now: datetime) -> None:
    """Those who got it are done with; the others are tried again, or told of in the case's history."""
    left = list(partly.for_now or partly.for_good)
    with transaction.atomic():
        OutboxMessage.objects.filter(pk=row.pk).update(remaining=left)
        row.remaining = left
        if partly.for_now:
            for address, reason in partly.for_good.items():
                _record_failure(row, address, reason)
        _failed(row, DeliveryError(str(partly), is_permanent=not partly.for_now), now)


def _record_failure(row: OutboxMessage, address: str, reason: str) -> None:
    history.record(
        row.ticket, TicketEvent.Kind.DELIVERY_FAILED, history.SYSTEM, to=address, reason=" ".join(reason.split())[:300]
    )


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
            _record_failure(row, ", ".join(row.recipients), str(error))


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
