"""Moving in: cases of another system become cases of ours, with their times, their words, and no letter to anybody.

Nothing goes through intake or the history's signals, which would write to customers, tell webhooks and set the layers
above to work. Every case is written whole or not at all, batch by batch, and remembered: a second run, or one after a
crash, adds only what is not there yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.files.base import ContentFile
from django.db import DatabaseError, transaction
from django.utils import timezone

from knowledge.background import queue_nothing
from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.importers.base import ImportedCase, ImportedFile, ImportedMessage, LeftOut, Person
from tickets.importers.mapping import Mapping
from tickets.importers.translating import Translator, Unmapped
from tickets.models import Customer, Identity, ImportedRecord, Message, Tag, Ticket, TicketEvent
from tickets.services.attachments import attach, content_type
from tickets.services.customers import customer_by_email
from tickets.services.references import give_reference

BATCH = 100
_LONGEST_ID = 120
Kind = TicketEvent.Kind
_EVENT_OF = {
    Message.Kind.INBOUND: Kind.CUSTOMER_WROTE,
    Message.Kind.OUTBOUND: Kind.REPLIED,
    Message.Kind.NOTE: Kind.NOTED,
}
_SETTLED = (Ticket.Status.SOLVED, Ticket.Status.CLOSED)
_OUR_TURN = (Ticket.Status.NEW, Ticket.Status.OPEN)


@dataclass
class ImportReport:
    created: int = 0
    extended: int = 0
    """Cases of an earlier run that had new messages."""
    unchanged: int = 0
    messages: int = 0
    files: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    unmapped: Unmapped = field(default_factory=Unmapped)

    def add(self, other: ImportReport) -> None:
        for name in ("created", "extended", "unchanged", "messages", "files"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.left_out += other.left_out
        self.unmapped.take_over(other.unmapped)


def import_cases(
    cases: Iterable[ImportedCase | LeftOut], *, source: str, mapping: Mapping, is_dry_run: bool = False
) -> Iterator[ImportReport]:
    """Imports cases, and yields a report after each batch: what was done in it is in the database then.

    A dry run does the same and takes it all back, so that its reports are the same. Raises UnreadableImport.
    """
    translator = Translator(mapping)
    rest = iter(cases)
    # What a dry run made in earlier batches is gone; it is remembered here so that it is counted once.
    seen: set[str] = set()
    while batch := list(islice(rest, BATCH)):
        with queue_nothing(), transaction.atomic():
            report = _Batch(source, translator, seen, is_dry_run).run(batch)
            if is_dry_run:
                transaction.set_rollback(True)
        yield report


class _Batch:
    def __init__(self, source: str, translator: Translator, seen: set[str], is_dry_run: bool) -> None:
        self.source = source
        self.translator = translator
        self.seen = seen
        self.is_dry_run = is_dry_run
        self.report = ImportReport()
        self.known: dict[str, Ticket] = {}
        self.said: set[str] = set()

    def run(self, batch: list[ImportedCase | LeftOut]) -> ImportReport:
        cases = [one for one in batch if isinstance(one, ImportedCase)]
        self.report.left_out += [one for one in batch if isinstance(one, LeftOut)]
        numbers = [_key(case) for case in cases]
        rows = ImportedRecord.objects.filter(source=self.source, external_id__in=numbers).select_related("ticket")
        self.known = {row.external_id: row.ticket for row in rows} | self._continued(cases)
        # Wherever they are by now: a case may have been merged or split since.
        names = [self._name(message) for case in cases for message in case.messages]
        self.said = set(Message.objects.filter(external_id__in=names).values_list("external_id", flat=True))
        for case in cases:
            self._take(case)
        return self.report

    def _continued(self, cases: list[ImportedCase]) -> dict[str, Ticket]:
        """The cases of earlier runs that new letters answer, or hold a letter of: a later mailbox may begin in the
        middle of a conversation, or before what was its beginning."""
        names = {
            case.external_id: {*case.answers, *(one.external_id for one in case.messages)}
            for case in cases
            if case.external_id.startswith("<")
        }
        asked = {self._known_as(name) for found in names.values() for name in found}
        rows = Message.objects.filter(external_id__in=asked, ticket__imported_from__source=self.source)
        ticket_of = {row.external_id: row.ticket for row in rows.select_related("ticket").distinct()}
        return {
            _key(case): ticket
            for case in cases
            for name in sorted(names.get(case.external_id, ()))
            if (ticket := ticket_of.get(self._known_as(name))) is not None
        }

    def _name(self, message: ImportedMessage) -> str:
        return self._known_as(message.external_id)

    def _known_as(self, name: str) -> str:
        """A letter keeps its Message-ID, by which answers to it find their case."""
        known_as = clean(name)
        return (known_as if known_as.startswith("<") else f"{self.source}:{known_as}")[:250]

    def _take(self, case: ImportedCase) -> None:
        """One case, in a transaction of its own: what is wrong with it costs no other."""
        own = ImportReport()
        try:
            if _key(case) in self.seen:
                raise TicketError("It comes twice; the first one counts.")
            with transaction.atomic():
                self._write(case, own)
        # What a database driver says of a NUL in a value is a ValueError.
        except (TicketError, DatabaseError, ValueError) as error:
            self.report.left_out.append(LeftOut(case.where, " ".join(str(error).split())))
            return
        self.seen.add(_key(case))
        self.report.add(own)

    def _write(self, case: ImportedCase, report: ImportReport) -> None:
        said = [one for one in case.messages if one.body.strip() or one.files]
        new = [one for one in said if self._name(one) not in self.said]
        ticket = self.known.get(_key(case))
        if ticket is not None:
            if not new:
                report.unchanged += 1
                return
            report.extended += 1
            Ticket.objects.filter(pk=ticket.pk).update(updated_at=max(ticket.updated_at, *(one.at for one in new)))
            self._write_messages(ticket, new, report, is_new=False)
            return
        if not new:
            raise TicketError("All that was said in it is here already." if said else "Nothing was said in it.")
        ticket = self._open(case, new, report)
        self._write_messages(ticket, new, report, is_new=True)
        report.created += 1

    def _open(self, case: ImportedCase, said: list[ImportedMessage], report: ImportReport) -> Ticket:
        values = self.translator.values(case, report.unmapped)
        at_end = _at_end(case, said, values["status"])
        ticket = Ticket.objects.create(
            customer=self._customer(case.customer, values["language"]),
            channel=case.channel or "email",
            created_at=case.created_at,
            updated_at=max(case.updated_at, case.created_at),
            **values,
            **at_end,
        )
        give_reference(ticket)
        self._tag(ticket, self.translator.tags(case))
        ImportedRecord.objects.create(source=self.source, external_id=_key(case), ticket=ticket)
        events = [
            _event(ticket, Kind.RECEIVED, "customer", case.created_at, channel=ticket.channel),
            _event(ticket, Kind.IMPORTED, "system", timezone.now(), source=self.source, id=_key(case)),
        ]
        if at_end["solved_at"]:
            events.insert(1, _event(ticket, Kind.SOLVED, "system", at_end["solved_at"]))
        TicketEvent.objects.bulk_create(events)
        return ticket

    def _customer(self, person: Person, language: str) -> Customer:
        """By e-mail where there is one, else by the other system's own number."""
        if person.email:
            return customer_by_email(person.email, name=person.name, language=language)
        if not person.external_id:
            raise TicketError("It does not say whose it is.")
        identity = {"kind": Identity.Kind.EXTERNAL, "value": clean(f"{self.source}:{person.external_id}")}
        known = Identity.objects.select_related("customer").filter(**identity).first()
        if known:
            return known.customer
        customer = Customer.objects.create(name=clean(person.name).strip()[:120], language=language)
        Identity.objects.create(customer=customer, **identity)
        return customer

    def _tag(self, ticket: Ticket, names: list[str]) -> None:
        if names:
            Tag.objects.bulk_create([Tag(name=name) for name in names], ignore_conflicts=True)
            ticket.tags.add(*Tag.objects.filter(name__in=names))

    def _write_messages(
        self, ticket: Ticket, said: list[ImportedMessage], report: ImportReport, *, is_new: bool
    ) -> None:
        rows = [self._message(ticket, one, report) for one in said]
        Message.objects.bulk_create(rows)
        first = next((row for row in rows if is_new and row.kind == Message.Kind.INBOUND), None)
        TicketEvent.objects.bulk_create([_told(row) for row in rows if row is not first])
        report.messages += len(rows)
        for row, one in zip(rows, said, strict=True):
            self._attach(row, one.files, report)

    def _message(self, ticket: Ticket, one: ImportedMessage, report: ImportReport) -> Message:
        is_ours = one.kind != Message.Kind.INBOUND
        return Message(
            ticket=ticket,
            kind=one.kind,
            channel=ticket.channel,
            author=self.translator.agent(one.author, report.unmapped) if is_ours else None,
            customer=None if is_ours else self._writer(ticket, one.author),
            body=clean(one.body).strip(),
            external_id=self._name(one),
            created_at=one.at,
        )

    def _writer(self, ticket: Ticket, person: Person) -> Customer | None:
        """Who wrote, where it was not the case's own customer."""
        if not person.email or person.email.strip().lower() == ticket.customer.email:
            return None
        try:
            writer = customer_by_email(person.email, name=person.name, language=ticket.language)
        except TicketError:
            return None
        return None if writer == ticket.customer else writer

    def _attach(self, message: Message, files: Iterable[ImportedFile], report: ImportReport) -> None:
        for one in files:
            try:
                file = _opened(one)
                content_type(file)
            except (TicketError, OSError) as error:
                report.left_out.append(LeftOut(f"file “{one.name}” of {message.external_id}", str(error)))
                continue
            report.files += 1
            # A file that was written stays on the disk when the row is taken back.
            if not self.is_dry_run:
                attach(message, [file])


