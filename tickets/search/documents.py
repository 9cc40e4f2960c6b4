"""What of a case can be searched, as words that the index keeps: made here, by the analysis that articles get too.

Every word stands there as it was written, without Nordic letters; after the text follow the stems and the parts of
compounds that differ from it. So phrases can be looked for, and "fakturan" and "adress" find "fakturaadressen".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields

from django.db.models import Prefetch

from knowledge.search import analysis
from tickets.models import Attachment, Identity, Message, Participant, Ticket
from tickets.models.tickets import TicketQuerySet

_LONGEST_TEXT = 20_000
_PHONES = (Identity.Kind.PHONE, Identity.Kind.WHATSAPP)
# Seven digits or more, written in groups or not.
_NUMBER = re.compile(r"\+?\d(?:[ \u00a0()/.-]{0,2}\d){6,14}")
_SHORTEST_NUMBER = 6
SETTLED = "settled"


@dataclass(frozen=True)
class Document:
    """One case; each field is a column of the index, its words separated by spaces."""

    reference: str
    people: str
    subject: str
    question: str
    said: str
    tags: str
    fields: str
    files: str
    numbers: str
    state: str


COLUMNS = tuple(one.name for one in fields(Document))
# What a plain word is looked for in; `state` is for the engine alone.
SEARCHED = COLUMNS[:-1]


def with_all_that_is_searched(tickets: TicketQuerySet) -> TicketQuerySet:
    """The cases with what `document_of` reads of each, in a fixed number of queries."""
    people = Participant.objects.select_related("customer").prefetch_related("customer__identities")
    return tickets.select_related("customer__company").prefetch_related(
        "customer__identities",
        Prefetch("participants", people),
        Prefetch("messages", Message.objects.only("ticket", "kind", "body", "created_at")),
        Prefetch("messages__attachments", Attachment.objects.only("message", "name")),
        "tags",
    )


def document_of(ticket: Ticket) -> Document:
    messages = list(ticket.messages.all())
    first = next((one for one in messages if one.kind == Message.Kind.INBOUND), None)
    language = ticket.language
    texts = [one.body[:_LONGEST_TEXT] for one in messages]
    numbers = [match for text in texts for match in _NUMBER.findall(text)]
    names, phones = _people(ticket)
    return Document(
        reference=_plain(ticket.reference or ""),
        people=_plain(*names),
        subject=_words([ticket.subject], language),
        question=_words([first.body[:_LONGEST_TEXT]] if first else [], language),
        said=_words((text for one, text in zip(messages, texts, strict=True) if one is not first), language),
        tags=_plain(*(tag.name for tag in ticket.tags.all())),
        fields=_plain(*(str(value) for value in ticket.fields.values())),
        files=_plain(*(file.name for one in messages for file in one.attachments.all())),
        numbers=" ".join(sorted({tail for number in [*phones, *numbers] for tail in number_tails(number)})),
        state=SETTLED if ticket.is_settled else "",
    )


def values_of(document: Document) -> tuple[str, ...]:
    """In the order of `COLUMNS`."""
    return astuple(document)


def _people(ticket: Ticket) -> tuple[list[str], list[str]]:
    """Names and addresses, and the numbers, of all who take part."""
    names: list[str] = []
    phones: list[str] = []
    for customer in [ticket.customer, *(one.customer for one in ticket.participants.all())]:
        names.append(customer.name)
        for identity in customer.identities.all():
            (phones if identity.kind in _PHONES else names).append(identity.value)
    if ticket.customer.company:
        names.append(ticket.customer.company.name)
    return names, phones


def _plain(*texts: str) -> str:
    """Words as they are written; for names, which have no stems."""
    return " ".join(analysis.fold(word) for text in texts for word in analysis.words(text))


def _words(texts: Iterable[str], language: str) -> str:
    written = [word for text in texts for word in analysis.words(text)]
    plain = [analysis.fold(word) for word in written]
    known = set(plain)
    return " ".join([*plain, *sorted(set(_terms(set(written), language)) - known)])


def _terms(words: Iterable[str], language: str) -> Iterator[str]:
    for term, parts in analysis.analysed(words, language):
        yield analysis.fold(term)
        for part in parts:
            yield analysis.fold(part)


def number_tails(number: str) -> list[str]:
    """The ends of a phone number by which it can be found, whether the country is named or not."""
    digits = "".join(filter(str.isdigit, number))
    return [f"t{digits[start:]}" for start in range(len(digits) - _SHORTEST_NUMBER + 1)][:_MOST_TAILS]


# A country has three digits at most, written after 00 or a plus; a domestic number begins with one 0.
_MOST_TAILS = 6
