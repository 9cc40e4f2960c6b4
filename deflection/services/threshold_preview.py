"""What customers of the last weeks would have been shown at a threshold, and whether it was right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.utils import timezone

from deflection.matching.cleaning import question_of
from deflection.matching.matcher import match
from deflection.models.matching import HIGHEST_THRESHOLD, LOWEST_THRESHOLD
from deflection.services.learning import article_that_answered
from deflection.services.questions import scrubbed_question, shortened, site_words, with_question, written_in
from knowledge.models import Article
from knowledge.search.languages import preferred
from tickets.models import Ticket

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

RECENT = timedelta(weeks=6)
MOST_QUESTIONS = 60
_SUGGESTED = 3
_STEP = 0.1
# Seconds for which what the matcher says of a case is kept: a threshold is tried several times in a row.
_KEPT_FOR = 300


class Verdict(StrEnum):
    """Of what was shown first, or of the silence, against how the case ended."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSED = "missed"
    RIGHTLY_SILENT = "rightly_silent"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Candidate:
    article_id: int
    title: str
    probability: float


@dataclass(frozen=True)
class Outcome:
    """At one threshold: how many candidates are shown, and whether that was right."""

    shown: int
    verdict: Verdict


@dataclass(frozen=True)
class Asked:
    """A question with what the matcher says of it. `case` is None for whoever may not see cases."""

    text: str
    language: str
    asked_at: datetime
    case: Ticket | None
    candidates: tuple[Candidate, ...]
    solved_with: str
    is_over: bool
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Total:
    """Of all questions at one threshold; `known` are those shown of which the right answer is known."""

    threshold: float
    is_chosen: bool
    asked: int
    shown: int
    known: int
    right: int
    missed: int

    @property
    def shown_percent(self) -> int:
        return round(100 * self.shown / self.asked) if self.asked else 0

    @property
    def right_percent(self) -> int | None:
        return round(100 * self.right / self.known) if self.known else None


def neighbours(threshold: float) -> list[float]:
    """The threshold with the next lower and higher ones that it is to be compared with."""
    around = (threshold - _STEP, threshold, threshold + _STEP)
    return sorted({round(min(max(one, LOWEST_THRESHOLD), HIGHEST_THRESHOLD), 2) for one in around})


def preview(
    threshold: float, *, user: User, reads: str, language: str = "", at: datetime | None = None
) -> tuple[list[Asked], list[Total]]:
    """The latest questions, newest first, and the totals at the threshold and at its neighbours.

    `language` leaves only questions of that language, `reads` is the language of the titles. Whoever may not work
    with cases sees the questions without personal data and without the cases.
    """
    since = (at or timezone.now()) - RECENT
    cases = with_question(Ticket.objects.trusted().filter(created_at__gte=since)).order_by("-created_at")
    if language:
        cases = cases.filter(language=language)
    tickets = [ticket for ticket in cases[:MOST_QUESTIONS] if written_in(ticket)]
    found = {ticket.pk: _candidates(ticket) for ticket in tickets}
    wanted = {pk for ranked in found.values() for pk, _ in ranked}
    titles = _titles(wanted | {one.answered_by_id for one in tickets if one.answered_by_id}, reads)
    thresholds = neighbours(threshold)
    may_see_cases = user.has_perm("tickets.work_cases")
    known_words = frozenset() if may_see_cases else site_words()
    asked = [
        Asked(
            text=_cleaned(ticket) if may_see_cases else scrubbed_question(ticket, known_words),
            language=ticket.language,
            asked_at=ticket.created_at,
            case=ticket if may_see_cases else None,
            candidates=tuple(Candidate(pk, titles[pk], chance) for pk, chance in found[ticket.pk] if pk in titles),
            solved_with=titles.get(ticket.answered_by_id, "") if ticket.is_settled and ticket.answered_by_id else "",
            is_over=ticket.is_settled,
            outcomes=tuple(_outcome(ticket, found[ticket.pk], one) for one in thresholds),
        )
        for ticket in tickets
    ]
    return asked, [_total(asked, place, one, round(threshold, 2)) for place, one in enumerate(thresholds)]


def _cleaned(ticket: Ticket) -> str:
    return shortened(question_of(written_in(ticket), ticket.subject))


def _candidates(ticket: Ticket) -> list[tuple[int, float]]:
    """Articles with their probabilities, best first, as many as would be suggested."""
    key = f"preview-matches-{ticket.pk}"
    kept: list[tuple[int, float]] | None = cache.get(key)
    if kept is None:
        ranked = match(written_in(ticket), ticket.language, subject=ticket.subject)
        kept = [(one.article_id, one.probability) for one in ranked[:_SUGGESTED]]
        cache.set(key, kept, _KEPT_FOR)
    return kept


def _titles(ids: set[int], language: str) -> dict[int, str]:
    found = {}
    for article in Article.objects.filter(pk__in=ids).prefetch_related("translations"):
        titles = {text.language: text.title for text in article.translations.all()}
        found[article.pk] = next((titles[code] for code in preferred(language) if code in titles), article.key)
    return found


def _outcome(ticket: Ticket, ranked: Sequence[tuple[int, float]], threshold: float) -> Outcome:
    shown = [pk for pk, chance in ranked if chance >= threshold]
    answer = article_that_answered(ticket)
    if answer is None and ticket.resolution != Ticket.Resolution.NO_ARTICLE:
        verdict = Verdict.UNKNOWN
    elif shown:
        verdict = Verdict.RIGHT if answer is not None and answer.pk == shown[0] else Verdict.WRONG
    else:
        verdict = Verdict.RIGHTLY_SILENT if answer is None else Verdict.MISSED
    return Outcome(len(shown), verdict)


def _total(asked: Sequence[Asked], place: int, threshold: float, chosen: float) -> Total:
    outcomes = [one.outcomes[place] for one in asked]
    verdicts = [one.verdict for one in outcomes if one.shown]
    return Total(
        threshold=threshold,
        is_chosen=threshold == chosen,
        asked=len(asked),
        shown=len(verdicts),
        known=sum(verdict != Verdict.UNKNOWN for verdict in verdicts),
        right=sum(verdict == Verdict.RIGHT for verdict in verdicts),
        missed=sum(one.verdict == Verdict.MISSED for one in outcomes),
    )
