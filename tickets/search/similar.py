"""Cases that are most like one that is being worked on."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from knowledge.search import analysis
from knowledge.search.segments import IndexUnavailable
from tickets.models import Message, Ticket
from tickets.models.tickets import TicketQuerySet
from tickets.search import index_file, upkeep
from tickets.search.documents import SETTLED
from tickets.services.queues import with_row_details

_MOST_TERMS = 8
# A word that stands in more of the cases than this says nothing of what one is about, and costs the most to look up.
_MOST_SPREAD = 0.03
_FEWEST_COMMON = 20
_LOOKED_AT = 60


def similar_solved(ticket: Ticket, limit: int = 5) -> list[Ticket]:
    """At most `limit` solved cases that share two of the rarest words of this one's question, with what answered them.

    Those that an article answered come first among equals; empty while there is no index.
    """
    try:
        numbers = _alike(ticket, "AND")
    except IndexUnavailable:
        return []
    found = with_row_details(Ticket.objects.unmerged().trusted().settled()).select_related(
        "customer", "topic", "assignee", "answered_by"
    )
    by_number: dict[int, Any] = found.prefetch_related("answered_by__translations").in_bulk(numbers)
    alike = [by_number[number] for number in numbers if number in by_number]
    return alike[:limit]


def similar_open(ticket: Ticket, tickets: TicketQuerySet, limit: int = 5) -> list[Ticket]:
    """At most `limit` of these cases that go on and share two of the rarest words of this one's question, the most
    alike first; empty while there is no index."""
    try:
        numbers = _alike(ticket, "NOT")
    except IndexUnavailable:
        return []
    found = with_row_details(tickets.unmerged().trusted().unsettled()).select_related("customer")
    by_number: dict[int, Any] = found.in_bulk(numbers)
    return [by_number[number] for number in numbers if number in by_number][:limit]


def _alike(ticket: Ticket, settled: str) -> list[int]:
    """`settled`: "AND" for cases that are over, "NOT" for the others."""
    folder = upkeep.current()
    spread = index_file.spread(folder, _question_terms(ticket))
    total = max(1, index_file.count(folder))
    most = max(_FEWEST_COMMON, _MOST_SPREAD * total)
    rare = sorted((term for term, count in spread.items() if 1 < count <= most), key=lambda term: spread[term])
    # One word in common makes no two cases alike.
    either = " OR ".join(f'("{one}" AND "{other}")' for one, other in combinations(rare[:_MOST_TERMS], 2))
    if not either:
        return []
    expression = f'{{subject question}} : ({either}) {settled} {{state}} : "{SETTLED}"'
    numbers = index_file.matches(folder, expression, _LOOKED_AT)
    return [number for number in numbers if number != ticket.pk]


def _question_terms(ticket: Ticket) -> list[str]:
    first = ticket.messages.filter(kind=Message.Kind.INBOUND).order_by("created_at", "pk").first()
    text = f"{ticket.subject}\n{first.body[:4000] if first else ''}"
    terms = (analysis.fold(token.term) for token in analysis.tokens(analysis.clean(text), ticket.language))
    return [term for term in dict.fromkeys(terms) if not term.isdigit()]
