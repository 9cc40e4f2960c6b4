"""Saving, publishing and withdrawing texts. Customers read what was published; edits wait in revisions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext

from knowledge.background import enqueue_on_commit
from knowledge.models import Article, ArticleTranslation, ContentGap, Phrasing, Revision, Topic
from knowledge.search.analysis import clean, fold
from knowledge.signals import text_published, text_withdrawn
from knowledge.tasks import index_pending

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User


def slug_stem(title: str) -> str:
    """What a title becomes in an address."""
    return slugify(fold(title.casefold()))[:100] or "article"


def free_slug(title: str, language: str, but_for: ArticleTranslation | None = None) -> str:
    """A readable slug from a title, unique in its language."""
    stem = slug_stem(title)
    taken = set(
        ArticleTranslation.objects.in_language(language)
        .filter(slug__startswith=stem)
        .exclude(pk=but_for.pk if but_for else 0)
        .values_list("slug", flat=True)
    )
    slug, number = stem, 2
    while slug in taken:
        slug, number = f"{stem}-{number}", number + 1
    return slug


@transaction.atomic
def create_article(*, key: str, topic: Topic | None = None) -> Article:
    """A new article with no text yet. The key is made unique."""
    stem = slug_stem(key)
    unique, number = stem, 2
    while Article.objects.filter(key=unique).exists():
        unique, number = f"{stem}-{number}", number + 1
    return Article.objects.create(key=unique, topic=topic)


@transaction.atomic
def save_text(
    *,
    article: Article,
    language: str,
    title: str,
    body: str,
    summary: str = "",
    slug: str = "",
    author: User | None = None,
    comment: str = "",
) -> Revision:
    """Saves a state of the article's text in one language as a new revision; what is public stays as it is.

    Saving what is saved already makes no new revision.
    """
    title, summary, body = clean(title).strip(), clean(summary).strip(), clean(body).strip()
    text, created = ArticleTranslation.objects.select_for_update().get_or_create(
        article=article,
        language=language,
        defaults={"title": title, "summary": summary, "body": body, "slug": slug or free_slug(title, language)},
    )
    if slug and slug != text.slug:
        text.slug = slug
        text.save(update_fields=["slug"])
    latest = text.revisions.order_by("-number").first()
    if latest is not None and latest.text == (title, summary, body):
        return latest
    if not created and text.status == ArticleTranslation.Status.DRAFT:
        text.title, text.summary, text.body = title, summary, body
        text.save(update_fields=["title", "summary", "body"])
    number = (text.revisions.aggregate(last=Max("number"))["last"] or 0) + 1
    return Revision.objects.create(
        translation=text, number=number, title=title, summary=summary, body=body, comment=comment, author=author
    )


@transaction.atomic
def publish(revision: Revision, *, at: datetime | None = None) -> ArticleTranslation:
    """Makes a revision what customers read, now; content gaps that the article was written for are answered."""
    now = at or timezone.now()
    text = ArticleTranslation.objects.select_for_update().get(pk=revision.translation_id)
    text.title, text.summary, text.body = revision.text
    text.status = ArticleTranslation.Status.PUBLISHED
    text.published_at = text.published_at or now
    text.edited_at = text.updated_at = now
    text.save()
    revision.published_at = now
    revision.save(update_fields=["published_at"])
    ContentGap.objects.filter(article=text.article_id, status=ContentGap.Status.DRAFTED).update(
        status=ContentGap.Status.ANSWERED
    )
    enqueue_on_commit(index_pending)
    text_published.send(ArticleTranslation, text=text)
    return text


@transaction.atomic
def withdraw(text: ArticleTranslation) -> None:
    """Takes a text away from customers; its revisions stay."""
    text.status = ArticleTranslation.Status.WITHDRAWN
    text.updated_at = timezone.now()
    text.save(update_fields=["status", "updated_at"])
    enqueue_on_commit(index_pending)
    text_withdrawn.send(ArticleTranslation, text=text)


def restore(revision: Revision, *, author: User | None = None) -> Revision:
    """Saves an old state again as the newest revision; publishing it is a step of its own."""
    text = revision.translation
    return save_text(
        article=text.article,
        language=text.language,
        title=revision.title,
        summary=revision.summary,
        body=revision.body,
        author=author,
        comment=gettext("Restored from revision %(number)s.") % {"number": revision.number},
    )


@transaction.atomic
def add_phrasings(article: Article, language: str, texts: list[str], source: str = Phrasing.Source.AGENT) -> int:
    """Adds ways of asking that the article does not have yet; returns how many were new."""
    wanted = {text.casefold(): text for text in (clean(text).strip()[:300] for text in texts) if text}
    have = {known.casefold() for known in article.phrasings.filter(language=language).values_list("text", flat=True)}
    new = sorted(text for folded, text in wanted.items() if folded not in have)
    Phrasing.objects.bulk_create(
        [Phrasing(article=article, language=language, text=text, source=source) for text in new], ignore_conflicts=True
    )
    if new:
        touch(article)
    return len(new)


def touch(article: Article) -> None:
    """Has the published texts of an article indexed anew, after its topic or phrasings changed."""
    texts = ArticleTranslation.objects.filter(article=article).exclude(status=ArticleTranslation.Status.DRAFT)
    if texts.update(updated_at=timezone.now()):
        enqueue_on_commit(index_pending)
