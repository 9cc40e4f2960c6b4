"""Taking articles in from files: each row wholly or not at all, and importing twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max
from django.utils.text import slugify

from knowledge.importers.base import ArticleRow, Refused
from knowledge.models import ArticleTranslation, Phrasing, Revision, Topic, TopicTranslation
from knowledge.search.analysis import clean, fold
from knowledge.services.bulk_texts import NewText, create_texts
from knowledge.services.publishing import add_phrasings, publish, save_text, slug_stem, touch

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

_BATCH = 500
_MAX_TITLE, _MAX_SUMMARY, _MAX_BODY, _MAX_PHRASING = 160, 300, 200_000, 300


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
    """Imports rows and reports on each. A refused row leaves nothing behind; a dry run leaves nothing at all.

    Everything is read and checked before the first write, so that others wait for as short as possible.
    """
    checked = _checked(rows)
    try:
        with transaction.atomic():
            report = _Import(checked, should_publish, author).run()
            if is_dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return report


def _checked(rows: Iterable[ArticleRow | Refused]) -> list[ArticleRow | Refused]:
    """The rows as they will be saved, or the reasons to refuse them that need no look at the site."""
    found: list[ArticleRow | Refused] = []
    seen: dict[tuple[str, str], str] = {}
    for row in rows:
        if isinstance(row, Refused):
            found.append(row)
            continue
        reason = _reason_to_refuse(row, seen)
        found.append(Refused(row.where, reason) if reason else _cleaned(row))
        if not reason:
            seen[_key(row), row.language] = row.where
    return found


def _key(row: ArticleRow) -> str:
    return slugify(fold(row.key.casefold()))[:120]


def _cleaned(row: ArticleRow) -> ArticleRow:
    phrasings = (clean(text).strip()[:_MAX_PHRASING] for text in row.phrasings)
    return replace(
        row,
        key=_key(row),
        title=clean(row.title).strip(),
        summary=clean(row.summary).strip(),
        body=clean(row.body).strip(),
        slug=slugify(row.slug),
        phrasings=[text for text in phrasings if text],
    )


def _reason_to_refuse(row: ArticleRow, seen: dict[tuple[str, str], str]) -> str:
    if not clean(row.title).strip():
        return "it has no title"
    if not clean(row.body).strip():
        return "it has no text"
    if row.language not in dict(settings.LANGUAGES):
        return f"the language “{row.language}” is not one of {', '.join(dict(settings.LANGUAGES))}"
    if not _key(row):
        return "it has no id that can be used"
    if len(row.title) > _MAX_TITLE:
        return f"the title is longer than {_MAX_TITLE} characters"
    if len(row.summary) > _MAX_SUMMARY:
        return f"the summary is longer than {_MAX_SUMMARY} characters"
    if len(row.body) > _MAX_BODY:
        return f"the text is longer than {_MAX_BODY} characters"
    if other := seen.get((_key(row), row.language)):
        return f"{other} has the same id and language"
    return ""


class _Known:
    """What the site holds already of the articles that an import names, in a few queries."""

    def __init__(self, rows: Sequence[ArticleRow]) -> None:
        self.texts: dict[tuple[str, str], ArticleTranslation] = {}
        self.latest: dict[int, tuple[str, str, str]] = {}
        self.phrasings: dict[tuple[str, str], set[str]] = {}
        keys = list(dict.fromkeys(row.key for row in rows))
        for start in range(0, len(keys), _BATCH):
            self._look_up(keys[start : start + _BATCH])
        taken = ArticleTranslation.objects.values_list("language", "slug", "article__key")
        self.slugs = {(language, slug): key for language, slug, key in taken}
        self.topics = {topic.slug: topic for topic in Topic.objects.all()}

    def _look_up(self, keys: Sequence[str]) -> None:
        for text in ArticleTranslation.objects.filter(article__key__in=keys).select_related("article"):
            self.texts[text.article.key, text.language] = text
        newest = Revision.objects.annotate(newest=Max("translation__revisions__number")).filter(number=F("newest"))
        for revision in newest.filter(translation__article__key__in=keys):
            self.latest[revision.translation_id] = revision.text
        phrasings = Phrasing.objects.filter(article__key__in=keys)
        for key, language, wording in phrasings.values_list("article__key", "language", "text"):
            self.phrasings.setdefault((key, language), set()).add(wording.casefold())

    def free_slug(self, row: ArticleRow) -> str:
        stem = slug_stem(row.title)
        slug, number = stem, 2
        while self.slugs.get((row.language, slug), row.key) != row.key:
            slug, number = f"{stem}-{number}", number + 1
        return slug


class _Import:
    """One run: rows in their order, each against what the site holds and what the rows before it made."""

    def __init__(self, rows: Sequence[ArticleRow | Refused], should_publish: bool, author: User | None) -> None:
        self._rows = rows
        self._known = _Known([row for row in rows if isinstance(row, ArticleRow)])
        self._should_publish = should_publish
        self._author = author
        self._report = ImportReport()
        self._new: list[NewText] = []

    def run(self) -> ImportReport:
        for row in self._rows:
            if isinstance(row, Refused):
                self._report.refused.append(row)
            elif row.slug and self._known.slugs.get((row.language, row.slug), row.key) != row.key:
                reason = f"another article has the slug “{row.slug}” in this language"
                self._report.refused.append(Refused(row.where, reason))
            else:
                self._take(row)
        create_texts(self._new, author=self._author)
        return self._report

    def _take(self, row: ArticleRow) -> None:
        topic = self._topic(row)
        text = self._known.texts.get((row.key, row.language))
        if text is None:
            self._new.append(self._new_text(row, topic))
            self._report.created.append(row.where)
        elif self._is_unchanged(row, text, topic):
            self._report.unchanged += 1
        else:
            self._change(row, text, topic)

    def _new_text(self, row: ArticleRow, topic: Topic | None) -> NewText:
        slug = row.slug or self._known.free_slug(row)
        self._known.slugs[row.language, slug] = row.key
        have = self._known.phrasings.get((row.key, row.language), set())
        wanted = {text.casefold(): text for text in row.phrasings}
        return NewText(
            key=row.key,
            topic=topic,
            language=row.language,
            slug=slug,
            title=row.title,
            summary=row.summary,
            body=row.body,
            phrasings=tuple(sorted(text for folded, text in wanted.items() if folded not in have)),
            is_public=self._should_publish and not row.is_draft,
        )

    def _is_unchanged(self, row: ArticleRow, text: ArticleTranslation, topic: Topic | None) -> bool:
        state = (row.title, row.summary, row.body)
        is_live = text.status == ArticleTranslation.Status.PUBLISHED and state == (text.title, text.summary, text.body)
        have = self._known.phrasings.get((row.key, row.language), set())
        return (
            self._known.latest.get(text.pk) == state
            and (is_live or not self._should_publish or row.is_draft)
            and row.slug in ("", text.slug)
            and (topic is None or text.article.topic_id == topic.pk)
            and {phrasing.casefold() for phrasing in row.phrasings} <= have
        )

    @transaction.atomic
    def _change(self, row: ArticleRow, text: ArticleTranslation, topic: Topic | None) -> None:
        """Brings a text that is there to what the row says."""
        article, before = text.article, (self._known.latest.get(text.pk), text.status, text.slug)
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
            slug=row.slug or text.slug,
            author=self._author,
        )
        new_phrasings = add_phrasings(article, row.language, row.phrasings)
        text = revision.translation
        text.refresh_from_db()
        is_live = text.status == ArticleTranslation.Status.PUBLISHED and revision.text == (
            text.title, text.summary, text.body,
        )  # fmt: skip
        if self._should_publish and not row.is_draft and not is_live:
            text = publish(revision)
        self._known.slugs[row.language, text.slug] = row.key
        if before != (revision.text, text.status, text.slug) or new_phrasings:
            self._report.updated.append(row.where)
        else:
            self._report.unchanged += 1

    def _topic(self, row: ArticleRow) -> Topic | None:
        """The row's topic; one that the site does not have yet is made, under the name that the row gives it."""
        slug = slugify(fold(row.topic.casefold()))[:60]
        if not slug:
            return None
        if slug not in self._known.topics:
            topic = Topic.objects.create(slug=slug, position=len(self._known.topics))
            name = row.topic if row.topic != slug else slug.replace("-", " ").capitalize()
            TopicTranslation.objects.create(topic=topic, language=row.language, name=name[:80])
            self._known.topics[slug] = topic
            self._report.new_topics.append(slug)
        return self._known.topics[slug]
