"""What follows from a mail server's report: the address is marked, the letter has failed, and the agent is told."""

from __future__ import annotations

from datetime import datetime

from knowledge.search.analysis import clean
from tickets.channels.email.bounces import Report
from tickets.models import Identity, InboundMail, OutboxMessage, Ticket, TicketEvent
from tickets.services import history


def act_on_report(report: Report, *, at: datetime) -> None:
    """Notes that a letter of ours did not arrive. Only a report about a letter that we sent is believed.

    Must run in a transaction. A report of a delay, or of delivery, changes nothing: mail servers go on by themselves.
    """
    row = report.row
    if report.cause != InboundMail.Cause.BOUNCE_FAILED or row is None:
        return
    ticket = Ticket.objects.select_for_update().get(pk=row.ticket_id)
    reason = " ".join(clean(report.reason).split())[:300]
    recipient = _who_was_missed(report, row)
    if recipient:
        _mark(recipient, reason, at, is_passing=report.is_passing)
    if not row.cc or recipient == row.recipient.lower():
        OutboxMessage.objects.filter(pk=row.pk).update(status=OutboxMessage.Status.FAILED, last_error=reason)
        _bring_back(ticket, row, at)
    told = {"to": recipient or row.recipient, "reason": reason, "passing": report.is_passing}
    history.record(ticket, TicketEvent.Kind.BOUNCED, history.SYSTEM, at=at, **told)


def _mark(address: str, reason: str, at: datetime, *, is_passing: bool) -> None:
    """An address that was dead before is not brought back to life by a full mailbox."""
    found = Identity.objects.filter(kind=Identity.Kind.EMAIL, value__iexact=address)
    if is_passing:
        found = found.exclude(bounced_at__isnull=False, bounce_is_passing=False)
    found.update(bounced_at=at, bounce_reason=reason, bounce_is_passing=is_passing)


def _who_was_missed(report: Report, row: OutboxMessage) -> str:
    """Which of the letter's addresses the report means; "" where it could be any of several.

    A server that passes mail on names the address at the end of its way, which is not the one that we wrote to.
    """
    addressed = [row.recipient.lower(), *(str(one).lower() for one in row.cc)]
    if report.recipient in addressed:
        return report.recipient
    return addressed[0] if len(addressed) == 1 else ""


def _bring_back(ticket: Ticket, row: OutboxMessage, at: datetime) -> None:
    """Nobody can answer what never arrived: a case that waits for its customer is ours again."""
    if row.is_automatic or ticket.status != Ticket.Status.WAITING_CUSTOMER:
        return
    history.record(
        ticket, TicketEvent.Kind.STATUS_CHANGED, history.SYSTEM, at=at, was=ticket.status, now=Ticket.Status.OPEN
    )
    ticket.status = Ticket.Status.OPEN
    ticket.waiting_since = ticket.waiting_since or at
    ticket.updated_at = at
    ticket.save(update_fields=["status", "waiting_since", "updated_at"])


def heard_from(address: str) -> None:
    """A letter from an address shows that somebody is there."""
    Identity.objects.filter(kind=Identity.Kind.EMAIL, value__iexact=address, bounced_at__isnull=False).update(
        bounced_at=None, bounce_reason="", bounce_is_passing=False
    )
