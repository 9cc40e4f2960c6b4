"""Messages that customers have begun: kept under the journey until they are sent, and never lost to one another.

One attempt (see `joining.whole`) has one draft, from whichever tab or browser it is written. Whoever saves says which
version they wrote on: where somebody else has saved since, the newer text wins, and the older is kept to be offered
back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from deflection.models import ContactDraft, Journey, SpokenReference, Upload
from deflection.services import joining
from knowledge.search.analysis import clean
from tickets.models import Message, Ticket

TEXTS = {"message": 40_000, "email": 254, "name": 120, "topic": 60, "subject": 400, "key": 64}
"""What is kept, and how much of it: twice what can be sent, since what is too long still waits to be shortened."""
_MOST_FIELDS = 50
_LONGEST_FIELD = 1_000
_MOST_DISMISSED = 50
_MOST_OTHERS = 3
_Other = dict[str, Any]


@dataclass(frozen=True)
class Written:
    """What a customer has written so far, for whoever picks up the phone. Nothing of it has been checked."""

    message: str
    email: str
    name: str
    subject: str
    topic: str
    """The topic's slug, or ""."""
    at: datetime
    fields: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


def tidied(values: Any) -> dict[str, Any]:
    """What is kept of what a browser sent, whatever that was."""
    given = values if isinstance(values, dict) else {}
    kept: dict[str, Any] = {}
    for name, most in TEXTS.items():
        text = given.get(name)
        if isinstance(text, str) and (text := clean(text)[:most]):
            kept[name] = text
    fields = given.get("fields")
    if isinstance(fields, dict):
        texts = {
            clean(str(key))[:40]: clean(text)[:_LONGEST_FIELD] for key, text in fields.items() if isinstance(text, str)
        }
        kept["fields"] = dict([(key, text) for key, text in texts.items() if text][:_MOST_FIELDS])
    dismissed = given.get("dismissed")
    if isinstance(dismissed, list):
        numbers = [one for one in dismissed if isinstance(one, int) and 0 < one < 2**62]
        kept["dismissed"] = numbers[-_MOST_DISMISSED:]
    return kept


def draft_of(journey: Journey) -> ContactDraft | None:
    """The newest draft of the attempt."""
    return _drafts(journey).first()


def _drafts(journey: Journey) -> QuerySet[ContactDraft]:
    return ContactDraft.objects.filter(of_attempt(journey)).order_by("-updated_at", "-pk")


def of_attempt(journey: Journey) -> Q:
    """What a browser may have back: of its journey's attempt, or left behind by an earlier one of the same browser.

    Of other browsers' journeys only those count whose customer has shown who they are in both: a case that was sent
    under somebody's address joins its sender's visit to theirs as soon as they open the letter about it. What was said
    to an agent on the phone shows it to the agent at most.
    """
    own = Q(journey__visitor=journey.visitor)
    if journey.customer_id is None or SpokenReference.objects.filter(journey__visitor=journey.visitor).exists():
        return own
    together = [one.pk for one in joining.whole(journey) if one.customer_id == journey.customer_id]
    return own | Q(journey__in=together)


@transaction.atomic
def save(
    journey: Journey, values: dict[str, Any], *, base: int = 0, written_at: datetime | None = None
) -> ContactDraft | None:
    """Keeps what has been written so far. None where nothing is left of it.

    `base` is the version that it was written on (0: on none). Where the draft has changed since, the text that was
    written later stays, and the other goes to `others`, unless the one contains the other.
    """
    now = timezone.now()
    at = min(written_at or now, now)
    values = tidied(values)
    draft = _gathered(journey)
    if draft is None:
        if not _says_something(values) or _has_been_sent(values):
            return None
        # Two tabs may begin at the same moment: the one that comes second goes on with the first one's row.
        draft, is_new = ContactDraft.objects.select_for_update().get_or_create(
            journey=journey, defaults={"values": values, "updated_at": at}
        )
        if is_new:
            return draft
    if draft.values == values:
        return draft
    if base != draft.version and at < draft.updated_at:
        draft.others = _with_other(draft.others, values, beside=draft.values)
    else:
        if base != draft.version:
            draft.others = _with_other(draft.others, draft.values, beside=values)
        draft.values, draft.updated_at = values, at
    draft.version += 1
    draft.journey = journey if not ContactDraft.objects.filter(journey=journey).exists() else draft.journey
    draft.save()
    return draft


