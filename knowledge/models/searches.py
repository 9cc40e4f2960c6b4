"""What customers looked for and read. `origin` is an opaque string: whose visit it was is not known here."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models.articles import Article, ArticleTranslation


class SearchEventQuerySet(models.QuerySet["SearchEvent"]):
    def between(self, start: datetime, end: datetime) -> SearchEventQuerySet:
        return self.filter(created_at__gte=start, created_at__lt=end)

    def without_result(self) -> SearchEventQuerySet:
        return self.filter(result_count=0)

    def unanswered(self) -> SearchEventQuerySet:
        """Nothing was found, or only something near it that nobody opened."""
        return self.filter(Q(result_count=0) | Q(matched="some", opened__isnull=True))


class SearchEvent(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    text = models.CharField(_("text"), max_length=200)
    normalised = models.CharField(_("normalised"), max_length=200, db_index=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    result_count = models.PositiveIntegerField(_("results"))
    matched = models.CharField(
        _("words found"), max_length=4, default="all", help_text=_("Whether the results held all, some or none of it.")
    )
    opened = models.ForeignKey(
        Article, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("opened")
    )
    origin = models.CharField(max_length=40, blank=True, db_index=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_index=True)

    objects = SearchEventQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("search")
        verbose_name_plural = _("searches")

    def __str__(self) -> str:
        return self.text


class ArticleView(models.Model):
    """One reading of an article. Counted for popularity; tied to a visit by its opaque origin only."""

    translation = models.ForeignKey(ArticleTranslation, models.CASCADE, related_name="views")
    origin = models.CharField(max_length=40, blank=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("article view")
        verbose_name_plural = _("article views")
