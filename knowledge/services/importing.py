"""Taking articles in from files: each row wholly or not at all, and importing twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from knowledge.importers.base import ArticleRow, Refused
from knowledge.models import Article, ArticleTranslation, Topic, TopicTranslation
from knowledge.search.analysis import clean, fold
from knowledge.services.publishing import add_phrasings, free_slug, publish, save_text, touch

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

_MAX_TITLE, _MAX_SUMMARY, _MAX_BODY = 160, 300, 200_000


@dataclass
class ImportReport:
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)
    new_topics: list[str] = field(default_factory=list)

    @property
    def taken(self) -> int:
        return len(self.created) + len(self.updated) + self.unchanged


class _DryRun(Exception):
    pass


def import_articles(
    rows: Iterable[ArticleRow | Refused],
    *,
    should_publish: bool,
    is_dry_run: bool = False,
    author: User | None = None,
) -> ImportReport:
    """Imports rows and reports on each. A refused row leaves nothing behind; a dry run leaves nothing at all."""
    report = ImportReport()
    try:
        with transaction.atomic():
            seen: dict[tuple[str, str], str] = {}
            for row in rows:
                if isinstance(row, Refused):
                    report.refused.append(row)
                elif reason := _reason_to_refuse(row, seen):
                    report.refused.append(Refused(row.where, reason))
                else:
                    seen[row.key, row.language] = row.where
                    with transaction.atomic():
                        _take(row, report, should_publish, author)
            if is_dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return report


def _reason_to_refuse(row: ArticleRow, seen: dict[tuple[str, str], str]) -> str:
    if not clean(row.title).strip():
        return "it has no title"
    if not clean(row.body).strip():
        return "it has no text"
    if row.language not in dict(settings.LANGUAGES):
        return f"the language “{row.language}” is not one of {', '.join(dict(settings.LANGUAGES))}"
    if not slugify(fold(row.key.casefold())):
        return "it has no id that can be used"
    if len(row.title) > _MAX_TITLE:
        return f"the title is longer than {_MAX_TITLE} characters"
    if len(row.summary) > _MAX_SUMMARY:
        return f"the summary is longer than {_MAX_SUMMARY} characters"
    if len(row.body) > _MAX_BODY:
        return f"the text is longer than {_MAX_BODY} characters"
    if other := seen.get((row.key, row.language)):
        return f"{other} has the same id and language"
    if row.slug and _slug_is_taken(row):
        return f"another article has the slug “{row.slug}” in this language"
    return ""


def _slug_is_taken(row: ArticleRow) -> bool:
    texts = ArticleTranslation.objects.in_language(row.language).filter(slug=slugify(row.slug))
    return texts.exclude(article__key=_key(row)).exists()


def _key(row: ArticleRow) -> str:
    return slugify(fold(row.key.casefold()))[:120]


def _take(row: ArticleRow, report: ImportReport, should_publish: bool, author: User | None) -> None:
    topic = _topic(row, report)
    article, _ = Article.objects.get_or_create(key=_key(row), defaults={"topic": topic})
    before = ArticleTranslation.objects.filter(article=article, language=row.language).first()
    was = (before.latest_revision, before.status, before.slug) if before else None
    if topic is not None and article.topic_id != topic.pk:
        article.topic = topic
        article.save(update_fields=["topic"])
        touch(article)
    revision = save_text(
        article=article,
        language=row.language,
        title=row.title,
        summary=row.summary,
        body=row.body,
        slug=slugify(row.slug) or (before.slug if before else free_slug(row.title, row.language)),
        author=author,
    )
    new_phrasings = add_phrasings(article, row.language, row.phrasings)
    text = revision.translation
    text.refresh_from_db()
    is_live = text.status == ArticleTranslation.Status.PUBLISHED and revision.text == (
        text.title, text.summary, text.body,
    )  # fmt: skip
    if should_publish and not row.is_draft and not is_live:
        text = publish(revision)
    if was is None:
        report.created.append(row.where)
    elif was != (revision, text.status, text.slug) or new_phrasings:
        report.updated.append(row.where)
    else:
        report.unchanged += 1


def _topic(row: ArticleRow, report: ImportReport) -> Topic | None:
    """The row's topic; one that the site does not have yet is made, under the name that the row gives it."""
    slug = slugify(fold(row.topic.casefold()))[:60]
    if not slug:
        return None
    topic, created = Topic.objects.get_or_create(slug=slug, defaults={"position": Topic.objects.count()})
    if created:
        name = row.topic if row.topic != slug else slug.replace("-", " ").capitalize()
        TopicTranslation.objects.create(topic=topic, language=row.language, name=name[:80])
        report.new_topics.append(slug)
    return topic
