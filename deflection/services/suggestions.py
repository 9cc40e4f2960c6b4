"""Suggesting articles for what somebody is writing. Silent rather than wrong, and never an error."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import DatabaseError

from deflection.matching.matcher import SHOW_FROM, match, passage_for
from knowledge.models import ArticleTranslation
from knowledge.search.highlight import Passage

logger = logging.getLogger(__name__)

MAX_SUGGESTIONS = 5
_FEWEST_CHARACTERS = 8


@dataclass(frozen=True)
class Suggestion:
    translation: ArticleTranslation
    probability: float
    passage: Passage


def suggest(text: str, language: str, *, subject: str = "", limit: int = 3) -> list[Suggestion]:
    """At most `limit` articles that answer with a probability above the threshold, most likely first.

    Whatever breaks inside, the customer who writes sees no suggestions rather than an error.
    """
    if len(text.strip()) + len(subject.strip()) < _FEWEST_CHARACTERS:
        return []
    try:
        found = [one for one in match(text, language, subject=subject) if one.probability >= SHOW_FROM]
        found = found[: min(limit, MAX_SUGGESTIONS)]
        texts = ArticleTranslation.objects.published().select_related("article__topic")
        by_id = texts.in_bulk([one.translation_id for one in found])
        return [
            Suggestion(by_id[one.translation_id], one.probability, passage_for(by_id[one.translation_id], one.terms))
            for one in found
            if one.translation_id in by_id
        ]
    except DatabaseError:
        raise
    except Exception:
        logger.exception("The matcher failed; no suggestions are shown")
        return []
