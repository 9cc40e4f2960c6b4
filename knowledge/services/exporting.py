"""Articles as Markdown files with front matter: what `import_articles` reads back without a change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import frontmatter

from knowledge.models import Article, ArticleTranslation


def export_articles(folder: Path) -> int:
    """Writes the newest state of every text to `<folder>/<language>/<key>.md`. Returns how many."""
    count = 0
    articles = Article.objects.select_related("topic").prefetch_related("translations__revisions", "phrasings")
    for article in articles.iterator(chunk_size=200):
        for text in article.translations.all():
            path = folder / text.language / f"{article.key}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_as_markdown(article, text), encoding="utf-8")
            count += 1
    return count


def _as_markdown(article: Article, text: ArticleTranslation) -> str:
    revisions = list(text.revisions.all())
    title, summary, body = revisions[0].text if revisions else (text.title, text.summary, text.body)
    metadata: dict[str, Any] = {"id": article.key, "title": title, "slug": text.slug}
    if article.topic is not None:
        metadata["topic"] = article.topic.slug
    metadata["language"] = text.language
    if summary:
        metadata["summary"] = summary
    if text.status != ArticleTranslation.Status.PUBLISHED:
        metadata["status"] = text.status
    post = frontmatter.Post(body, **metadata)
    if phrasings := [p.text for p in article.phrasings.all() if p.language == text.language]:
        post["phrasings"] = phrasings
    return frontmatter.dumps(post, sort_keys=False, allow_unicode=True, width=1000) + "\n"
