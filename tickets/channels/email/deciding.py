"""What a person makes of a letter that was set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tickets.channels.email.letter import read_letter
from tickets.channels.email.taking import Taking, new_ticket, prepare, why_nobody
from tickets.errors import TicketError
from tickets.models import ChannelKind, InboundMail, Message, Ticket
from tickets.services.customers import customer_by_email, normalise_email
from tickets.services.intake import add_customer_message, who_takes_part

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

Outcome = InboundMail.Outcome
Cause = InboundMail.Cause


def locked_aside(mail: InboundMail) -> InboundMail:
    """The row, locked. Raises TicketError for one whose letter is in a case already."""
    locked = InboundMail.objects.select_for_update().get(pk=mail.pk)
    if locked.outcome in (Outcome.TAKEN, Outcome.OPENED, Outcome.LINKED):
        raise TicketError(_("This letter is in a case already."))
    return locked


@transaction.atomic
def open_case(mail: InboundMail, *, by: User) -> Ticket:
    """Opens a case from a letter that was set aside, because somebody says so. Nothing is sent to its sender.

    Raises TicketError when there is nobody to open it for, or the letter is in a case already.
    """
    locked = locked_aside(mail)
    taking = _as_kept(locked)
    if not _can_be_written_to(taking.author.address):
        raise TicketError(why_nobody(taking.author))
    ticket = new_ticket(locked, taking, is_spam=False, confirm=False, at=timezone.now())
    _decided(locked, by, ticket, ticket.messages.first(), Outcome.OPENED)
    return ticket


@transaction.atomic
def add_to_case(mail: InboundMail, ticket: Ticket, *, by: User) -> Message:
    """Adds a letter that was set aside to a case, because somebody says that it belongs there.

    Raises TicketError when the letter is in a case already.
    """
    locked = locked_aside(mail)
    taking = _as_kept(locked)
    writer = who_takes_part(ticket, taking.letter.sender.address)
    # Whoever adds a letter knows whose it is, even where it names nobody who could be written to.
    if writer is None and _can_be_written_to(taking.author.address):
        writer = customer_by_email(taking.author.address, name=taking.author.name, language=ticket.language)
    message = add_customer_message(
        ticket,
        body=taking.body,
        channel=ChannelKind.EMAIL,
        attachments=taking.files,
        external_id=locked.rfc_id,
        customer=writer,
        mail=taking.facts,
    )
    _decided(locked, by, message.ticket, message, Outcome.TAKEN)
    return message


@transaction.atomic
def leave_aside(mail: InboundMail, *, by: User) -> None:
    """Notes that somebody has looked at a letter and that nothing is to come of it."""
    locked = locked_aside(mail)
    locked.cause, locked.decided_by, locked.decided_at = Cause.BLOCKED, by, timezone.now()
    locked.save(update_fields=["cause", "decided_by", "decided_at"])


def _can_be_written_to(address: str) -> bool:
    try:
        return bool(normalise_email(address))
    except TicketError:
        return False


def _as_kept(mail: InboundMail) -> Taking:
    taking = prepare(read_letter(bytes(mail.raw), envelope_from=mail.envelope_from, envelope_to=mail.envelope_to))
    mail.rfc_id, mail.fingerprint = taking.letter.rfc_id, taking.letter.fingerprint
    return taking


def _decided(mail: InboundMail, by: User, ticket: Ticket, message: Message | None, outcome: str) -> None:
    mail.ticket, mail.message, mail.outcome, mail.cause, mail.error = ticket, message, outcome, Cause.NONE, ""
    mail.decided_by, mail.decided_at = by, timezone.now()
    mail.save(
        update_fields=["ticket", "message", "outcome", "cause", "error", "decided_by", "decided_at", "rfc_id",
                       "fingerprint"]
    )  # fmt: skip
