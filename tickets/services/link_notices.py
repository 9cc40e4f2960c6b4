"""Sending somebody the way back to their case, without ever telling whether there is one."""

from __future__ import annotations

import re
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from knowledge.models import Organisation
from tickets.errors import TicketError
from tickets.models import Customer, Identity, OutboxMessage, Ticket, TicketEvent
from tickets.services import history, outbox
from tickets.services.customers import normalise_email
from tickets.services.links import letter_url

# One letter a case and person in so many minutes, however often the form is sent.
_PAUSE_MINUTES = 10
_NUMBER = re.compile(r"\d{1,12}")


def tidy_reference(text: str) -> str:
    """A case number as it is stored, from what people write: "sv 10023", "10023", "#SV-10023". "" for anything else."""
    found = _NUMBER.findall(text)
    return f"SV-{int(found[0])}" if len(found) == 1 else ""


def send_link_if_theirs(reference: str, email: str, *, at: datetime | None = None) -> bool:
    """Sends the link to a case to `email`, where that is the address of its customer or of a participant.

    Says nothing to whoever asked; True when a letter was written, for the worker's log and for tests.
    """
    ticket = Ticket.objects.select_related("customer").filter(reference=tidy_reference(reference) or None).first()
    if ticket is None or ticket.reference is None or ticket.is_suspected_spam:
        return False
    try:
        address = normalise_email(email)
    except TicketError:
        return False
    identity = Identity.objects.select_related("customer").filter(kind=Identity.Kind.EMAIL, value=address).first()
    if identity is None or not _takes_part(ticket, identity.customer):
        return False
    return send_case_link(ticket, identity.customer, address, at=at) is not None


def _takes_part(ticket: Ticket, customer: Customer) -> bool:
    return ticket.customer_id == customer.pk or ticket.participants.filter(customer=customer).exists()


@transaction.atomic
def send_case_link(
    ticket: Ticket, recipient: Customer, address: str = "", *, at: datetime | None = None
) -> OutboxMessage | None:
    """The letter with a fresh link, to an address of somebody who takes part; None where they have none, or have just
    had one."""
    now = at or timezone.now()
    to = address or recipient.email
    slot = int(now.timestamp()) // (_PAUSE_MINUTES * 60)
    key = f"link:{ticket.pk}:{recipient.pk}:{ticket.link_version}:{slot}"
    if not to or OutboxMessage.objects.filter(unique_key=key).exists():
        return None
    with override(ticket.language):
        everything = {
            "ticket": ticket,
            "organisation": Organisation.current(),
            "case_url": letter_url(ticket, recipient),
            "days": settings.CASE_LINK_DAYS,
        }
        row = outbox.queue_mail(
            ticket=ticket,
            message=None,
            unique_key=key,
            recipient=to,
            subject=" ".join(render_to_string("emails/case_link/subject.txt", everything).split()),
            body_text=render_to_string("emails/case_link/body.txt", everything).strip() + "\n",
            body_html=render_to_string("emails/case_link/body.html", everything),
            is_automatic=True,
        )
    if row is not None:
        history.record(ticket, TicketEvent.Kind.LINK_SENT, history.SYSTEM, at=at, to=to)
    return row
