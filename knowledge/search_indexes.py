"""What of an article text goes into the search index (haystack finds this module by its name)."""

from __future__ import annotations

from typing import Any

from haystack import indexes
from haystack.exceptions import SkipDocument

from knowledge.models import ArticleTranslation
from knowledge.search import analysis


class ArticleTranslationIndex(indexes.SearchIndex, indexes.Indexable):
    text = indexes.CharField(document=True)

    def get_model(self) -> type[ArticleTranslation]:
        return ArticleTranslation

    def index_queryset(self, using: str | None = None) -> Any:
        return (
            ArticleTranslation.objects.published()
            .select_related("article__topic")
            .prefetch_related("article__phrasings")
        )

    def get_updated_field(self) -> str:
        return "updated_at"

    def full_prepare(self, obj: ArticleTranslation) -> dict[str, Any]:
        """The document, analysed. Raises SkipDocument for a text that customers cannot read."""
        if not obj.is_public():
            raise SkipDocument
        document: dict[str, Any] = {"id": "", "django_ct": "", "django_id": ""} | self.prepare(obj)
        language = obj.language
        phrasings = " ".join(p.text for p in obj.article.phrasings.all() if p.language == language)
        headings = " ".join(obj.rendered.headings)
        parts = {
            "title": obj.title,
            "phrasings": phrasings,
            "headings": headings,
            "summary": obj.summary,
            "body": obj.rendered.plain,
        }
        everything: dict[str, None] = {}
        for part, text in parts.items():
            found = analysis.terms(text, language)
            document[f"{part}_{language}"] = " ".join(found)
            everything.update(dict.fromkeys(found))
        folded = (analysis.fold(term) for term in everything if analysis.fold(term) != term)
        document[f"folded_{language}"] = " ".join(dict.fromkeys(folded))
        document[f"prefix_{language}"] = " ".join(analysis.prefixes(f"{obj.title} {headings} {phrasings}"))
        document["topic"] = obj.article.topic.slug if obj.article.topic else ""
        return document
