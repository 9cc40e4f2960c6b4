"""Content gaps: clusters of questions that the knowledge base did not answer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from knowledge.models.articles import Article
from knowledge.models.topics import Topic


class ContentGapQuerySet(models.QuerySet["ContentGap"]):
    def waiting(self) -> ContentGapQuerySet:
        """Gaps that nobody has taken on."""
        return self.filter(status=ContentGap.Status.OPEN)

    def biggest_first(self) -> ContentGapQuerySet:
        return self.order_by("-case_count", "-search_count", "-last_asked_at")


class ContentGap(models.Model):
    """One thing that customers ask and no article answers, with the evidence for it."""

    class Status(models.TextChoices):
        OPEN = "open", _("Waiting")
        DRAFTED = "drafted", _("Being written")
        ANSWERED = "answered", _("Answered")
        DISMISSED = "dismissed", _("Dismissed")

    title = models.CharField(_("question"), max_length=160)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    topic = models.ForeignKey(
        Topic, models.SET_NULL, null=True, blank=True, related_name="gaps", verbose_name=_("topic")
    )
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.OPEN, db_index=True)
    case_count = models.PositiveIntegerField(_("cases"), default=0)
    search_count = models.PositiveIntegerField(_("searches"), default=0)
    article = models.ForeignKey(
        Article, models.SET_NULL, null=True, blank=True, related_name="gaps", verbose_name=_("article")
    )
    first_asked_at = models.DateTimeField(_("first asked"), default=timezone.now)
    last_asked_at = models.DateTimeField(_("last asked"), default=timezone.now)

    objects = ContentGapQuerySet.as_manager()

    class Meta:
        ordering = ["-case_count", "-search_count"]
        verbose_name = _("content gap")
        verbose_name_plural = _("content gaps")

    def __str__(self) -> str:
        return self.title


class GapEvidence(models.Model):
    """One question behind a gap. `source` names it for good, so that gathering twice adds nothing."""

    class Kind(models.TextChoices):
        SEARCH = "search", pgettext_lazy("kind of question", "Search")
        CASE = "case", _("Case")

    gap = models.ForeignKey(ContentGap, models.CASCADE, related_name="evidence", verbose_name=_("content gap"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    source = models.CharField(_("source"), max_length=80, unique=True)
    text = models.TextField(_("text"))
    times = models.PositiveIntegerField(_("times"), default=1)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = _("question behind a gap")
        verbose_name_plural = _("questions behind gaps")

    def __str__(self) -> str:
        return self.text[:80]
