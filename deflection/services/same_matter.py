"""Whether a case is about the same matter as an earlier visit that had counted as answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import sqrt

from deflection.matching.cleaning import question_of
from deflection.models import Outcome
from deflection.services.questions import written_in
from knowledge.models import Article
from knowledge.search.analysis import terms
from tickets.models import Ticket

Matter = Outcome.Matter
LIKENESS = 0.4
"""The cosine of the words of two texts, from 0 (none in common) to 1, from which on they are about the same."""


def likeness(one: str, other: str, language: str) -> float:
    """The cosine of two texts' words, each counted by its dictionary form and damped by a square root."""
    first, second = (_bag(text, language) for text in (one, other))
    common = sum(weight * second[term] for term, weight in first.items() if term in second)
    return common / (_length(first) * _length(second)) if common else 0.0


def _bag(text: str, language: str) -> dict[str, float]:
    return {term: sqrt(count) for term, count in Counter(terms(text, language)).items()}


def _length(bag: dict[str, float]) -> float:
    return sqrt(sum(weight * weight for weight in bag.values()))


def same_matter(article: Article | None, told: Iterable[str], ticket: Ticket) -> Matter | None:
    """Why a case is about what `article` was read for; None where it is not, as far as we can tell.

    `told` is what the visit says of the matter: its searches, and the article's title. The case needs its messages
    and suggestions; then this asks the database for nothing.
    """
    if article is not None:
        suggested = {one.article_id for one in ticket.suggestions.all()}
        if article.pk in suggested or ticket.answered_by_id == article.pk:
            return Matter.ARTICLE
        if ticket.topic_id is not None and ticket.topic_id == article.topic_id:
            return Matter.TOPIC
    question = question_of(written_in(ticket), ticket.subject)
    if any(likeness(text, question, ticket.language) >= LIKENESS for text in told):
        return Matter.WORDS
    return None
