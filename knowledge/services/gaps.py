"""Content gaps: questions without an answer, clustered by what they are about, turned into drafts.

The evidence is handed in from above (searches and cases); nothing here knows where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, Max, Min, Q, Sum
from django.utils.translation import gettext, override

from knowledge.models import Article, ContentGap, GapEvidence, Phrasing, Topic
from knowledge.search import analysis
from knowledge.services.publishing import add_phrasings, create_article, save_text

# Two questions are about the same thing when they share this much of the weight of their words.
SAME_QUESTION = 0.34
_LONGEST_TEXT = 2000


@dataclass(frozen=True)
class Evidence:
    """One question that no article answered. `source` names it for good ("search:..." or "case:...")."""

    kind: str
    source: str
    text: str
    language: str
    asked_at: datetime
    topic_slug: str = ""
    times: int = 1


@transaction.atomic
def record_evidence(evidence: Iterable[Evidence]) -> int:
    """Adds new questions to the gaps that they belong to, or to new ones. Returns how many were new.

    Handing in the same evidence again adds nothing. A question goes to the nearest gap of its language; gaps
    that were dismissed take their questions too, so that they do not come back under another name.
    """
    evidence = list(evidence)
    sources = [item.source for item in evidence]
    known = set(GapEvidence.objects.filter(source__in=sources).values_list("source", flat=True))
    new = [item for item in evidence if item.source not in known]
    clusters = {language: _Clusters(language) for language in {item.language for item in new}}
    topics = {topic.slug: topic for topic in Topic.objects.all()}
    # Searches are short and say what it is about, so they form the clusters that the stories then join.
    for item in sorted(new, key=lambda item: (item.kind != GapEvidence.Kind.SEARCH, item.asked_at)):
        gap = clusters[item.language].gap_for(item, topics.get(item.topic_slug))
        GapEvidence.objects.create(
            gap=gap,
            kind=item.kind,
            source=item.source,
            text=item.text[:_LONGEST_TEXT],
            times=item.times,
            asked_at=item.asked_at,
        )
    recount()
    return len(new)


class _Clusters:
    """The gaps of one language, with the words of their questions; finds the nearest for a new question."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.words: dict[ContentGap, list[set[str]]] = {}
        gaps = ContentGap.objects.filter(language=language).exclude(status=ContentGap.Status.ANSWERED)
        for gap in gaps.prefetch_related("evidence"):
            self.words[gap] = [self._terms(item.text) for item in gap.evidence.all()]

    def _terms(self, text: str) -> set[str]:
        return {term for term in analysis.terms(text, self.language) if not any(ch.isdigit() for ch in term)}

    def gap_for(self, item: Evidence, topic: Topic | None) -> ContentGap:
        terms = self._terms(item.text)
        best = max(self.words, key=lambda gap: self._likeness(terms, gap), default=None)
        if best is None or self._likeness(terms, best) < SAME_QUESTION:
            best = ContentGap.objects.create(
                title=_headline(item.text), language=self.language, topic=topic, first_asked_at=item.asked_at
            )
            self.words[best] = []
        elif best.topic is None and topic is not None:
            best.topic = topic
            best.save(update_fields=["topic"])
        self.words[best].append(terms)
        return best

    def _likeness(self, terms: set[str], gap: ContentGap) -> float:
        """Mean of the two best overlaps with the gap's questions, words of few gaps weighing more."""
        overlaps = sorted((self._overlap(terms, other) for other in self.words[gap]), reverse=True)[:2]
        return sum(overlaps) / len(overlaps) if overlaps else 0.0

    def _overlap(self, one: set[str], other: set[str]) -> float:
        if not one or not other:
            return 0.0
        shared = sum(self._weight(term) for term in one & other)
        # The shorter text decides: a search of three words is wholly contained in a story of sixty.
        smaller = min(sum(map(self._weight, one)), sum(map(self._weight, other)))
        return shared / smaller if len(one & other) > 1 or min(len(one), len(other)) == 1 else 0.0

    def _weight(self, term: str) -> float:
        gaps_with = sum(any(term in words for words in questions) for questions in self.words.values())
        return 1.0 / (1.0 + gaps_with)


def _headline(text: str) -> str:
    """The question in short: the first sentence that asks, or else the first sentence."""
    lines = [part.strip() for part in text.replace("?", "?\n").replace(". ", ".\n").splitlines() if part.strip()]
    chosen = next((line for line in lines if line.endswith("?")), lines[0] if lines else text)
    return chosen if len(chosen) <= 120 else chosen[:120].rsplit(" ", 1)[0] + "…"


def recount() -> None:
    """Brings the figures on every gap in line with its evidence."""
    rows = ContentGap.objects.annotate(
        cases=Count("evidence", filter=Q(evidence__kind=GapEvidence.Kind.CASE)),
        searches=Sum("evidence__times", filter=Q(evidence__kind=GapEvidence.Kind.SEARCH)),
        first=Min("evidence__asked_at"),
        last=Max("evidence__asked_at"),
    )
    for gap in rows:
        if gap.first is not None:
            ContentGap.objects.filter(pk=gap.pk).update(
                case_count=gap.cases,
                search_count=gap.searches or 0,
                first_asked_at=gap.first,
                last_asked_at=gap.last,
            )


@transaction.atomic
def draft_from_gap(gap: ContentGap, *, author: AbstractBaseUser | None = None) -> Article:
    """Begins an article from a gap: the questions become its phrasings and the outline to write against.

    A gap that has a draft already gives that one back.
    """
    gap = ContentGap.objects.select_for_update().get(pk=gap.pk)
    if gap.article is not None:
        return gap.article
    article = create_article(key=gap.title, topic=gap.topic)
    questions = list(gap.evidence.order_by("-times", "-asked_at"))
    searches = [item.text for item in questions if item.kind == GapEvidence.Kind.SEARCH]
    save_text(article=article, language=gap.language, title=gap.title.strip("…"), body=_outline(gap, questions), author=author)
    add_phrasings(article, gap.language, [gap.title, *searches[:20]], source=Phrasing.Source.GAP)
    gap.article = article
    gap.status = ContentGap.Status.DRAFTED
    gap.save(update_fields=["article", "status"])
    return article


def _outline(gap: ContentGap, questions: list[GapEvidence]) -> str:
    """A draft's skeleton in the language of the gap, with the customers' own questions to answer."""
    with override(gap.language):
        quoted = "\n".join(f"> {' '.join(item.text.split())[:300]}\n" for item in questions[:8])
        return "\n\n".join(
            [
                gettext("Write the answer first, in one or two sentences."),
                f"## {gettext('How to do it')}",
                f"1. {gettext('First step')}",
                f"## {gettext('If that does not work')}",
                gettext("Say what the customer can do, and link to the contact form: [write to us](contact:)."),
                f"## {gettext('What customers asked (remove before publishing)')}",
                quoted,
            ]
        )


@transaction.atomic
def dismiss_gap(gap: ContentGap) -> None:
    """Sets a gap aside: not something that an article should answer."""
    gap.status = ContentGap.Status.DISMISSED
    gap.save(update_fields=["status"])
