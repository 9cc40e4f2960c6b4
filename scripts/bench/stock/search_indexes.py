"""A search index as in haystack's tutorial: the text, the title, and edge n-grams of the title for typing."""

from __future__ import annotations

from typing import Any

from haystack import indexes

from knowledge.models import ArticleTranslation


class StockIndex(indexes.SearchIndex, indexes.Indexable):
    text = indexes.CharField(document=True)
    title = indexes.CharField(model_attr="title")
    title_auto = indexes.EdgeNgramField(model_attr="title")

    def get_model(self) -> type[ArticleTranslation]:
        return ArticleTranslation

    def index_queryset(self, using: str | None = None) -> Any:
        return ArticleTranslation.objects.published()

    def prepare_text(self, obj: ArticleTranslation) -> str:
        return f"{obj.title}\n{obj.body}"
