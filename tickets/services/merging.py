"""Two cases about one thing become one, and can be parted again.

What was said moves into the kept case with its files, letters and mails; the other is closed and points to it. The
history line of the case that went holds what was moved, which is what parting them takes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from tickets.errors import TicketError
from tickets.models import Draft, InboundMail, Message, OutboxMessage, Ticket, TicketEvent, TicketLink
from tickets.services import history
from tickets.services.history import Actor
from tickets.services.locking import locked_pair
from tickets.services.participants import put_on_copy

Kind = TicketEvent.Kind
_KEPT_OF_TICKET = ("status", "resolution", "answered_by_id", "waiting_since", "solved_at", "first_response_at")


def kept_case(ticket: Ticket) -> Ticket:
    """The case in which it goes on: the one that it was merged into, or itself."""
    return ticket.merged_into or ticket


def check_merge(ticket: Ticket, into: Ticket) -> None:
    """Raises TicketError where two cases cannot become one."""
    if ticket.pk == into.pk:
        raise TicketError(_("That is this very case. Choose another."))
    for one in (ticket, into):
        if one.merged_into is not None:
            raise TicketError(
                _("%(case)s was merged into %(other)s already.")
                % {"case": one.reference, "other": one.merged_into.reference}
            )
        if one.held_sends.filter(until__gt=timezone.now()).exists():
            # It may still be taken back, which would bring back how the case stood before.
            raise TicketError(
                _("An answer in %(case)s is about to leave. Wait a few seconds.") % {"case": one.reference}
            )


@transaction.atomic
def merge(ticket: Ticket, *, into: Ticket, by: Actor, may_share: bool = False) -> Ticket:
    """Merges a case into another, which is returned.

    Where the customers differ, both can read the whole conversation from then on, and the one whose case goes is put
    on copy: somebody has to say so with `may_share`. Raises TicketError without it, and where either case was merged
    before.
    """
    ticket, into = locked_pair(ticket, into)
    check_merge(ticket, into)
    if ticket.customer_id != into.customer_id and not may_share:
        raise TicketError(_("The cases are of two people. Say that both may read everything before you merge them."))
    moved = _before(ticket, into)
    moved |= _move_what_was_said(ticket, into)
    moved |= _move_people(ticket, into, by) | _move_marks(ticket, into) | _move_children(ticket, into)
    _close(ticket, into)
    history.record(ticket, Kind.MERGED_AWAY, by, into=into.reference, was=moved["ticket"]["status"], moved=moved)
    history.record(into, Kind.MERGED, by, case=ticket.reference)
    _go_on(ticket, into, moved, by)
    return into


def _before(ticket: Ticket, into: Ticket) -> dict[str, Any]:
    """How both stood, as JSON holds it."""

    def state(one: Ticket) -> dict[str, Any]:
        values = {name: getattr(one, name) for name in _KEPT_OF_TICKET}
        return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}

    return {"ticket": state(ticket), "into": state(into)}


def _move_what_was_said(ticket: Ticket, into: Ticket) -> dict[str, Any]:
    taken = set(into.messages.exclude(external_id="").values_list("external_id", flat=True))
    rows = list(ticket.messages.values_list("pk", "external_id"))
    # One mail that came to both cases has one name in one case only; the second goes without.
    doubles = {pk: name for pk, name in rows if name in taken}
    Message.objects.filter(pk__in=doubles).update(external_id="")
    messages = Message.objects.filter(pk__in=[pk for pk, _name in rows])
    named: list[int] = []
    if ticket.customer_id != into.customer_id:
        unnamed = messages.filter(kind=Message.Kind.INBOUND, customer__isnull=True)
        named = list(unnamed.values_list("pk", flat=True))
        unnamed.update(customer=ticket.customer_id)
    letters = list(ticket.outbox.values_list("pk", flat=True))
    mails = list(ticket.mails.values_list("pk", flat=True))
    messages.update(ticket=into)
    OutboxMessage.objects.filter(pk__in=letters).update(ticket=into)
    InboundMail.objects.filter(pk__in=mails).update(ticket=into)
    _move_drafts(ticket, into)
    return {
        "messages": [pk for pk, _name in rows],
        "names": {str(pk): name for pk, name in doubles.items()},
        "named": named,
        "letters": [str(pk) for pk in letters],
        "mails": mails,
    }


def _move_drafts(ticket: Ticket, into: Ticket) -> None:
    """What colleagues were writing goes with the case; where they had begun in both, one text follows the other."""
    begun = {(one.user_id, one.kind): one for one in Draft.objects.filter(ticket=into)}
    for draft in Draft.objects.filter(ticket=ticket):
        there = begun.get((draft.user_id, draft.kind))
        if there is None:
            draft.ticket = into
            draft.save(update_fields=["ticket"])
        elif draft.body.strip():
            there.body = f"{there.body}\n\n{draft.body}".strip()
            there.save(update_fields=["body"])
            draft.files.update(draft=there)
            draft.delete()


def _move_people(ticket: Ticket, into: Ticket, by: Actor) -> dict[str, Any]:
    """Everybody of the case that goes is on copy in the one that stays; followers follow it."""
    there = set(into.participants.values_list("customer", flat=True)) | {into.customer_id}
    people = [ticket.customer, *(row.customer for row in ticket.participants.select_related("customer"))]
    added = [one for one in {one.pk: one for one in people}.values() if one.pk not in there]
    for one in added:
        put_on_copy(into, one, by=by)
    new = set(ticket.followers.values_list("pk", flat=True)) - set(into.followers.values_list("pk", flat=True))
    into.followers.add(*new)
    return {"participants": [one.pk for one in added], "followers": sorted(new)}


def _move_marks(ticket: Ticket, into: Ticket) -> dict[str, Any]:
    """Tags add up; a field is taken over where the kept case has nothing in it; links point to the kept case."""
    tags = set(ticket.tags.values_list("pk", flat=True)) - set(into.tags.values_list("pk", flat=True))
    into.tags.add(*tags)
    fields = {key: value for key, value in ticket.fields.items() if into.fields.get(key) is None}
    into.fields |= fields
    return {"tags": sorted(tags), "fields": fields, "links": _move_links(ticket, into)}


def _move_links(ticket: Ticket, into: Ticket) -> list[int]:
    near = {into.pk}
    for source, target in into.links_out.values_list("source", "target").union(
        into.links_in.values_list("source", "target")
    ):
        near |= {source, target}
    moved = []
    for one in [*ticket.links_out.all(), *ticket.links_in.all()]:
        outgoing = one.source_id == ticket.pk
        other = one.target_id if outgoing else one.source_id
        if other in near:
            continue
        TicketLink.objects.filter(pk=one.pk).update(**{"source" if outgoing else "target": into})
        near.add(other)
        moved.append(one.pk)
    return moved


def _move_children(ticket: Ticket, into: Ticket) -> dict[str, Any]:
    """What was merged into the case that goes points to the one that stays: never a chain to follow."""
    children = list(ticket.merged.values_list("pk", flat=True))
    Ticket.objects.filter(pk__in=children).update(merged_into=into)
    return {"children": children}


def _close(ticket: Ticket, into: Ticket) -> None:
    ticket.merged_into = into
    ticket.status = Ticket.Status.CLOSED
    ticket.waiting_since = None
    ticket.updated_at = timezone.now()
    ticket.save()


def _go_on(ticket: Ticket, into: Ticket, moved: dict[str, Any], by: Actor) -> None:
    """A question that waited in the case that went now waits in the kept one, for as long as it has waited."""
    waited = _time(moved["ticket"]["waiting_since"])
    now = timezone.now()
    if waited is not None:
        if into.is_settled:
            history.record(into, Kind.REOPENED, by, at=now, was=into.status)
            into.solved_at, into.resolution, into.answered_by = None, "", None
            into.status = Ticket.Status.OPEN
        elif into.status not in (Ticket.Status.NEW, Ticket.Status.OPEN):
            history.record(into, Kind.STATUS_CHANGED, by, at=now, was=into.status, now=Ticket.Status.OPEN)
            into.status = Ticket.Status.OPEN
        into.waiting_since = min(waited, into.waiting_since or waited)
    answered = [at for at in (into.first_response_at, ticket.first_response_at) if at]
    into.first_response_at = min(answered, default=None)
    into.updated_at = now
    into.save()


def _time(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


@transaction.atomic
def unmerge(ticket: Ticket, *, by: Actor) -> Ticket:
    """Parts a merged case from the one that it went into, and returns it as it was.

    What was moved goes back, as far as it still lies there; what was said after the merge stays where it was said.
    Raises TicketError for a case that is not merged.
    """
    ticket = Ticket.objects.select_related("merged_into").get(pk=ticket.pk)
    if ticket.merged_into is None:
        raise TicketError(_("%(case)s is not merged into another case.") % {"case": ticket.reference})
    ticket, into = locked_pair(ticket, ticket.merged_into)
    event = ticket.events.filter(kind=Kind.MERGED_AWAY).last()
    if event is None or ticket.merged_into_id != into.pk:
        raise TicketError(_("What was moved is not known any more, so it cannot be moved back."))
    moved = event.data["moved"]
    _return_what_was_said(ticket, into, moved)
    _return_marks(ticket, into, moved)
    _restore(ticket, moved["ticket"])
    _settle_waiting(into, moved)
    history.record(ticket, Kind.UNMERGED, by, case=into.reference)
    history.record(into, Kind.UNMERGED, by, case=ticket.reference)
    return ticket


def _return_what_was_said(ticket: Ticket, into: Ticket, moved: dict[str, Any]) -> None:
    messages = into.messages.filter(pk__in=moved["messages"])
    messages.filter(pk__in=moved["named"]).update(customer=None)
    back = list(messages.values_list("pk", flat=True))
    Message.objects.filter(pk__in=back).update(ticket=ticket)
    for pk, name in moved["names"].items():
        Message.objects.filter(pk=int(pk), ticket=ticket).update(external_id=name)
    OutboxMessage.objects.filter(pk__in=moved["letters"], ticket=into).update(ticket=ticket)
    InboundMail.objects.filter(pk__in=moved["mails"], ticket=into).update(ticket=ticket)
    Ticket.objects.filter(pk__in=moved["children"], merged_into=into).update(merged_into=ticket)


def _return_marks(ticket: Ticket, into: Ticket, moved: dict[str, Any]) -> None:
    into.participants.filter(customer__in=moved["participants"]).delete()
    into.followers.remove(*moved["followers"])
    into.tags.remove(*moved["tags"])
    for key, value in moved["fields"].items():
        if into.fields.get(key) == value:
            del into.fields[key]
    for one in TicketLink.objects.filter(pk__in=moved["links"]):
        end = "source" if one.source_id == into.pk else "target" if one.target_id == into.pk else ""
        if end:
            TicketLink.objects.filter(pk=one.pk).update(**{end: ticket})


def _restore(ticket: Ticket, before: dict[str, Any]) -> None:
    for name, value in before.items():
        setattr(ticket, name, _time(value) if name.endswith(("_since", "_at")) else value)
    ticket.merged_into = None
    ticket.updated_at = timezone.now()
    ticket.save()


def _settle_waiting(into: Ticket, moved: dict[str, Any]) -> None:
    """The kept case waits for us only for its own sake: from then on when it did, unless it has been answered since."""
    waited, own = _time(moved["ticket"]["waiting_since"]), _time(moved["into"]["waiting_since"])
    if into.waiting_since is not None and waited is not None and into.waiting_since == waited:
        into.waiting_since = own or timezone.now()
    into.updated_at = timezone.now()
    into.save()
