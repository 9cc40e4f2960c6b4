"""How customers ask: other wordings of the question that an article answers, written or learned."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models.articles import Article


class PhrasingQuerySet(models.QuerySet["Phrasing"]):
    def active(self) -> PhrasingQuerySet:
        """Those that are searched and matched."""
        return self.filter(removed_at__isnull=True)

    def removed(self) -> PhrasingQuerySet:
        return self.filter(removed_at__isnull=False)

    def learned(self) -> PhrasingQuerySet:
        return self.filter(source=Phrasing.Source.CASE)


class ActivePhrasings(models.Manager.from_queryset(PhrasingQuerySet)):  # type: ignore[misc]
    """The default, so that `article.phrasings` and what is prefetched never hold a removed one."""

    def get_queryset(self) -> PhrasingQuerySet:
        found: PhrasingQuerySet = super().get_queryset()
        return found.active()


class Phrasing(models.Model):
    """One way in which customers ask what an article answers. Searched and matched, never shown."""

    class Source(models.TextChoices):
        AGENT = "agent", _("Written by an agent")
        CASE = "case", _("Learned from a solved case")
        GAP = "gap", _("A question that had no answer")

    article = models.ForeignKey(Article, models.CASCADE, related_name="phrasings", verbose_name=_("article"))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    text = models.CharField(_("text"), max_length=300)
    source = models.CharField(_("source"), max_length=8, choices=Source.choices, default=Source.AGENT)
    # What it was learned from, by a name that only the layer above can read; empty for one that was written.
    origin = models.CharField(_("origin"), max_length=80, blank=True, db_index=True, editable=False)
    # Kept when a person removes a learned one, so that it is never learned again.
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = ActivePhrasings()
    with_removed = PhrasingQuerySet.as_manager()

    class Meta:
        ordering = ["language", "pk"]
        verbose_name = _("phrasing")
        verbose_name_plural = _("phrasings")
        constraints = [
            models.UniqueConstraint(
                fields=["article", "language", "text"],
                condition=Q(removed_at__isnull=True),
                name="phrasing_once_an_article",
            ),
            models.UniqueConstraint(
                fields=["article", "origin"], condition=~Q(origin=""), name="phrasing_once_an_origin"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_removed(self) -> bool:
        return self.removed_at is not None
