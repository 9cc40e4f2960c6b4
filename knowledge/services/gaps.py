"""Content gaps: questions without an answer, clustered by what they are about, turned into drafts.

The evidence is handed in from above (searches and cases); nothing here knows where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.utils.translation import gettext, override

from knowledge.models import Article, ContentGap, GapEvidence, Phrasing, Topic
from knowledge.services.gap_clusters import Clusters
from knowledge.services.publishing import add_phrasings, create_article, save_text

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

_LONGEST_TEXT = 2000
_LONGEST_HEADING = 80


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
    visits: frozenset[str] = frozenset()
    """Opaque names of the visits in which it was asked: what one visitor asks in one go is likely one thing."""


def record_evidence(evidence: Iterable[Evidence]) -> int:
    """Adds new questions to the gaps that they belong to, or to new ones. Returns how many were new.

    Handing in the same evidence again adds nothing; with more times asked, it counts those. A question goes to
    the nearest gap of its language; gaps that were dismissed take their questions too, so that they do not come
    back under another name.
    """
    evidence = list(evidence)
    sources = [item.source for item in evidence]
    known = dict(GapEvidence.objects.filter(source__in=sources).values_list("source", "times"))
    for item in evidence:
        # A search of today may have been asked again since it was gathered last.
        if item.times > known.get(item.source, item.times):
            GapEvidence.objects.filter(source=item.source).update(times=item.times, asked_at=item.asked_at)
    new = [item for item in evidence if item.source not in known]
    visits = {item.source: item.visits for item in evidence}
    clusters = {language: Clusters(language, visits) for language in {item.language for item in new}}
    topics = {topic.slug: topic for topic in Topic.objects.all()}
    # Searches are short and say what it is about, so they form the clusters that the stories then join.
    for item in sorted(new, key=lambda item: (item.kind != GapEvidence.Kind.SEARCH, item.asked_at, item.source)):
        # A transaction each: comparing takes time, and on SQLite nobody else can write while one is open.
        with transaction.atomic():
            gap = _gap_for(item, clusters[item.language], topics.get(item.topic_slug))
            GapEvidence.objects.create(
                gap=gap,
                kind=item.kind,
                source=item.source,
                text=_kept(item),
                times=item.times,
                asked_at=item.asked_at,
            )
    recount()
    return len(new)


def _kept(item: Evidence) -> str:
    return item.text[:_LONGEST_TEXT]


def _gap_for(item: Evidence, clusters: Clusters, topic: Topic | None) -> ContentGap:
    """The gap that a question belongs to. A case that resembles two gaps of its own visit shows that they are one."""
    near = clusters.nearest(_kept(item), item.visits)
    if near:
        gap, *others = near
    else:
        gap, others = ContentGap(title=_headline(item.text), language=item.language, first_asked_at=item.asked_at), []
        gap.save()
        clusters.begin(gap)
    if item.kind == GapEvidence.Kind.CASE:
        for other in others:
            if gap.status == other.status == ContentGap.Status.OPEN:
                GapEvidence.objects.filter(gap=other).update(gap=gap)
                clusters.join(gap, other)
                other.delete()
    if gap.topic is None and topic is not None:
        gap.topic = topic
        gap.save(update_fields=["topic"])
    clusters.add(gap, _kept(item), item.visits)
    return gap


def _headline(text: str) -> str:
    """The question in short: the line that it is headed by, or the first sentence that asks, or the first at all."""
    first, _, rest = text.strip().partition("\n")
    if rest and len(first) <= _LONGEST_HEADING:
        return first.strip()
    lines = [part.strip() for part in text.replace("?", "?\n").replace(". ", ".\n").splitlines() if part.strip()]
    chosen = next((line for line in lines if line.endswith("?")), lines[0] if lines else text)
    return chosen if len(chosen) <= 120 else chosen[:120].rsplit(" ", 1)[0] + "…"


@transaction.atomic
def recount() -> None:
    """Brings the figures on every gap in line with its evidence."""
    rows = (
        ContentGap.objects.filter(evidence__isnull=False)
        .values_list("pk")
        .annotate(
            cases=Count("evidence", filter=Q(evidence__kind=GapEvidence.Kind.CASE)),
            searches=Sum("evidence__times", filter=Q(evidence__kind=GapEvidence.Kind.SEARCH)),
            first=Min("evidence__asked_at"),
            last=Max("evidence__asked_at"),
        )
    )
    for pk, cases, searches, first, last in rows:
        ContentGap.objects.filter(pk=pk).update(
            case_count=cases, search_count=searches or 0, first_asked_at=first, last_asked_at=last
        )


@transaction.atomic
def forget_evidence(evidence: QuerySet[GapEvidence]) -> None:
    """Takes questions away that must not be kept any longer, and headlines that were made of them."""
    gone = list(evidence.select_related("gap"))
    GapEvidence.objects.filter(pk__in=[one.pk for one in gone]).delete()
    for gap in {one.gap for one in gone}:
        left = gap.evidence.first()
        if left is None and gap.status == ContentGap.Status.OPEN:
            gap.delete()
        elif gap.title in {_headline(one.text) for one in gone if one.gap_id == gap.pk}:
            gap.title = _headline(left.text) if left else "…"
            gap.save(update_fields=["title"])
    recount()


@transaction.atomic
def draft_from_gap(gap: ContentGap, *, author: User | None = None) -> Article:
    """Begins an article from a gap: an outline to fill, and the searches as its phrasings.

    What customers wrote in their cases stays out of the text, which one click publishes; the admin shows it beside.
    A gap that has a draft already gives that one back.
    """
    gap = ContentGap.objects.select_for_update().get(pk=gap.pk)
    if gap.article is not None:
        return gap.article
    article = create_article(key=gap.title, topic=gap.topic)
    searches = gap.evidence.filter(kind=GapEvidence.Kind.SEARCH).order_by("-times", "-asked_at")
    save_text(
        article=article, language=gap.language, title=gap.title.strip("…"), body=_outline(gap.language), author=author
    )
    add_phrasings(
        article, gap.language, [gap.title, *searches.values_list("text", flat=True)[:20]], source=Phrasing.Source.GAP
    )
    gap.article = article
    gap.status = ContentGap.Status.DRAFTED
    gap.save(update_fields=["article", "status"])
    return article


def _outline(language: str) -> str:
    """A draft's skeleton in the language of the gap."""
    with override(language):
        return "\n\n".join(
            # Not in f-strings: the tool that collects messages does not look into them.
            [
                gettext("Write the answer first, in one or two sentences."),
                "## " + gettext("How to do it"),
                "1. " + gettext("First step"),
                "## " + gettext("If that does not work"),
                gettext("Say what the customer can do, and link to the contact form: [write to us](contact:)."),
            ]
        )


@transaction.atomic
def dismiss_gap(gap: ContentGap) -> None:
    """Sets a gap aside: not something that an article should answer."""
    gap.status = ContentGap.Status.DISMISSED
    gap.save(update_fields=["status"])
