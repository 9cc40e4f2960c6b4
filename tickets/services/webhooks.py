"""Telling other systems what happens to cases and articles: which events there are, and what each says.

A delivery is written in the transaction of what happened. What a case looks like is read when it is first sent, since
in the middle of a change it is neither here nor there; from then on every attempt says the same.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from knowledge.background import enqueue_on_commit
from knowledge.models import ArticleTranslation
from tickets.models import Ticket, TicketEvent, Webhook, WebhookDelivery
from tickets.services.case_data import case_data, timestamp, with_case_data

Kind = TicketEvent.Kind
PING = "ping"
EVENTS = {
    "case.created": _("A case came in"),
    "case.customer_wrote": _("The customer wrote"),
    "case.replied": _("We answered"),
    "case.updated": _("Something about a case changed"),
    "case.solved": _("A case was solved"),
    "case.reopened": _("A case was reopened"),
    "case.closed": _("The customer closed a case"),
    "case.merged": _("A case was merged into another"),
    "article.published": _("An article can be read in a language"),
    "article.withdrawn": _("An article can be read no more in a language"),
}
_OF_KIND = {
    Kind.RECEIVED: "case.created",
    # Nobody was told of it while it was taken for spam.
    Kind.CLEARED_OF_SPAM: "case.created",
    Kind.CUSTOMER_WROTE: "case.customer_wrote",
    Kind.REPLIED: "case.replied",
    Kind.SOLVED: "case.solved",
    Kind.REOPENED: "case.reopened",
    Kind.CLOSED_BY_CUSTOMER: "case.closed",
    Kind.MERGED_AWAY: "case.merged",
}
_UNTOLD = (Kind.IMPORTED, Kind.SEND_UNDONE)
# Of what the history keeps only what names no person and repeats no text.
_TOLD_DATA = ("was", "now", "what", "field", "article", "added", "removed", "into", "case", "satisfaction", "effort")


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def event_name(kind: str) -> str:
    """The name under which a line of a case's history is told; "" for one that is not."""
    return "" if kind in _UNTOLD else _OF_KIND.get(Kind(kind), "case.updated")


def tell_case_event(event: TicketEvent) -> list[WebhookDelivery]:
    """Writes a delivery to each webhook that wants to hear of this line of a case's history."""
    name = event_name(event.kind)
    hooks = _listening(name) if name else []
    if not hooks or event.ticket.is_suspected_spam:
        return []
    payload = {
        "event": name,
        "occurred_at": timestamp(event.created_at),
        "change": {
            "id": event.pk,
            "kind": event.kind,
            "by": event.actor_kind,
            "agent": event.actor.email if event.actor else None,
            "data": {key: value for key, value in event.data.items() if key in _TOLD_DATA},
        },
        "case": {"reference": event.ticket.reference},
    }
    # Until then its writer may take it back, and with it goes its line in the history.
    held_until = parse_datetime(str(event.data.get("held_until", "")))
    return [_write(hook, name, payload, not_before=held_until) for hook in hooks]


def tell_article_event(name: str, text: ArticleTranslation) -> list[WebhookDelivery]:
    payload = {
        "event": name,
        "occurred_at": timestamp(timezone.now()),
        "article": {
            "id": text.article_id,
            "language": text.language,
            "title": text.title,
            "summary": text.summary,
            "url": _url(text),
            "topic": text.article.topic.slug if text.article.topic else None,
        },
    }
    return [_write(hook, name, payload) for hook in _listening(name)]


def ping(hook: Webhook) -> WebhookDelivery:
    """A delivery that says nothing but that the way is open. It goes out even when the webhook listens to little."""
    return _write(hook, PING, {"event": PING, "occurred_at": timestamp(timezone.now()), "webhook": hook.name})


def _url(text: ArticleTranslation) -> str:
    with override(text.language):
        return settings.SITE_URL + text.get_absolute_url()


def _listening(name: str) -> list[Webhook]:
    return [hook for hook in Webhook.objects.filter(is_active=True) if not hook.events or name in hook.events]


def _write(hook: Webhook, name: str, payload: dict[str, Any], *, not_before: datetime | None = None) -> WebhookDelivery:
    from tickets.tasks import deliver_webhook

    pk = uuid.uuid4()
    row = WebhookDelivery.objects.create(
        id=pk,
        webhook=hook,
        event=name,
        payload={"id": str(pk), **payload},
        next_attempt_at=not_before or timezone.now(),
    )
    # Where nobody answers, the sweeper tries a few now and then; the others' deliveries must not wait behind these.
    if hook.failing_since is None:
        enqueue_on_commit(deliver_webhook, str(row.pk), not_before=not_before)
    return row


def complete(row: WebhookDelivery) -> bool:
    """Puts in what is only known once the change is done. False when it was undone, and nothing is to be told."""
    change = row.payload.get("change")
    if change is None or "status" in row.payload["case"]:
        return True
    if not TicketEvent.objects.filter(pk=change["id"]).exists():
        return False
    ticket = with_case_data(Ticket.objects.filter(reference=row.payload["case"]["reference"])).first()
    if ticket is None:
        return False
    row.payload = {**row.payload, "case": case_data(ticket)}
    return True
