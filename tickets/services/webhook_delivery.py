"""Bringing webhooks to where they go: claimed, signed, tried again with growing pauses, stopped when nobody answers."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from knowledge.background import enqueue, enqueue_on_commit
from tickets.errors import DeliveryError
from tickets.models import Webhook, WebhookDelivery
from tickets.services.safe_post import post
from tickets.services.webhooks import complete

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10.0
STOPPED_AFTER = timedelta(days=5)
"""How long nothing may arrive before a webhook is stopped."""

# Minutes to wait after the first, second, ... failure; after the last the delivery has failed for good.
_BACKOFF_MINUTES = (1, 2, 5, 15, 30, 60, 120, 240, 480, 720, 1440)
_STUCK_AFTER = timedelta(minutes=5)
_KEPT_FOR = timedelta(days=30)
_GONE = 410
_SWEPT_AT_A_TIME = 500
_TRIED_WHERE_FAILING = 3
Status = WebhookDelivery.Status


def signature(secret: str, body: bytes, at: datetime) -> str:
    """The `Svar-Signature` header. The time is signed too, so that what was overheard is of no use later."""
    seconds = int(at.timestamp())
    mac = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={mac.hexdigest()}"


def deliver(delivery_id: str, *, at: datetime | None = None) -> bool:
    """Sends one delivery if it is due and nobody else has it. True when it arrived."""
    now = at or timezone.now()
    claimed = WebhookDelivery.objects.filter(
        pk__in=WebhookDelivery.objects.due(now).filter(pk=delivery_id).values("pk"), status=Status.QUEUED
    ).update(status=Status.SENDING, claimed_at=now, attempts=F("attempts") + 1)
    if not claimed:
        return False
    row = WebhookDelivery.objects.select_related("webhook").get(pk=delivery_id)
    if not complete(row):
        row.delete()
        return False
    row.save(update_fields=["payload"])
    try:
        status = _send(row)
    except DeliveryError as error:
        _failed(row, str(error), now, is_final=error.is_permanent)
        return False
    if 200 <= status < 300:
        _arrived(row, status)
        return True
    _failed(row, f"HTTP {status}", now, status=status, is_final=status == _GONE)
    return False


def _send(row: WebhookDelivery) -> int:
    # Sorted: PostgreSQL gives the keys back in an order of its own, and every attempt is to send the same bytes.
    body = json.dumps(row.payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Svar",
        "Svar-Event": row.event,
        "Svar-Delivery": str(row.pk),
        "Svar-Signature": signature(row.webhook.secret, body, timezone.now()),
    }
    return post(row.webhook.url, body, headers, timeout=TIMEOUT_SECONDS)


def _arrived(row: WebhookDelivery, status: int) -> None:
    WebhookDelivery.objects.filter(pk=row.pk).update(
        status=Status.SENT, sent_at=timezone.now(), response_status=status, last_error="", claimed_at=None
    )
    Webhook.objects.filter(pk=row.webhook_id, failing_since__isnull=False).update(failing_since=None)


def _failed(
    row: WebhookDelivery, reason: str, now: datetime, *, status: int | None = None, is_final: bool = False
) -> None:
    """Plans the next attempt, or gives up; stops a webhook at which nothing has arrived for days, or that is gone."""
    is_final = is_final or row.attempts > len(_BACKOFF_MINUTES)
    logger.warning("Webhook delivery %s did not arrive (attempt %s): %s", row.pk, row.attempts, reason)
    WebhookDelivery.objects.filter(pk=row.pk).update(
        status=Status.FAILED if is_final else Status.QUEUED,
        response_status=status,
        last_error=reason[:2000],
        claimed_at=None,
        next_attempt_at=now + timedelta(minutes=_BACKOFF_MINUTES[min(row.attempts, len(_BACKOFF_MINUTES)) - 1]),
    )
    hooks = Webhook.objects.filter(pk=row.webhook_id)
    hooks.update(failing_since=Coalesce("failing_since", now))
    dead = hooks.filter(is_active=True)
    if status != _GONE:
        dead = dead.filter(failing_since__lte=now - STOPPED_AFTER)
    if dead.update(is_active=False, stopped_at=now):
        logger.error("Webhook %s was stopped: %s", row.webhook_id, reason)


def sweep(*, at: datetime | None = None) -> int:
    """Takes up what a dead worker or an absent broker left behind, and forgets what is old. Returns how many
    deliveries were queued again."""
    from tickets.tasks import deliver_webhook

    now = at or timezone.now()
    WebhookDelivery.objects.stuck(now - _STUCK_AFTER).update(status=Status.QUEUED, claimed_at=None)
    WebhookDelivery.objects.filter(status__in=[Status.SENT, Status.FAILED], created_at__lt=now - _KEPT_FOR).delete()
    return sum(enqueue(deliver_webhook, str(pk)) for pk in _due(now))


def _due(now: datetime) -> list[UUID]:
    """What is to be sent now, oldest first: everything where deliveries arrive, a few where they do not."""
    due = WebhookDelivery.objects.due(now).order_by("created_at", "pk").values_list("pk", flat=True)
    found = list(due.filter(webhook__failing_since__isnull=True)[:_SWEPT_AT_A_TIME])
    for hook in Webhook.objects.filter(is_active=True, failing_since__isnull=False):
        found += due.filter(webhook=hook)[:_TRIED_WHERE_FAILING]
    return found


def retry(row: WebhookDelivery) -> bool:
    """Gives a failed delivery another round of attempts, under the same ID. False when it has not failed."""
    from tickets.tasks import deliver_webhook

    updated = WebhookDelivery.objects.filter(pk=row.pk, status=Status.FAILED).update(
        status=Status.QUEUED, attempts=0, next_attempt_at=timezone.now()
    )
    if updated:
        enqueue_on_commit(deliver_webhook, str(row.pk))
    return bool(updated)


def restart(hook: Webhook) -> None:
    """Uses a webhook again that was stopped; what waits for it is sent."""
    Webhook.objects.filter(pk=hook.pk).update(is_active=True, stopped_at=None, failing_since=None)