def _key(case: ImportedCase) -> str:
    """Under which a case is remembered: its ID, or what stands for one that is too long (a Message-ID can be)."""
    known_as = clean(case.external_id)
    if len(known_as) <= _LONGEST_ID:
        return known_as
    return f"sha256:{hashlib.sha256(known_as.encode()).hexdigest()}"


def _opened(one: ImportedFile) -> ContentFile[bytes]:
    data = one.data if one.data is not None else one.path.read_bytes() if one.path else None
    if data is None:
        raise TicketError("It is not in the dump.")
    return ContentFile(data, name=one.name)


def _at_end(case: ImportedCase, said: list[ImportedMessage], status: str) -> dict[str, datetime | None]:
    """What follows from who wrote when: since when the customer waits, when they were answered, when it was solved."""
    answers = [one.at for one in said if one.kind == Message.Kind.OUTBOUND]
    questions = [one.at for one in said if one.kind == Message.Kind.INBOUND]
    unanswered = [at for at in questions if not answers or at > max(answers)]
    waits = status in _OUR_TURN
    return {
        "first_response_at": min(answers, default=None),
        "waiting_since": min(unanswered, default=case.updated_at) if waits else None,
        "solved_at": max(case.updated_at, case.created_at) if status in _SETTLED else None,
    }


def _told(message: Message) -> TicketEvent:
    by = "customer" if message.kind == Message.Kind.INBOUND else "agent"
    event = _event(message.ticket, _EVENT_OF[Message.Kind(message.kind)], by, message.created_at)
    event.actor = message.author
    return event


def _event(ticket: Ticket, kind: str, by: str, at: datetime, **data: Any) -> TicketEvent:
    return TicketEvent(ticket=ticket, kind=kind, actor_kind=by, created_at=at, data=data)
