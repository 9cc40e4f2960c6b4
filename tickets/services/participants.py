"""Who takes part in a case besides its customer: they get copies of our answers, and their mail belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tickets.errors import TicketError
from tickets.models import Customer, Identity, Mailbox, MailContent, Message, Participant, Ticket, TicketEvent
from tickets.services import history
from tickets.services.channel_policy import support_address
from tickets.services.customers import customer_by_email, normalise_email
from tickets.services.history import Actor
from tickets.services.locking import locked_open

MAX_PARTICIPANTS = 20


@dataclass(frozen=True)
class OnTheMail:
    """Somebody who was addressed in the last mail and takes no part in the case yet."""

    address: str
    name: str


@transaction.atomic
def add_participant(ticket: Ticket, email: str, name: str = "", *, by: Actor) -> Participant:
    """Puts somebody on copy; who is there already stays. Raises TicketError for an address that cannot be one, for
    our own, for the customer's, and for more than MAX_PARTICIPANTS."""
    address = normalise_email(email)
    ticket = locked_open(ticket)
    if address in our_addresses():
        raise TicketError(_("%(address)s is an address of ours.") % {"address": address})
    customer = customer_by_email(address, name=name, language=ticket.language)
    if customer.pk == ticket.customer_id:
        raise TicketError(_("%(address)s belongs to the customer, who gets every answer.") % {"address": address})
    return put_on_copy(ticket, customer, by=by, address=address)


def put_on_copy(ticket: Ticket, customer: Customer, *, by: Actor, address: str = "") -> Participant:
    """As `add_participant`, for somebody known, on a case that is held already."""
    known = ticket.participants.filter(customer=customer).first()
    if known is not None:
        return known
    if ticket.participants.count() >= MAX_PARTICIPANTS:
        raise TicketError(_("A case can have %(limit)s people on copy at most.") % {"limit": MAX_PARTICIPANTS})
    made = Participant.objects.create(ticket=ticket, customer=customer, added_by=by.user)
    history.record(ticket, TicketEvent.Kind.PARTICIPANT_ADDED, by, who=str(customer), email=address or customer.email)
    return made


@transaction.atomic
def remove_participant(ticket: Ticket, customer: Customer, *, by: Actor) -> bool:
    """Takes somebody off the copies; False when they were not on them."""
    ticket = locked_open(ticket)
    gone, _rows = ticket.participants.filter(customer=customer).delete()
    if gone:
        history.record(ticket, TicketEvent.Kind.PARTICIPANT_REMOVED, by, who=str(customer), email=customer.email)
    return bool(gone)


def people_on(ticket: Ticket) -> list[Customer]:
    """Everybody who takes part, the customer first."""
    rows = ticket.participants.select_related("customer").prefetch_related("customer__identities")
    return [ticket.customer, *(row.customer for row in rows)]


def our_addresses() -> set[str]:
    """Every address that letters to us come to, in lower case."""
    return {
        parseaddr(support_address())[1].lower(),
        *(one.lower() for one in Mailbox.objects.values_list("address", flat=True)),
    }


def on_last_mail(ticket: Ticket) -> list[OnTheMail]:
    """Whom the customer's side last wrote to besides us: offered to be put on copy, never put there unasked."""
    mail = (
        MailContent.objects.filter(message__ticket=ticket, message__kind=Message.Kind.INBOUND)
        .order_by("-message__created_at", "-message")
        .first()
    )
    if mail is None:
        return []
    named = dict(_addressed(one) for one in [*mail.to, *mail.cc])
    known = set(
        Identity.objects.filter(
            kind=Identity.Kind.EMAIL, customer__in=[one.pk for one in people_on(ticket)]
        ).values_list("value", flat=True)
    )
    ours = our_addresses()
    return [
        OnTheMail(address, name)
        for address, name in named.items()
        if address and address not in known and not _is_ours(address, ours)
    ][:MAX_PARTICIPANTS]


def _addressed(entry: Any) -> tuple[str, str]:
    """An address of a mail, which is kept as "a@b", as "Name <a@b>" or as [name, address]."""
    if isinstance(entry, list | tuple) and len(entry) == 2:
        name, address = str(entry[0]), str(entry[1])
    elif isinstance(entry, dict):
        name, address = str(entry.get("name", "")), str(entry.get("address") or entry.get("email") or "")
    else:
        name, address = parseaddr(str(entry))
    return address.strip().lower(), name.strip()


def _is_ours(address: str, ours: set[str]) -> bool:
    """Also with something after a plus sign: that is how answers find their case."""
    local, _at, domain = address.partition("@")
    return f"{local.split('+')[0]}@{domain}" in ours
