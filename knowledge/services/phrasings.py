"""Phrasings that are learned: taken in, kept varied and few, withdrawn with what they came from, removed by people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from knowledge.models import Article, Phrasing
from knowledge.search.analysis import normalise_query, terms
from knowledge.services.publishing import touch

# Learned ones that an article keeps in a language: more teach little, and each costs training time.
MOST_LEARNED = 30
MAX_CHARACTERS = 300
_FEWEST_WORDS = 3
# Jaccard index of the terms from which two texts say the same.
_SAME_FROM = 0.75


def says_nothing_new(text: str, known: Iterable[str], language: str) -> bool:
    """Whether one of the known texts says the same, but for case, word order or a word or two."""
    wanted, normalised = _term_set(text, language), normalise_query(text)
    return any(
        normalise_query(other) == normalised or _jaccard(_term_set(other, language), wanted) >= _SAME_FROM
        for other in known
    )


def least_telling(texts: Sequence[tuple[datetime, str]], language: str) -> int:
    """The place of the text to give up when there is one too many: the older of the two that are most alike.

    `texts` come with their times; where none is like another, the oldest goes.
    """
    sets = [_term_set(text, language) for _at, text in texts]
    alike = ((_jaccard(sets[one], sets[two]), one, two) for one, two in combinations(range(len(texts)), 2))
    most, one, two = max(alike, key=lambda found: found[0])
    candidates = (one, two) if most > 0 else range(len(texts))
    return min(candidates, key=lambda place: texts[place][0])


@transaction.atomic
def learn_phrasing(article: Article, language: str, text: str, *, origin: str, asked_at: datetime) -> bool:
    """Takes in how a customer asked for the article; says whether it was new.

    What a person removed, what the article has already and what is too short to tell is not taken. Beyond
    MOST_LEARNED the least telling learned one goes; those that people wrote stay.
    """
    text = " ".join(text.split())[:MAX_CHARACTERS].strip()
    known = list(Phrasing.with_removed.select_for_update().filter(article=article, language=language))
    if len(text.split()) < _FEWEST_WORDS or any(one.origin == origin for one in known):
        return False
    if says_nothing_new(text, (one.text for one in known), language):
        return False
    learned = [one for one in known if one.source == Phrasing.Source.CASE and not one.is_removed]
    if len(learned) >= MOST_LEARNED:
        place = least_telling([*((one.created_at, one.text) for one in learned), (asked_at, text)], language)
        if place == len(learned):
            return False
        learned[place].delete()
    Phrasing.objects.create(
        article=article, language=language, text=text, source=Phrasing.Source.CASE, origin=origin, created_at=asked_at
    )
    touch(article)
    return True


@transaction.atomic
def withdraw_phrasings(origin: str, *, but_for: Article | None = None) -> int:
    """Forgets what was learned from `origin`, for all articles but one. What people removed or rewrote stays so."""
    found = Phrasing.objects.learned().filter(origin=origin).select_related("article")
    gone = [one for one in found if but_for is None or one.article_id != but_for.pk]
    for phrasing in gone:
        phrasing.delete()
        touch(phrasing.article)
    return len(gone)


@transaction.atomic
def erase_phrasings(found: QuerySet[Phrasing]) -> int:
    """Takes out texts that must not be kept at all, also those that somebody has removed from use."""
    gone = list(found.select_related("article"))
    for phrasing in gone:
        phrasing.delete()
        touch(phrasing.article)
    return len(gone)


@transaction.atomic
def remove_phrasing(phrasing: Phrasing, *, at: datetime | None = None) -> None:
    """A person's decision: it is searched and matched no longer. One that was learned is never learned again."""
    if phrasing.origin:
        phrasing.removed_at = at or timezone.now()
        phrasing.save(update_fields=["removed_at"])
    else:
        phrasing.delete()
    touch(phrasing.article)


@transaction.atomic
def bring_back_phrasing(phrasing: Phrasing) -> bool:
    """Undoes a removal; False where the article has the same text again by now."""
    others = Phrasing.objects.filter(article=phrasing.article_id, language=phrasing.language, text=phrasing.text)
    if not phrasing.is_removed or others.exists():
        return False
    phrasing.removed_at = None
    phrasing.save(update_fields=["removed_at"])
    touch(phrasing.article)
    return True


def _term_set(text: str, language: str) -> frozenset[str]:
    return frozenset(terms(text, language))


def _jaccard(one: frozenset[str], two: frozenset[str]) -> float:
    return len(one & two) / len(one | two) if one and two else 0.0
