"""Mail that comes in: kept raw first, then looked at, then added to a case, made one, or set aside with its cause.

Whatever a letter is, it has a row, and the row says what became of it. `docs/mail.md` has the outcomes as a table.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils import timezone

from knowledge.search.analysis import clean
from tickets.channels.email import taking
from tickets.channels.email.automatic import Nature, nature_of
from tickets.channels.email.bounces import Report, report_in
from tickets.channels.email.bouncing import act_on_report
from tickets.channels.email.deciding import locked_aside
from tickets.channels.email.letter import Letter, read_letter
from tickets.channels.email.taking import Taking
from tickets.channels.email.threading import Decision, Place, place_of
from tickets.channels.email.trimming import new_text
from tickets.errors import TicketError
from tickets.models import InboundMail, Ticket, TicketEvent
from tickets.services import history

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

logger = logging.getLogger(__name__)
Outcome = InboundMail.Outcome
Cause = InboundMail.Cause
Source = InboundMail.Source
_PREVIEW_CHARACTERS = 2_000
_STUCK_AFTER = timedelta(minutes=5)
# The header that a fetcher writes on top of a letter of which it kept the beginning only.
_CUT = "X-Svar-Cut"


def receive(
    raw: bytes, *, source: str = Source.PIPE, envelope_from: str = "", envelope_to: Sequence[str] = ()
) -> InboundMail:
    """Takes one raw message (RFC 5322). The same bytes twice are one message.

    The raw message is in the database before anything is made of it, so a failure later loses nothing. Raises
    database errors only, and then the sending side has to try again. `envelope_from` is "" where it is not known,
    "<>" for the empty return path.
    """
    digest = hashlib.sha256(raw).hexdigest()
    try:
        with transaction.atomic():
            mail = InboundMail.objects.create(
                digest=digest,
                raw=raw,
                source=source,
                envelope_from=clean(envelope_from)[:254],
                envelope_to=[clean(one)[:254] for one in envelope_to][:100],
            )
    except IntegrityError:
        mail = InboundMail.objects.get(digest=digest)
        if mail.outcome != Outcome.RECEIVED:
            return mail
    return look_at(mail)


def look_at(mail: InboundMail) -> InboundMail:
    """Makes of a kept message what can be made of it. Whatever it breaks, it stays kept, and agents see it."""
    try:
        return process(mail)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # mail is the most hostile input there is
        logger.exception("Mail %s could not be read; it is kept for an agent to see", mail.pk)
        InboundMail.objects.filter(pk=mail.pk, outcome=Outcome.RECEIVED).update(
            outcome=Outcome.UNREADABLE, cause=Cause.BROKEN, error=clean(f"{type(error).__name__}: {error}")[:2000]
        )
        return InboundMail.objects.get(pk=mail.pk)


def process(mail: InboundMail) -> InboundMail:
    """Decides what becomes of a kept message, and notes it on the row. Safe to run again.

    Reading it comes before the transaction: whatever time a strange message takes, nobody waits for the database.
    """
    letter = letter_of(mail)
    describe(mail, letter)
    ready = taking.prepare(letter)
    with transaction.atomic():
        stored = InboundMail.objects.select_for_update().defer("raw").get(pk=mail.pk)
        if stored.outcome != Outcome.RECEIVED:
            # The same bytes came by two pipes at once, and the other one was faster.
            return stored
        _decide(mail, ready, timezone.now())
        _save(mail)
    return mail


def letter_of(mail: InboundMail) -> Letter:
    return read_letter(bytes(mail.raw), envelope_from=mail.envelope_from, envelope_to=mail.envelope_to)


def describe(mail: InboundMail, letter: Letter) -> None:
    """What the row says of its letter, so that lists of letters need not read them."""
    mail.sender = letter.sender.address[:254]
    mail.subject = letter.subject[:250]
    mail.rfc_id = letter.rfc_id
    mail.fingerprint = letter.fingerprint
    mail.preview = new_text(letter.contents.text)[:_PREVIEW_CHARACTERS]


def _save(mail: InboundMail) -> None:
    mail.save(
        update_fields=[
            "sender", "subject", "rfc_id", "fingerprint", "preview", "ticket", "message", "outcome", "cause", "error",
        ]
    )  # fmt: skip


def _decide(mail: InboundMail, ready: Taking, now: datetime) -> None:
    """Sets outcome, cause, case and message of the row."""
    letter = ready.letter
    if first := _earlier_delivery(mail):
        mail.outcome, mail.ticket, mail.message = Outcome.DUPLICATE, first.ticket, first.message
        return
    decision = place_of(letter, at=now)
    mail.ticket = decision.ticket
    if report := report_in(letter):
        _note_report(mail, report, now)
        return
    nature = nature_of(letter, ready.ours)
    if _is_machine(nature, decision):
        _set_aside_automatic(mail, nature.cause or Cause.LIST, now)
        return
    if cause := _why_held(mail, letter, decision, now):
        mail.outcome, mail.cause = Outcome.HELD, cause
        return
    try:
        with transaction.atomic():
            taking.take(mail, ready, decision, nature, is_frequent=_is_frequent(mail, now), at=now)
    except TicketError as error:
        mail.outcome, mail.cause, mail.error = Outcome.HELD, mail.cause or Cause.EMPTY, str(error)
        mail.ticket, mail.message = decision.ticket, None


def _earlier_delivery(mail: InboundMail) -> InboundMail | None:
    """The row of the same letter that came before by another way: to two of our addresses, or twice."""
    rows = InboundMail.objects.defer("raw").filter(rfc_id=mail.rfc_id, sender=mail.sender).exclude(pk=mail.pk)
    same = rows.filter(fingerprint=mail.fingerprint).exclude(outcome__in=[Outcome.RECEIVED, Outcome.DUPLICATE])
    return same.order_by("pk").first()


def _is_machine(nature: Nature, decision: Decision) -> bool:
    """A person who answers us from within a list is one; a list that writes to us of its own accord is a machine."""
    return nature.is_automatic or (nature.is_list and decision.place is not Place.JOINS)


def _why_held(mail: InboundMail, letter: Letter, decision: Decision, now: datetime) -> str:
    """The cause for which a person has to decide about a letter; "" where none has to."""
    if not letter.is_whole or len(mail.raw) > settings.MAIL_MAX_BYTES or _CUT.lower() in letter_fields(letter):
        return Cause.TOO_LARGE if letter.is_whole else Cause.BROKEN
    if not letter.sender.address:
        return Cause.NO_SENDER
    if decision.place is Place.HELD:
        return decision.cause
    if not (letter.contents.text or letter.contents.files or letter.subject):
        return Cause.EMPTY
    return Cause.RATE if _sent_by(mail, now - timedelta(days=1)) > 3 * settings.MAIL_SENDER_PER_DAY else ""


def letter_fields(letter: Letter) -> set[str]:
    return {name.lower() for name in letter.message}


def _is_frequent(mail: InboundMail, now: datetime) -> bool:
    """Whether so many letters came from one sender that answering them automatically might be a loop."""
    return (
        _sent_by(mail, now - timedelta(hours=1)) > settings.MAIL_SENDER_PER_HOUR
        or _sent_by(mail, now - timedelta(days=1)) > settings.MAIL_SENDER_PER_DAY
    )


def _sent_by(mail: InboundMail, since: datetime) -> int:
    if not mail.sender:
        return 0
    rows = InboundMail.objects.filter(sender=mail.sender, received_at__gte=since).exclude(outcome=Outcome.DUPLICATE)
    return rows.exclude(pk=mail.pk).count() + 1


def _note_report(mail: InboundMail, report: Report, now: datetime) -> None:
    mail.ticket = report.row.ticket if report.row else mail.ticket
    mail.cause = report.cause
    mail.outcome = Outcome.AUTOMATIC if report.cause == Cause.RECEIPT else Outcome.BOUNCE
    mail.error = report.reason[:2000]
    act_on_report(report, at=now)


def _set_aside_automatic(mail: InboundMail, cause: str, now: datetime) -> None:
    """Kept without acting on it; the case that it has to do with tells of it, and nothing else about it changes."""
    mail.outcome, mail.cause = Outcome.AUTOMATIC, cause
    if mail.ticket is not None:
        ticket = Ticket.objects.select_for_update().get(pk=mail.ticket.pk)
        history.record(
            ticket, TicketEvent.Kind.AUTOMATIC_MAIL, history.SYSTEM, at=now,
            cause=cause, who=mail.sender, subject=mail.subject, mail=mail.pk,
        )  # fmt: skip


def retry(mail: InboundMail, *, by: User) -> InboundMail:
    """Looks at a letter that was set aside once more. Raises TicketError for one that is in a case already."""
    with transaction.atomic():
        locked = locked_aside(mail)
        locked.outcome, locked.cause, locked.error = Outcome.RECEIVED, Cause.NONE, ""
        locked.decided_by, locked.decided_at = by, timezone.now()
        locked.save(update_fields=["outcome", "cause", "error", "decided_by", "decided_at"])
    return look_at(InboundMail.objects.get(pk=mail.pk))


def sweep(*, at: datetime | None = None) -> int:
    """Looks at letters whose process ended before it had. Returns how many there were."""
    stuck = InboundMail.objects.stuck((at or timezone.now()) - _STUCK_AFTER).values_list("pk", flat=True)
    pks = list(stuck.order_by("pk")[:100])
    for pk in pks:
        look_at(InboundMail.objects.get(pk=pk))
    return len(pks)
