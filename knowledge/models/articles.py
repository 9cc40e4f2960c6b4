"""Articles: the answers, their texts in each language, and every saved state of a text."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from knowledge.models.topics import Topic
from knowledge.rendering import Rendered, render
from knowledge.search.analysis import terms
from knowledge.search.languages import preferred


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self, at: datetime | None = None) -> ArticleQuerySet:
        """Articles with at least one text that customers can read."""
        live = ArticleTranslation.objects.published(at).values("article")
        return self.filter(pk__in=live)


class Article(models.Model):
    """An answer, in any language. `key` names it in imports, exports and links between articles."""

    key = models.SlugField(_("key"), max_length=120, unique=True)
    topic = models.ForeignKey(
        Topic, models.SET_NULL, null=True, blank=True, related_name="articles", verbose_name=_("topic")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["key"]
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        permissions = [("publish_article", _("Can publish and withdraw articles"))]

    def __str__(self) -> str:
        return self.key

    def text_in(self, language: str, at: datetime | None = None) -> ArticleTranslation | None:
        """The published text that a reader of the language should get: theirs, or the nearest language."""
        texts = {row.language: row for row in self.translations.all() if row.is_public(at)}
        for code in preferred(language):
            if code in texts:
                return texts[code]
        return None


class ArticleTranslationQuerySet(models.QuerySet["ArticleTranslation"]):
    def published(self, at: datetime | None = None) -> ArticleTranslationQuerySet:
        return self.filter(status=ArticleTranslation.Status.PUBLISHED, published_at__lte=at or timezone.now())

    def in_language(self, language: str) -> ArticleTranslationQuerySet:
        return self.filter(language=language)

    def best_for(self, language: str) -> ArticleTranslationQuerySet:
        """One published text for each article: the reader's language where it exists, else the nearest."""
        rank = Case(
            *(When(language=code, then=Value(place)) for place, code in enumerate(preferred(language))),
            default=Value(99),
            output_field=IntegerField(),
        )
        nearer = (
            ArticleTranslation.objects.published()
            .annotate(rank=rank)
            .filter(article=OuterRef("article"), rank__lt=OuterRef("rank"))
        )
        return self.published().annotate(rank=rank).filter(~Exists(nearer))

    def needs_indexing(self) -> ArticleTranslationQuerySet:
        """Texts whose index entry is older than the text, among them withdrawn ones still in the index."""
        return self.filter(Q(indexed_at__isnull=True) | ~Q(indexed_at=models.F("updated_at"))).exclude(
            status=ArticleTranslation.Status.DRAFT, indexed_at__isnull=True
        )


class ArticleTranslation(models.Model):
    """What customers read in one language. Edits live in revisions until somebody publishes them."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    article = models.ForeignKey(Article, models.CASCADE, related_name="translations", verbose_name=_("article"))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, db_index=True)
    slug = models.SlugField(_("slug"), max_length=120)
    title = models.CharField(_("title"), max_length=160)
    summary = models.CharField(
        _("summary"), max_length=300, blank=True, help_text=_("The answer itself, in one or two sentences.")
    )
    body = models.TextField(
        _("text"), blank=True, help_text=_("Markdown. Link to another article as [words](article:key).")
    )
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.DRAFT, db_index=True)
    published_at = models.DateTimeField(_("first published"), null=True, blank=True)
    edited_at = models.DateTimeField(_("last edited"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    # Anything that the index must follow, phrasings and topic too; readers are shown `edited_at`.
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, db_index=True)
    indexed_at = models.DateTimeField(_("indexed"), null=True, editable=False)

    objects = ArticleTranslationQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        verbose_name = _("article text")
        verbose_name_plural = _("article texts")
        constraints = [
            models.UniqueConstraint(fields=["article", "language"], name="one_text_a_language"),
            models.UniqueConstraint(fields=["language", "slug"], name="slug_unique_in_language"),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False), name="published_has_its_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"

    def get_absolute_url(self) -> str:
        return reverse("article", args=[self.slug])

    def is_public(self, at: datetime | None = None) -> bool:
        return (
            self.status == self.Status.PUBLISHED
            and self.published_at is not None
            and self.published_at <= (at or timezone.now())
        )

    @cached_property
    def rendered(self) -> Rendered:
        return render(self.body, self.language)

    @property
    def blocks(self) -> list[str]:
        """The summary, then each section's text: what a passage may be cut from."""
        return [self.summary, *(section.text for section in self.rendered.sections)]

    @property
    def is_summary_repeated(self) -> bool:
        """Whether the text itself begins by saying what the summary says, so that showing both is once too often."""
        summary = set(terms(self.summary, self.language))
        first = next(iter(self.rendered.sections), None)
        beginning = set(terms(first.text.partition("\n")[0], self.language)) if first and not first.title else set()
        return bool(summary) and len(summary & beginning) >= 0.6 * len(summary)

    @cached_property
    def latest_revision(self) -> Revision | None:
        return self.revisions.order_by("-number").first()

    @property
    def has_unpublished_changes(self) -> bool:
        latest = self.latest_revision
        return latest is not None and latest.text != (self.title, self.summary, self.body)


class Revision(models.Model):
    """One saved state of a text: comparable with any other, and restorable."""

    translation = models.ForeignKey(
        ArticleTranslation, models.CASCADE, related_name="revisions", verbose_name=_("article text")
    )
    number = models.PositiveIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=160)
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    body = models.TextField(_("text"), blank=True)
    comment = models.CharField(_("what changed"), max_length=200, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    created_at = models.DateTimeField(_("saved"), default=timezone.now)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        constraints = [models.UniqueConstraint(fields=["translation", "number"], name="revision_numbered_once")]

    def __str__(self) -> str:
        return f"{self.title} #{self.number}"

    @property
    def text(self) -> tuple[str, str, str]:
        return self.title, self.summary, self.body
