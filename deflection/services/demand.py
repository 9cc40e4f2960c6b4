"""Gathering what customers asked in vain, and handing it to the knowledge base as evidence for gaps."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import datetime, timedelta

from django.utils import timezone

from deflection.matching.cleaning import question_of
from knowledge.models import GapEvidence, SearchEvent
from knowledge.services.gaps import Evidence, record_evidence
from tickets.models import Message, Ticket
from tickets.services.personal_data import ERASED

_LOOK_BACK = timedelta(days=90)


def find_gaps(*, at: datetime | None = None) -> int:
    """Turns unanswered searches and cases of the last 90 days into evidence. Returns how many were new."""
    since = (at or timezone.now()) - _LOOK_BACK
    return record_evidence([*_from_searches(since), *_from_cases(since)])


def _from_searches(since: datetime) -> list[Evidence]:
    """One piece of evidence for each different search a day, however often it was typed that day."""
    grouped: defaultdict[tuple[str, str, str], list[tuple[datetime, str]]] = defaultdict(list)
    rows = SearchEvent.objects.unanswered().filter(created_at__gte=since)
    for text, language, asked_at, origin in rows.values_list("normalised", "language", "created_at", "origin"):
        if len(text) > 3:
            grouped[language, text, f"{asked_at:%Y%m%d}"].append((asked_at, origin))
    return [
        Evidence(
            kind=GapEvidence.Kind.SEARCH,
            # By its digest: two long searches may begin alike.
            source=f"search:{language}:{day}:{hashlib.sha256(text.encode()).hexdigest()[:40]}",
            text=text,
            language=language,
            asked_at=max(asked_at for asked_at, _ in asked),
            times=len(asked),
            visits=frozenset(origin for _, origin in asked if origin),
        )
        for (language, text, day), asked in grouped.items()
    ]


def _from_cases(since: datetime) -> list[Evidence]:
    tickets = (
        Ticket.objects.without_answer()
        .filter(created_at__gte=since)
        .select_related("topic")
        .prefetch_related("messages")
        .distinct()
    )
    evidence = []
    for ticket in tickets:
        first = next((one for one in ticket.messages.all() if one.kind == Message.Kind.INBOUND), None)
        if first is not None and first.body != ERASED:
            evidence.append(
                Evidence(
                    kind=GapEvidence.Kind.CASE,
                    source=f"case:{ticket.pk}",
                    text=question_of(first.body, ticket.subject),
                    language=ticket.language,
                    asked_at=ticket.created_at,
                    topic_slug=ticket.topic.slug if ticket.topic else "",
                    visits=frozenset({ticket.origin} - {""}),
                )
            )
    return evidence
