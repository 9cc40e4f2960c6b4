"""Suggesting articles for what somebody is writing. Silent rather than wrong, and never an error."""

from __future__ import annotations

import logging
from collections.abc import Set
from dataclasses import dataclass

from django.db import DatabaseError

from deflection.matching.matcher import Match, match
from deflection.models import current_threshold
from knowledge.models import ArticleTranslation
from knowledge.rendering import Section
from knowledge.search.highlight import Block, Passage, Wanted, best_run, block_of, mark

logger = logging.getLogger(__name__)

MAX_SUGGESTIONS = 5
_FEWEST_CHARACTERS = 8


@dataclass(frozen=True)
class Suggestion:
    """A text that may answer, with the passage that does and the section in which it stands (if under a heading)."""

    translation: ArticleTranslation
    probability: float
    passage: Passage
    section: Section | None = None


def suggest(
    text: str, language: str, *, subject: str = "", limit: int = 3, without: Set[int] = frozenset()
) -> list[Suggestion]:
    """At most `limit` articles that answer with a probability above the threshold, most likely first; none of those
    `without` which the customer wants to do.

    Whatever breaks inside, the customer who writes sees no suggestions rather than an error.
    """
    if len(text.strip()) + len(subject.strip()) < _FEWEST_CHARACTERS:
        return []
    try:
        threshold = current_threshold()
        found = [one for one in match(text, language, subject=subject) if one.probability >= threshold]
        found = [one for one in found if one.article_id not in without]
        found = found[: min(limit, MAX_SUGGESTIONS)]
        texts = ArticleTranslation.objects.published().select_related("article__topic")
        by_id = texts.in_bulk([one.translation_id for one in found])
        return [_suggestion(by_id[one.translation_id], one) for one in found if one.translation_id in by_id]
    except DatabaseError:
        raise
    except Exception:
        logger.exception("The matcher failed; no suggestions are shown")
        return []


def _suggestion(text: ArticleTranslation, one: Match) -> Suggestion:
    wanted = Wanted(frozenset(one.terms))
    run, block = best_run(_blocks(text, one.section), wanted)
    anchor = block.anchor if block else ""
    section = next((part for part in text.rendered.sections if anchor and part.anchor == anchor), None)
    return Suggestion(text, one.probability, mark(run, wanted, text.language), section)


def _blocks(text: ArticleTranslation, place: int | None) -> list[Block]:
    """What the passage may be cut from: the answer in short, and the section that the matcher found (else all)."""
    sections = text.rendered.sections
    blocks = [block_of(part.text, text.language, anchor=part.anchor, heading=part.title) for part in sections]
    if place is not None and 0 <= place < len(blocks) and blocks[place].sentences:
        blocks = [blocks[place]]
    return [block_of(text.summary, text.language), *blocks]
