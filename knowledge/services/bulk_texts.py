"""New texts by the thousand: what `create_article`, `save_text`, `add_phrasings` and `publish` would leave behind,
in a few statements, so that an import does not keep everybody else from writing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from knowledge.background import enqueue_on_commit
from knowledge.models import Article, ArticleTranslation, ContentGap, Phrasing, Revision, Topic
from knowledge.tasks import index_pending

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

_BATCH = 500


@dataclass(frozen=True)
class NewText:
    """A text in a language that its article does not have yet; everything in it is cleaned and checked."""

    key: str
    topic: Topic | None
    language: str
    slug: str
    title: str
    summary: str
    body: str
    phrasings: tuple[str, ...]
    is_public: bool


@transaction.atomic
def create_texts(texts: Sequence[NewText], *, author: User | None = None) -> None:
    """Makes the texts with their first revisions, and the articles that are missing."""
    articles = _articles(texts)
    rows = _texts(texts, articles)
    now = timezone.now()
    Revision.objects.bulk_create(
        [
            Revision(
                translation=rows[text.key, text.language],
                number=1,
                title=text.title,
                summary=text.summary,
                body=text.body,
                author=author,
                published_at=now if text.is_public else None,
            )
            for text in texts
        ],
        batch_size=_BATCH,
    )
    Phrasing.objects.bulk_create(
        [
            Phrasing(article=articles[text.key], language=text.language, text=phrasing)
            for text in texts
            for phrasing in text.phrasings
        ],
        batch_size=_BATCH,
        ignore_conflicts=True,
    )
    ContentGap.objects.filter(
        article__in=[articles[text.key] for text in texts if text.is_public], status=ContentGap.Status.DRAFTED
    ).update(status=ContentGap.Status.ANSWERED)
    enqueue_on_commit(index_pending)


def _articles(texts: Iterable[NewText]) -> dict[str, Article]:
    """The articles of the texts by key, made or moved to the topic that the last text of each names."""
    topics: dict[str, Topic | None] = {}
    for text in texts:
        topics[text.key] = text.topic or topics.get(text.key)
    there = Article.objects.in_bulk(list(topics), field_name="key")
    moved = []
    for key, article in there.items():
        topic = topics[key]
        if topic is not None and article.topic_id != topic.pk:
            article.topic = topic
            moved.append(article)
    Article.objects.bulk_update(moved, ["topic"], batch_size=_BATCH)
    # Their other texts carry the topic and the phrasings in the index.
    ArticleTranslation.objects.filter(article__in=list(there.values())).exclude(
        status=ArticleTranslation.Status.DRAFT
    ).update(updated_at=timezone.now())
    Article.objects.bulk_create(
        [Article(key=key, topic=topic) for key, topic in topics.items() if key not in there], batch_size=_BATCH
    )
    return Article.objects.in_bulk(list(topics), field_name="key")


def _texts(texts: Iterable[NewText], articles: dict[str, Article]) -> dict[tuple[str, str], ArticleTranslation]:
    now = timezone.now()
    status = ArticleTranslation.Status
    ArticleTranslation.objects.bulk_create(
        [
            ArticleTranslation(
                article=articles[text.key],
                language=text.language,
                slug=text.slug,
                title=text.title,
                summary=text.summary,
                body=text.body,
                status=status.PUBLISHED if text.is_public else status.DRAFT,
                published_at=now if text.is_public else None,
                edited_at=now if text.is_public else None,
                updated_at=now,
            )
            for text in texts
        ],
        batch_size=_BATCH,
    )
    # Read back: not every SQLite that Django runs on tells the ids of rows made together.
    keys = {article.pk: key for key, article in articles.items()}
    made = ArticleTranslation.objects.filter(article__in=keys).only("pk", "article_id", "language")
    return {(keys[text.article_id], text.language): text for text in made}
