"""The history of a case as sentences for agents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language

from knowledge.models import Article, Topic
from tickets.models import CustomField, RootCause, TicketEvent
from tickets.services.case_sentences import SENTENCES, Kind, Names

_TROUBLE = (Kind.DELIVERY_FAILED, Kind.BOUNCED)


@dataclass(frozen=True)
class HistoryLine:
    text: str
    at: datetime
    is_trouble: bool = False


def history_lines(events: Sequence[TicketEvent]) -> list[HistoryLine]:
    """One sentence for each event, in the reader's language. At most one query for each kind of thing named."""
    names = _names_in(events)
    return [HistoryLine(_sentence(event, names), event.created_at, event.kind in _TROUBLE) for event in events]


def _sentence(event: TicketEvent, names: Names) -> str:
    tell = SENTENCES.get(Kind(event.kind)) if event.kind in Kind.values else None
    return tell(event, names) if tell else event.get_kind_display()


def _names_in(events: Sequence[TicketEvent]) -> Names:
    language = get_language() or ""
    changes = [event.data for event in events if event.kind == Kind.CHANGED]
    topics = {str(data.get(key)) for data in changes if data.get("what") == "topic" for key in ("was", "now")}
    fields = {str(data.get("field")) for data in changes if data.get("what") == "field"}
    causes = {str(event.data["root_cause"]) for event in events if event.data.get("root_cause")}
    return Names(
        articles=_article_titles({str(event.data["article"]) for event in events if event.data.get("article")}),
        topics={
            topic.slug: topic.name_in(language)
            for topic in (Topic.objects.filter(slug__in=topics - {""}).with_names() if topics else [])
        },
        fields={
            one.key: one.label_in(language)
            for one in (CustomField.objects.filter(key__in=fields).prefetch_related("texts") if fields else [])
        },
        root_causes=dict(RootCause.objects.filter(key__in=causes).values_list("key", "name")) if causes else {},
    )


def _article_titles(keys: set[str]) -> dict[str, str]:
    if not keys:
        return {}
    articles = Article.objects.filter(key__in=keys).prefetch_related("translations")
    found = ((article, article.text_in(get_language() or "")) for article in articles)
    return {article.key: text.title for article, text in found if text}
