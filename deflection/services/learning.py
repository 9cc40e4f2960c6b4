"""Learning from solved cases: how a customer asked becomes a phrasing of the article that answered."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Set
from functools import cache

from deflection.matching.language_of import language_of
from deflection.services.progress import remember, unread
from deflection.services.questions import scrubbed_question, site_words, with_question
from knowledge.models import Article, Phrasing
from knowledge.services.phrasings import learn_phrasing, withdraw_phrasings
from tickets.models import Ticket, TicketEvent

logger = logging.getLogger(__name__)

_STREAM = "cases"
_ORIGIN = "case:"
# What may change which article a case was solved with.
OUTCOMES = (
    TicketEvent.Kind.SOLVED,
    TicketEvent.Kind.CLOSED_BY_CUSTOMER,
    TicketEvent.Kind.JUDGED,
    TicketEvent.Kind.REOPENED,
    TicketEvent.Kind.CLEARED_OF_SPAM,
    TicketEvent.Kind.SEND_UNDONE,
)


def origin_of(ticket: Ticket) -> str:
    """Under which name the knowledge base keeps what was learned from a case."""
    return f"{_ORIGIN}{ticket.pk}"


def cases_behind(origins: Iterable[str]) -> dict[str, Ticket]:
    """The cases that such names stand for, as far as they still are."""
    numbers = {origin: origin.removeprefix(_ORIGIN) for origin in origins if origin.startswith(_ORIGIN)}
    found = Ticket.objects.in_bulk([int(number) for number in numbers.values() if number.isdecimal()])
    return {origin: found[int(number)] for origin, number in numbers.items() if int(number) in found}


def article_that_answered(ticket: Ticket) -> Article | None:
    """The article that a case is solved with now; None for one that goes on, or that may be spam."""
    if ticket.is_suspected_spam or not ticket.is_settled or ticket.resolution != Ticket.Resolution.ARTICLE:
        return None
    return ticket.answered_by


def learn_from_cases() -> int:
    """Brings the learned phrasings in line with how cases ended since the last run. Returns how many changed.

    Safe to run twice, and at the same time.
    """
    events = unread(_STREAM, TicketEvent.objects.filter(kind__in=OUTCOMES))
    tickets = with_question(Ticket.objects.all()).in_bulk({event.ticket_id for event in events})
    known = _articles_taught(tickets.values())
    known_words = cache(site_words)
    changed = 0
    for ticket in tickets.values():
        article = article_that_answered(ticket)
        if known[origin_of(ticket)] != ({article.pk} if article else set()):
            changed += _bring_in_line(ticket, article, known_words)
    remember(_STREAM, events)
    if changed:
        logger.info("Learned from %s cases: %s phrasings changed", len(tickets), changed)
    return changed


def _articles_taught(tickets: Iterable[Ticket]) -> defaultdict[str, set[int]]:
    """Which articles have a phrasing from each case; one that a person removed counts as well."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    rows = Phrasing.with_removed.filter(origin__in=[origin_of(ticket) for ticket in tickets])
    for origin, article in rows.values_list("origin", "article"):
        found[origin].add(article)
    return found


def _bring_in_line(ticket: Ticket, article: Article | None, known_words: Callable[[], Set[str]]) -> int:
    changed = withdraw_phrasings(origin_of(ticket), but_for=article)
    if article is None:
        return changed
    text = scrubbed_question(ticket, known_words())
    language = language_of(text, ticket.language)
    asked_at = ticket.solved_at or ticket.updated_at
    return changed + learn_phrasing(article, language, text, origin=origin_of(ticket), asked_at=asked_at)
