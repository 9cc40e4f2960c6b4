"""What cases hold of one person: handed out whole on request, or taken out for good.

Erasing leaves what counts: that there was a case, on which channel and topic, when, and how it ended; nothing that was
said, and nobody's name. The layers above do their part by `deflection.services.personal_data`, which calls this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Q, QuerySet

from knowledge.background import enqueue_on_commit
from tickets.models import (
    Attachment,
    Callback,
    CallbackTry,
    Chat,
    Customer,
    CustomerMerge,
    Draft,
    DraftFile,
    HeldSend,
    Identity,
    ImportedRecord,
    InboundMail,
    MailContent,
    Message,
    OutboxMessage,
    Participant,
    PossibleDuplicate,
    Rating,
    Ticket,
    TicketEvent,
    WebhookDelivery,
)

# A sign of no language: whoever reads it sees that something is left out.
ERASED = "[…]"
# What a line of a case's history says without naming anybody or repeating what was said.
_HARMLESS = (
    "channel", "what", "field", "article", "is_missing", "root_cause", "demand_type", "resolution", "held_until",
    "satisfaction", "effort", "case", "into", "from", "added", "removed", "count", "outcome", "slot", "next", "due",
    "gave_up", "state", "kind", "seconds", "tries",
)  # fmt: skip
_STATUSES = frozenset(Ticket.Status.values) | frozenset(Ticket.Priority.values) | frozenset(Ticket.Type.values)


@dataclass
class Held:
    """What was found of somebody: data to be written as JSON, and files by their names in the archive."""

    data: dict[str, Any]
    files: dict[str, Attachment] = field(default_factory=dict)


def cases_of(customer: Customer) -> QuerySet[Ticket]:
    return Ticket.objects.filter(customer=customer)


# --- Handing out --------------------------------------------------------------------------------------


def export(customer: Customer, *, with_notes: bool) -> Held:
    """All that cases hold of a customer; what agents noted among themselves only `with_notes`."""
    held = Held(
        {
            "name": customer.name,
            "language": customer.language,
            "region": customer.region,
            "company": str(customer.company or ""),
            "known_since": customer.created_at.isoformat(),
            "addresses": [
                {"kind": one.kind, "value": one.value, "verified": one.is_verified} for one in customer.identities.all()
            ],
        }
    )
    if with_notes:
        held.data["notes"] = customer.notes
    cases = cases_of(customer).select_related("topic", "rating").order_by("pk")
    held.data["cases"] = [_case(ticket, held, with_notes) for ticket in cases]
    elsewhere = Message.objects.filter(customer=customer).exclude(ticket__customer=customer).select_related("ticket")
    held.data["written_in_cases_of_others"] = [_message(one, held) for one in elsewhere.order_by("pk")]
    return held


def _case(ticket: Ticket, held: Held, with_notes: bool) -> dict[str, Any]:
    messages = ticket.messages.order_by("created_at", "pk")
    rating = getattr(ticket, "rating", None)
    callbacks = ticket.callbacks.order_by("booked_at").prefetch_related("log")
    return {
        "case": ticket.reference,
        "subject": ticket.subject,
        "topic": ticket.topic.slug if ticket.topic else "",
        "channel": ticket.channel,
        "status": ticket.status,
        "received": ticket.created_at.isoformat(),
        "fields": ticket.fields,
        "before_writing": ticket.journey_summary,
        "messages": [_message(one, held) for one in (messages if with_notes else messages.said())],
        "rating": {"satisfaction": rating.satisfaction, "ease": rating.effort, "comment": rating.comment}
        if rating
        else None,
        "call_backs": [_callback(one, with_notes) for one in callbacks],
        "letters": [
            {"to": one.recipient, "subject": one.subject, "text": one.body_text, "sent": str(one.sent_at or "")}
            for one in ticket.outbox.order_by("created_at")
        ],
    }


def _callback(callback: Callback, with_notes: bool) -> dict[str, Any]:
    return {
        "number": callback.number,
        "name": callback.name,
        "state": callback.state,
        "booked": callback.booked_at.isoformat(),
        "promised_for": callback.promised_at.isoformat(),
        "calls": [
            {"at": one.at.isoformat(), "outcome": one.outcome, **({"note": one.note} if with_notes else {})}
            for one in callback.log.all()
        ],
    }


def _message(message: Message, held: Held) -> dict[str, Any]:
    files = []
    for attachment in message.attachments.all():
        name = f"files/{message.pk}-{attachment.pk}-{_plain(attachment.name)}"
        held.files[name] = attachment
        files.append(name)
    mail: MailContent | None = MailContent.objects.filter(message=message).first()
    return {
        "kind": message.kind,
        "channel": message.channel,
        "at": message.created_at.isoformat(),
        "case": message.ticket.reference,
        "text": message.body,
        "files": files,
        **({"mail": {"from": mail.sender, "subject": mail.subject, "text": mail.text}} if mail else {}),
    }


def _plain(name: str) -> str:
    """A name that no archive takes for a path."""
    return "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in name)[-80:].lstrip(".") or "file"


# --- Taking out ---------------------------------------------------------------------------------------


@transaction.atomic
def erase(customer: Customer) -> list[str]:
    """Takes out all that cases hold of a customer. Returns what was known of them, by which copies are found.

    The record stays without a name, so that counts stay; whoever writes from the same address is somebody new. Files
    go once the transaction is in the database. Safe to repeat.
    """
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    tickets = list(cases_of(customer).select_for_update().order_by("pk"))
    own = Q(ticket__in=tickets)
    known = _known_of(customer, own)
    written = Message.objects.filter(own | Q(customer=customer))
    _index_again({*(one.pk for one in tickets), *written.values_list("ticket", flat=True)})
    _erase_messages(written)
    _erase_mail(tickets, known)
    for ticket in tickets:
        _erase_case(ticket)
    for event in TicketEvent.objects.filter(own):
        _erase_event(event)
    _erase_names_elsewhere(customer, known, own)
    Rating.objects.filter(own).exclude(comment="").update(comment=ERASED)
    # Nobody waits any more for a call that was promised, and its place can be booked by others.
    Callback.objects.filter(own, state=Callback.State.BOOKED).update(state=Callback.State.CANCELLED)
    Callback.objects.filter(own).update(number="", name="")
    CallbackTry.objects.filter(callback__ticket__in=tickets).exclude(note="").update(note=ERASED)
    Chat.objects.filter(own).update(place="")
    _delete_drafts(own)
    HeldSend.objects.filter(own).delete()
    ImportedRecord.objects.filter(own).delete()
    Participant.objects.filter(customer=customer).delete()
    _erase_record(customer, known)
    return known


def _known_of(customer: Customer, own: Q) -> list[str]:
    """Their addresses, and numbers that they asked us to call, unless somebody else is known by one."""
    called = Callback.objects.filter(own).exclude(number="")
    others = Identity.objects.exclude(customer=customer).values("value")
    numbers = called.exclude(number__in=others).values_list("number", flat=True)
    return list(dict.fromkeys([*(one.value for one in customer.identities.all()), *numbers]))


def _erase_messages(written: QuerySet[Message]) -> None:
    attachments = list(Attachment.objects.filter(message__in=written))
    _delete_files(one.file.name or "" for one in attachments)
    Attachment.objects.filter(pk__in=[one.pk for one in attachments]).delete()
    MailContent.objects.filter(message__in=written).delete()
    # The name of a mail holds its sender's host; without one it would be taken in twice, so a digest stays.
    for message in written.exclude(external_id=""):
        message.external_id = f"erased:{message.pk}"
        message.save(update_fields=["external_id"])
    written.update(body=ERASED)


def _erase_mail(tickets: list[Ticket], known: list[str]) -> None:
    theirs = Q(ticket__in=tickets) | Q(message__ticket__in=tickets)
    for address in known:
        theirs |= Q(sender__iexact=address) | Q(envelope_from__iexact=address)
    # The digest stays, by which a letter that a mail server still holds is known when it is read again.
    InboundMail.objects.filter(theirs).update(
        raw=b"",
        envelope_to=[],
        **dict.fromkeys(("sender", "subject", "error", "envelope_from", "rfc_id", "fingerprint", "preview"), ""),
    )
    OutboxMessage.objects.filter(Q(ticket__in=tickets) | Q(recipient__in=known)).delete()
    for ticket in tickets:
        WebhookDelivery.objects.filter(payload__case__reference=ticket.reference).delete()


def _erase_case(ticket: Ticket) -> None:
    ticket.subject = ERASED
    ticket.fields, ticket.journey_summary = {}, []
    ticket.origin, ticket.idempotency_key = "", None
    ticket.link_version += 1
    ticket.save(update_fields=["subject", "fields", "journey_summary", "origin", "idempotency_key", "link_version"])


def _erase_event(event: TicketEvent) -> None:
    kept = {key: value for key, value in event.data.items() if key in _HARMLESS}
    if event.data.get("what") not in ("customer", "subject", "field"):
        kept |= {key: event.data[key] for key in ("was", "now") if event.data.get(key) in _STATUSES}
    if kept != event.data:
        event.data = kept
        event.save(update_fields=["data"])


def _erase_names_elsewhere(customer: Customer, known: list[str], own: Q) -> None:
    """The history of other people's cases, in which they are or were on copy, or wrote."""
    there = Q(data__email__in=known) | Q(ticket__participants__customer=customer)
    there |= Q(ticket__messages__customer=customer)
    for event in TicketEvent.objects.filter(there).exclude(own).distinct():
        if event.data.get("email") in known or event.data.get("who") == str(customer):
            event.data |= {key: ERASED for key in ("who", "email") if key in event.data}
            event.save(update_fields=["data"])