def _gathered(journey: Journey) -> ContactDraft | None:
    """The attempt's draft, locked. Where journeys that each had one were joined, the older ones go into `others`."""
    found = list(_drafts(journey).select_for_update())
    if len(found) > 1:
        for older in reversed(found[1:]):
            found[0].others = _with_other(found[0].others, older.values, beside=found[0].values)
            older.delete()
        found[0].save()
    return found[0] if found else None


def _says_something(values: dict[str, Any]) -> bool:
    return any(values.get(name, "").strip() for name in TEXTS if name not in ("key", "topic")) or any(
        values.get("fields", {}).values()
    )


def idempotency_key(key: str, email: str) -> str | None:
    """The form's key, together with the address: one that was mistyped and then put right is another customer."""
    return "form:" + hashlib.sha256(f"{email}\n{key}".encode()).hexdigest() if key else None


def _has_been_sent(values: dict[str, Any]) -> bool:
    """Whether this very text is a case already: the last save of a page may come in after its form."""
    key = idempotency_key(values.get("key", ""), values.get("email", "").strip().lower())
    text = values.get("message", "").strip()
    return key is not None and Message.objects.filter(ticket__idempotency_key=key, body=text).exists()


def _with_other(
    others: list[dict[str, Any]], values: dict[str, Any], *, beside: dict[str, Any]
) -> list[dict[str, Any]]:
    text = values.get("message", "").strip()
    if not text or text in beside.get("message", ""):
        return others
    kept = [one for one in others if one["values"].get("message", "").strip() not in text]
    return [{"id": _name_of(text), "values": values}, *kept][:_MOST_OTHERS]


def _name_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@transaction.atomic
def forget_other(journey: Journey, other: str) -> ContactDraft | None:
    """One of the `others` has been brought back, or is not wanted any more."""
    draft = _gathered(journey)
    if draft is not None:
        draft.others = [one for one in draft.others if one["id"] != other]
        draft.save(update_fields=["others"])
    return draft


@transaction.atomic
def clear(journey: Journey) -> None:
    """The customer starts over, or has sent it: nothing of the text is left here."""
    _drafts(journey).delete()


@transaction.atomic
def taken_by(journey: Journey, ticket: Ticket) -> None:
    """An agent has made a case of what this customer has written: their page says so, and keeps the text."""
    draft = _gathered(journey)
    if draft is not None and draft.taken_as != ticket.reference:
        draft.taken_as = str(ticket.reference)
        draft.version += 1
        draft.save(update_fields=["taken_as", "version"])


def text_of(journey: Journey) -> Written | None:
    """What has been written so far in this journey's attempt, for an agent; or None."""
    attempt = Q(journey__in=joining.whole(journey)) | Q(journey__visitor=journey.visitor)
    draft = ContactDraft.objects.filter(attempt).order_by("-updated_at", "-pk").first()
    if draft is None:
        return None
    texts = {name: draft.values.get(name, "") for name in ("message", "email", "name", "subject", "topic")}
    files = Upload.objects.waiting().whole().filter(attempt).values_list("name", flat=True)
    return Written(**texts, at=draft.updated_at, fields=draft.values.get("fields", {}), files=list(files))


def export_of(journeys: Iterable[Journey]) -> list[dict[str, Any]]:
    """What is kept of unsent messages in these journeys, for whoever asks what we know of them."""
    drafts = ContactDraft.objects.filter(journey__in=list(journeys)).prefetch_related("journey__uploads")
    return [
        {
            "written": {name: value for name, value in draft.values.items() if name not in ("key", "dismissed")},
            "also_written": [one["values"].get("message", "") for one in draft.others],
            "changed": draft.updated_at.isoformat(),
            "files": [one.name for one in draft.journey.uploads.all() if one.sent_at is None],
        }
        for draft in drafts
    ]


@transaction.atomic
def erase(journeys: Iterable[Journey]) -> None:
    """Deletes unsent messages of these journeys, and the files with them (their content goes with the rows)."""
    chosen = list(journeys)
    ContactDraft.objects.filter(journey__in=chosen).delete()
    Upload.objects.filter(journey__in=chosen).delete()
