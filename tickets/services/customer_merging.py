"""Two records of one person become one, and can be parted again.

The record that goes is deleted; what it held is kept with the merge, so that undoing it brings the same record back
and returns exactly what was moved and has not been changed since.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tickets.errors import TicketError
from tickets.models import (
    Company,
    Customer,
    CustomerMerge,
    Identity,
    Message,
    Participant,
    PossibleDuplicate,
    Ticket,
    TicketEvent,
)
from tickets.services import history
from tickets.signals import customers_merged, customers_parted

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

_FILLED = ("name", "company_id", "region")
_FIELD_NAMES = {"name": gettext_lazy("name"), "company_id": gettext_lazy("company"), "region": gettext_lazy("region")}


@dataclass(frozen=True)
class MergePreview:
    """What merging would move from the record that goes."""

    identities: list[Identity]
    cases: int
    copies: int
    notes: str
    gives_access: list[Identity]
    """Verified addresses: whoever logs in with one of them sees the cases of both."""


@dataclass
class Undone:
    """What undoing brought back, and sentences about what it could not."""

    customer: Customer
    left: list[str] = field(default_factory=list)


def preview(kept: Customer, gone: Customer) -> MergePreview:
    identities = list(gone.identities.order_by("kind", "pk"))
    both = [*identities, *kept.identities.order_by("kind", "pk")]
    return MergePreview(
        identities=identities,
        cases=gone.tickets.count(),
        copies=gone.participations.count(),
        notes=gone.notes,
        gives_access=[one for one in both if one.kind == Identity.Kind.EMAIL and one.is_verified],
    )


@transaction.atomic
def merge_customers(kept: Customer, gone: Customer, *, by: User) -> CustomerMerge:
    """Moves everything of `gone` to `kept` and deletes `gone`. Empty facts of `kept` are filled, notes put together.

    Raises TicketError for a record and itself.
    """
    if kept.pk == gone.pk:
        raise TicketError(_("That is this very record. Choose another."))
    both = Customer.objects.select_for_update().filter(pk__in=[kept.pk, gone.pk]).order_by("pk")
    found = {row.pk: row for row in both}
    if len(found) < 2:
        raise TicketError(_("One of the two is not there any more. Somebody may have merged them just now."))
    kept, gone = found[kept.pk], found[gone.pk]
    moved = {"customer": _as_data(gone), "before": _facts(kept)}
    _fill(kept, gone)
    moved["after"] = _facts(kept)
    moved |= _move_cases(kept, gone, by) | _move_copies(kept, gone) | _move_rest(kept, gone)
    customers_merged.send(Customer, kept=kept, gone=gone)
    gone.delete()
    return CustomerMerge.objects.create(kept=kept, moved=moved, merged_by=by)


def _as_data(customer: Customer) -> dict[str, Any]:
    return _facts(customer) | {
        "id": customer.pk,
        "language": customer.language,
        "created_at": customer.created_at.isoformat(),
    }


def _facts(customer: Customer) -> dict[str, Any]:
    return {name: getattr(customer, name) for name in (*_FILLED, "notes")}


def _move_cases(kept: Customer, gone: Customer, by: User) -> dict[str, Any]:
    tickets = list(Ticket.objects.select_for_update().filter(customer=gone).order_by("pk"))
    _give_cases(tickets, kept, was=str(gone), by=by)
    messages = list(Message.objects.filter(customer=gone).values_list("pk", flat=True))
    Message.objects.filter(pk__in=messages).update(customer=kept)
    return {"tickets": [one.pk for one in tickets], "messages": messages}


def _give_cases(tickets: list[Ticket], to: Customer, *, was: str, by: User) -> None:
    Ticket.objects.filter(pk__in=[one.pk for one in tickets]).update(customer=to, updated_at=timezone.now())
    for ticket in tickets:
        ticket.customer = to
        history.record(ticket, TicketEvent.Kind.CHANGED, history.agent(by), what="customer", was=was, now=str(to))


def _move_copies(kept: Customer, gone: Customer) -> dict[str, Any]:
    """Nobody is on copy twice, nor on copy of their own case; what is dropped for that is kept to bring back."""
    mine = set(Participant.objects.filter(customer=kept).values_list("ticket", flat=True))
    dropped = []
    moved = []
    for one in Participant.objects.filter(customer=gone).select_related("ticket"):
        if one.ticket_id in mine or one.ticket.customer_id == kept.pk:
            dropped.append({"ticket": one.ticket_id, "added_by": one.added_by_id, "whose": "gone"})
        else:
            moved.append(one.pk)
    own = Participant.objects.filter(customer=kept, ticket__customer=kept)
    dropped += [{"ticket": one.ticket_id, "added_by": one.added_by_id, "whose": "kept"} for one in own]
    own.delete()
    Participant.objects.filter(pk__in=moved).update(customer=kept)
    Participant.objects.filter(customer=gone).delete()
    return {"participants": moved, "participants_dropped": dropped}


def _move_rest(kept: Customer, gone: Customer) -> dict[str, Any]:
    identities = list(gone.identities.values_list("pk", flat=True))
    Identity.objects.filter(pk__in=identities).update(customer=kept)
    merges = list(gone.merges.values_list("pk", flat=True))
    CustomerMerge.objects.filter(pk__in=merges).update(kept=kept)
    return {"identities": identities, "merges": merges}


def _fill(kept: Customer, gone: Customer) -> None:
    for name in _FILLED:
        if not getattr(kept, name):
            setattr(kept, name, getattr(gone, name))
    if gone.notes.strip():
        kept.notes = f"{kept.notes.rstrip()}\n\n{gone.notes.strip()}".strip()
    kept.save()


@transaction.atomic
def undo_merge(merge: CustomerMerge, *, by: User) -> Undone:
    """Brings the record that went back, with what was moved from it and still is where it was moved to.

    Raises TicketError when it was undone before.
    """
    merge = CustomerMerge.objects.select_for_update().select_related("kept").get(pk=merge.pk)
    if merge.undone_at is not None:
        raise TicketError(_("This has been undone already."))
    moved, kept = merge.moved, merge.kept
    undone = Undone(_bring_back(moved["customer"]))
    _return_cases(undone, moved, kept, by)
    _return_rest(undone, moved, kept)
    _return_facts(undone, moved, kept)
    customers_parted.send(Customer, kept=kept, back=undone.customer)
    merge.undone_at = timezone.now()
    merge.save(update_fields=["undone_at"])
    # They are two after all; nobody is asked about them again.
    PossibleDuplicate.objects.update_or_create(
        first_id=min(kept.pk, undone.customer.pk),
        second_id=max(kept.pk, undone.customer.pk),
        defaults={"dismissed_at": merge.undone_at, "dismissed_by": by},
    )
    return undone


def _bring_back(data: dict[str, Any]) -> Customer:
    company = Company.objects.filter(pk=data["company_id"]).first() if data["company_id"] else None
    return Customer.objects.create(
        pk=data["id"],
        name=data["name"],
        company=company,
        region=data["region"],
        notes=data["notes"],
        language=data["language"],
        created_at=parse_datetime(data["created_at"]) or timezone.now(),
    )


def _return_cases(undone: Undone, moved: dict[str, Any], kept: Customer, by: User) -> None:
    back = undone.customer
    tickets = list(Ticket.objects.select_for_update().filter(pk__in=moved["tickets"], customer=kept).order_by("pk"))
    _give_cases(tickets, back, was=str(kept), by=by)
    Message.objects.filter(pk__in=moved["messages"], customer=kept).update(customer=back)
    if stayed := len(moved["tickets"]) - len(tickets):
        undone.left.append(
            ngettext(
                "%(count)s case belongs to somebody else by now and stays there.",
                "%(count)s cases belong to somebody else by now and stay there.",
                stayed,
            )
            % {"count": stayed}
        )


def _return_rest(undone: Undone, moved: dict[str, Any], kept: Customer) -> None:
    back = undone.customer
    returned = Identity.objects.filter(pk__in=moved["identities"], customer=kept).update(customer=back)
    if stayed := len(moved["identities"]) - returned:
        undone.left.append(
            ngettext(
                "%(count)s address has been removed or moved since.",
                "%(count)s addresses have been removed or moved since.",
                stayed,
            )
            % {"count": stayed}
        )
    Participant.objects.filter(pk__in=moved["participants"], customer=kept).update(customer=back)
    CustomerMerge.objects.filter(pk__in=moved["merges"], kept=kept).update(kept=back)
    for row in moved["participants_dropped"]:
        person = back if row["whose"] == "gone" else kept
        ticket = Ticket.objects.filter(pk=row["ticket"]).exclude(customer=person).first()
        if ticket is not None and not ticket.participants.filter(customer=person).exists():
            Participant.objects.create(ticket=ticket, customer=person, added_by=_agent(row["added_by"]))


def _agent(pk: int | None) -> Any:
    return get_user_model()._default_manager.filter(pk=pk).first() if pk else None


def _return_facts(undone: Undone, moved: dict[str, Any], kept: Customer) -> None:
    """What the merge filled in is taken out again where nobody has changed it since."""
    before, after = moved["before"], moved["after"]
    for name in (*_FILLED, "notes"):
        if after[name] == before[name]:
            continue
        if getattr(kept, name) == after[name]:
            setattr(kept, name, before[name])
        elif name == "notes":
            undone.left.append(_("The notes were changed since, so both records have them."))
        else:
            undone.left.append(_("“%(field)s” was changed since and stays as it is.") % {"field": _FIELD_NAMES[name]})
    kept.save()