def _delete_drafts(own: Q) -> None:
    drafts = Draft.objects.filter(own)
    _delete_files(one.file.name or "" for one in DraftFile.objects.filter(draft__in=drafts))
    drafts.delete()


def _delete_files(names: Iterable[str]) -> None:
    storage = storages["attachments"]
    for name in [one for one in names if one]:
        transaction.on_commit(_deleting(storage, name))


def _deleting(storage: Any, name: str) -> Callable[[], None]:
    return lambda: storage.delete(name)


def _erase_record(customer: Customer, known: list[str]) -> None:
    emails = customer.identities.filter(kind=Identity.Kind.EMAIL).values_list("value", flat=True)
    accounts = Q(pk__in=[])
    for address in emails:
        accounts |= Q(email__iexact=address)
    # Whoever works here keeps their account, though they may have written to us as well.
    get_user_model()._default_manager.filter(accounts, is_staff=False, groups=None).delete()
    customer.identities.all().delete()
    CustomerMerge.objects.filter(kept=customer).delete()
    PossibleDuplicate.objects.filter(Q(first=customer) | Q(second=customer)).delete()
    customer.name = customer.region = customer.notes = ""
    customer.company = None
    customer.save()
    about = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Customer), object_id=str(customer.pk)
    )
    about.update(object_repr=f"#{customer.pk}", change_message=ERASED)


def _index_again(numbers: set[int]) -> None:
    """The index of cases forgets their words as soon as the transaction is in the database."""
    from tickets.tasks import index_these_cases

    enqueue_on_commit(index_these_cases, sorted(numbers))
