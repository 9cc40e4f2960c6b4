"""Searching cases: the index finds and ranks by words, the database answers operators and guards what may be seen."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext as _

from knowledge.background import enqueue
from knowledge.search import analysis
from knowledge.search.highlight import Passage, Wanted, best_passage
from knowledge.search.languages import LANGUAGES
from knowledge.search.segments import IndexUnavailable
from tickets.models import Message, Ticket
from tickets.models.tickets import TicketQuerySet
from tickets.search import asking, index_file, operators, upkeep
from tickets.search.asking import Question, Term
from tickets.search.documents import SEARCHED, number_tails

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

logger = logging.getLogger(__name__)
MOST_FOUND = 1000
# Where the database narrows what the index finds, it is given this many to choose from.
_MOST_NARROWED = 10_000
# The same where words are one of several ways to be found; the newest. All of them must fit into one statement, which
# in a plain build of SQLite holds 32,766 values.
_MOST_EITHER = 1_000
_SHORTEST_PREFIX = 3
_NUMBER = re.compile(r"\+?\d[\d ()/.\u00a0-]{4,}\d")
_COUNTRY_DIGITS = 3
_SHORTEST_NUMBER = 6
_MESSAGES_SHOWN_FROM = 30
_CHARACTERS_SHOWN_FROM = 4000
_REPAIR_ASKED = "case-index-repair-asked"
_REPAIR_ASKED_SECONDS = 30


@dataclass(frozen=True)
class Found:
    """What a search found: the numbers of the cases, the best match first, at most MOST_FOUND."""

    ids: list[int]
    hints: tuple[str, ...] = ()
    terms: frozenset[str] = frozenset()
    """What to mark in the texts."""


def find_cases(user: User | AnonymousUser, text: str) -> TicketQuerySet:
    """The cases that a search finds for somebody, the best match first."""
    tickets = Ticket.objects.visible_to(user)
    ids = search(text, tickets, user).ids
    order = Case(*(When(pk=number, then=Value(place)) for place, number in enumerate(ids)), default=Value(len(ids)))
    return tickets.filter(pk__in=ids).order_by(order) if ids else tickets.none()


def search(text: str, tickets: TicketQuerySet, user: User | AnonymousUser) -> Found:
    """What among `tickets`, which the user may see, fits the text. Without an index the database looks for words."""
    question = asking.read(text)
    try:
        found = _Search(question, tickets, user, upkeep.current()).found()
    except IndexUnavailable as error:
        logger.warning("Cases are searched in the database. %s", error)
        _ask_for_repair()
        found = _without_index(question, tickets, user)
    if question.unknown and not found.ids:
        return replace(found, hints=(*found.hints, _no_operator(question.unknown[0])))
    return found


def _no_operator(unknown: str) -> str:
    """What is said where nothing was found, and something stood where an operator would."""
    known = ", ".join(f"{operator}:" for operator in asking.OPERATORS)
    return _("“%(operator)s:” was looked for as a word. What a search can ask for by name: %(known)s.") % {
        "operator": unknown,
        "known": known,
    }


def _ask_for_repair() -> None:
    from tickets.tasks import repair_case_index

    if cache.add(_REPAIR_ASKED, True, _REPAIR_ASKED_SECONDS):
        enqueue(repair_case_index)


class _Search:
    """One question put to one generation of the index."""

    def __init__(self, question: Question, tickets: TicketQuerySet, user: User | AnonymousUser, folder: Path) -> None:
        self.question, self.tickets, self.user, self.folder = question, tickets, user, folder
        self.hints: list[str] = []

    def found(self) -> Found:
        wanted: list[str] = []
        refused: list[str] = []
        tickets = self.tickets
        for place, group in enumerate(self.question.groups):
            group = tuple(self._understood(term) for term in group)
            is_last = place == len(self.question.groups) - 1
            texts = [_expression(term, is_last=is_last) for term in group if _is_text(term)]
            if len(texts) == len(group):
                negated = {term.is_negated for term in group}
                if len(group) == 1 and negated == {True}:
                    refused += filter(None, texts)
                    continue
                if negated == {False}:
                    wanted += [" OR ".join(f"({one})" for one in texts if one)] if any(texts) else []
                    continue
            tickets = tickets.filter(self._either(group))
        return self._answer(tickets, wanted, refused)

    def _understood(self, term: Term) -> Term:
        if _is_text(term) or operators.condition(term.operator, term.text, self.user) is not None:  # type: ignore[arg-type]
            return term
        self.hints.append(_("“%(term)s” was looked for as words.") % {"term": f"{term.operator}:{term.text}"})
        return term.as_words

    def _either(self, group: Sequence[Term]) -> Q:
        """One of several terms, some of which are for the database."""
        either = Q()
        for term in group:
            if _is_text(term):
                expression = _expression(term, is_last=False)
                one = Q(pk__in=self._newest(expression) if expression else [])
            else:
                one = operators.condition(term.operator, term.text, self.user) or Q(pk__in=[])  # type: ignore[arg-type]
            either |= ~one if term.is_negated else one
        return either

    def _newest(self, expression: str) -> list[int]:
        return index_file.matches(self.folder, expression, _MOST_EITHER, is_ranked=False)

    def _answer(self, tickets: TicketQuerySet, wanted: list[str], refused: list[str]) -> Found:
        if not wanted:
            return self._without_words(tickets, refused)
        expression = " AND ".join(f"({one})" for one in wanted)
        for one in refused:
            expression = f"({expression}) NOT ({one})"
        limit = _MOST_NARROWED if tickets.query.where.children else 2 * MOST_FOUND
        ranked = index_file.matches(self.folder, expression, limit)
        allowed = set(tickets.unmerged().filter(pk__in=ranked).values_list("pk", flat=True))
        ids = self._by_reference(tickets) + [number for number in ranked if number in allowed]
        return Found(list(dict.fromkeys(ids))[:MOST_FOUND], tuple(self.hints), _marked(self.question))

    def _without_words(self, tickets: TicketQuerySet, refused: list[str]) -> Found:
        """Only operators, or what is not to be there; what holds neither (a bracket, a smiley) finds nothing."""
        if tickets is self.tickets and not refused:
            return Found([], tuple(self.hints))
        if refused:
            expression = " OR ".join(f"({one})" for one in refused)
            tickets = tickets.exclude(
                pk__in=index_file.matches(self.folder, expression, _MOST_NARROWED, is_ranked=False)
            )
        newest = tickets.unmerged().order_by("-updated_at", "-pk").values_list("pk", flat=True)
        return Found(list(newest[:MOST_FOUND]), tuple(self.hints))

    def _by_reference(self, tickets: TicketQuerySet) -> list[int]:
        """A case whose whole reference was typed comes first, also one that goes on in another."""
        words = [term.text.upper() for group in self.question.groups for term in group if not term.operator]
        return list(tickets.filter(reference__in=words).values_list("pk", flat=True))


def _is_text(term: Term) -> bool:
    return not term.operator or term.operator in operators.WORD_COLUMNS


def _expression(term: Term, *, is_last: bool) -> str:
    """A term in the language of the index; empty where it holds no word."""
    columns = operators.WORD_COLUMNS.get(term.operator, SEARCHED)
    words = analysis.words(term.text)
    if not words:
        return ""
    plain = [analysis.fold(word) for word in words]
    is_prefix = is_last and not term.is_phrase and len(plain[-1]) >= _SHORTEST_PREFIX
    either = [index_file.expression_of(plain, columns, is_prefix=is_prefix)]
    if len(words) == 1 and not term.is_phrase:
        either += [index_file.expression_of([one], columns) for one in _terms(words[0]) - {plain[0]}]
        either += [f"({' AND '.join(parts)})" for parts in _compounds(words[0], columns)]
    either += [index_file.expression_of([tail], ["numbers"]) for tail in _number_tails(term.text)]
    return " OR ".join(dict.fromkeys(either))


def _terms(word: str) -> set[str]:
    """What a word may be indexed as, whichever language the case is in."""
    return {analysis.fold(analysis.term_of(word, language)) for language in LANGUAGES}


def _compounds(word: str, columns: Sequence[str]) -> Iterable[list[str]]:
    for language in LANGUAGES:
        if parts := analysis.parts_of(word, language):
            yield [index_file.expression_of([analysis.fold(part)], columns) for part in parts]


def _number_tails(text: str) -> list[str]:
    """What a phone number is found by, however it is written: "+46 70-123 45 67" and "070-1234567" are one."""
    if not _NUMBER.fullmatch(text.strip()):
        return []
    digits = "".join(filter(str.isdigit, text)).lstrip("0")
    shortest = max(_SHORTEST_NUMBER, len(digits) - _COUNTRY_DIGITS)
    return [tail for tail in number_tails(digits) if len(tail) - 1 >= shortest]


def _marked(question: Question) -> frozenset[str]:
    words = [
        word
        for group in question.groups
        for term in group
        if not term.is_negated and term.operator in ("", "subject")
        for word in analysis.words(term.text)
    ]
    return frozenset(form for word in words for form in (word, analysis.fold(word), *_raw_terms(word)))


def _raw_terms(word: str) -> set[str]:
    return {analysis.term_of(word, language) for language in LANGUAGES}


def _without_index(question: Question, tickets: TicketQuerySet, user: User | AnonymousUser) -> Found:
    """Slower and plainer: every word somewhere, operators as far as the database has them."""
    from tickets.services.queues import matching

    words: list[str] = []
    for group in question.groups:
        for term in group:
            asked = None if _is_text(term) else operators.condition(term.operator, term.text, user)  # type: ignore[arg-type]
            if asked is not None:
                tickets = tickets.exclude(asked) if term.is_negated else tickets.filter(asked)
            elif not term.is_negated:
                words += term.text.split()
    if not words and not tickets.query.where.children:
        return Found([])
    found = matching(tickets.unmerged(), " ".join(words))
    ids = list(tickets.filter(reference__in=[word.upper() for word in words]).values_list("pk", flat=True))
    ids += found.values_list("pk", flat=True)[:MOST_FOUND]
    hint = _("The search index is being built, so this search is slower and plainer than usual.")
    return Found(list(dict.fromkeys(ids))[:MOST_FOUND], (hint,), _marked(question))


def passages(found: Found, tickets: Sequence[Ticket]) -> dict[int, Passage]:
    """Of each of these cases the passage that holds most of what was looked for, where a message holds any of it."""
    if not found.terms or not tickets:
        return {}
    said: dict[int, list[str]] = {}
    rows = Message.objects.filter(ticket__in=[one.pk for one in tickets]).order_by("created_at", "pk")
    for number, body in rows.values_list("ticket", "body"):
        texts = said.setdefault(number, [])
        if len(texts) < _MESSAGES_SHOWN_FROM:
            texts.append(body[:_CHARACTERS_SHOWN_FROM])
    wanted = Wanted(found.terms)
    passages = {one.pk: best_passage(said.get(one.pk, ()), wanted.terms, one.language) for one in tickets}
    return {number: one for number, one in passages.items() if any(is_marked for _, is_marked in one.pieces)}
