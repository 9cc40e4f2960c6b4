"""What else a reader may want: articles that this one links to, then its neighbours in the topic."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from knowledge.models import ArticleTranslation
from knowledge.services.searches import popular_texts

_WINDOW = timedelta(days=90)


def related_texts(text: ArticleTranslation, language: str, limit: int = 4) -> list[ArticleTranslation]:
    """Up to `limit` published texts for a reader of the language, never the article itself."""
    linked = {
        one.article.key: one
        for one in ArticleTranslation.objects.best_for(language)
        .filter(article__key__in=text.rendered.article_keys)
        .select_related("article")
    }
    found = [linked[key] for key in text.rendered.article_keys if key in linked]
    if len(found) < limit and text.article.topic_id:
        found += popular_texts(
            language, since=timezone.now() - _WINDOW, topic_id=text.article.topic_id, limit=limit + len(found) + 1
        )
    unique = {one.article_id: one for one in found if one.article_id != text.article_id}
    return list(unique.values())[:limit]
