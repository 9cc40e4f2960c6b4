"""What customers asked in their cases, as it may be shown and learned from."""

from __future__ import annotations

import re
from collections.abc import Set
from datetime import datetime
from functools import lru_cache

from django.db.models import Count, Max

from deflection.matching.cleaning import question_of
from deflection.services.scrubbing import scrubbed
from knowledge.models import ArticleTranslation
from knowledge.search.analysis import words
from knowledge.services.phrasings import MAX_CHARACTERS
from tickets.models import Message, Ticket
from tickets.models.tickets import TicketQuerySet

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


def with_question(tickets: TicketQuerySet) -> TicketQuerySet:
    """Cases with all that the functions below read, in a fixed number of queries."""
    return tickets.select_related("customer", "assignee", "answered_by").prefetch_related(
        "messages__author", "customer__identities"
    )


def written_in(ticket: Ticket) -> str:
    """The customer's first message as it came; "" where the case began with something else."""
    return next((one.body for one in ticket.messages.all() if one.kind == Message.Kind.INBOUND), "")


def scrubbed_question(ticket: Ticket, known_words: Set[str]) -> str:
    """What the case asks, without greetings and personal data, in at most as many characters as a phrasing has."""
    question = question_of(written_in(ticket), ticket.subject)
    return shortened(scrubbed(question, names=_people_in(ticket), known_words=known_words))


def site_words() -> frozenset[str]:
    """Every word that the published texts use (lower case): no names of customers."""
    texts = ArticleTranslation.objects.published().aggregate(count=Count("pk"), last=Max("updated_at"))
    return _site_words(texts["count"], texts["last"])


@lru_cache(maxsize=1)
def _site_words(count: int, last: datetime | None) -> frozenset[str]:
    """As of the state of the texts that `count` and `last` tell of: reading them all takes about a second."""
    found: set[str] = set()
    rows = ArticleTranslation.objects.published().values_list("title", "summary", "body")
    for parts in rows.iterator(chunk_size=500):
        found.update(word for part in parts for word in words(part))
    return frozenset(found)


def shortened(text: str, most: int = MAX_CHARACTERS) -> str:
    """Whole sentences up to `most` characters: those that ask first, then the others as they stand."""
    if len(text) <= most:
        return text
    sentences = [one for one in _SENTENCE_END.split(text) if one]
    by_weight = sorted(range(len(sentences)), key=lambda place: ("?" not in sentences[place], place))
    chosen: list[int] = []
    left = most
    for place in by_weight:
        if len(sentences[place]) < left:
            chosen.append(place)
            left -= len(sentences[place]) + 1
    return " ".join(sentences[place] for place in sorted(chosen)) or text[:most].rsplit(" ", 1)[0]


def _people_in(ticket: Ticket) -> list[str]:
    customer = ticket.customer
    addresses = [one.value.partition("@")[0] for one in customer.identities.all()]
    agents = [ticket.assignee, *(message.author for message in ticket.messages.all())]
    return [customer.name, *addresses, *(name for agent in agents if agent for name in (agent.name, str(agent)))]
