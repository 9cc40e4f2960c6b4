"""What steers and teaches the matcher: when it may speak, and what customers rejected."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models import Article

# Below this probability nothing is shown: a wrong suggestion costs trust.
DEFAULT_THRESHOLD = 0.4
LOWEST_THRESHOLD, HIGHEST_THRESHOLD = 0.05, 0.95
_CACHE_KEY = "matching-threshold"
# Seconds until a process without a shared cache sees what another one changed.
_CACHED_FOR = 10


class MatchingSettings(models.Model):
    """One row: what managers set about suggestions."""

    # Empty: whatever is recommended, in this version and the next.
    show_from = models.FloatField(
        _("show suggestions from"),
        null=True,
        blank=True,
        validators=[MinValueValidator(LOWEST_THRESHOLD), MaxValueValidator(HIGHEST_THRESHOLD)],
        help_text=_("The probability, from 0.05 to 0.95, that an article answers. Below it nothing is suggested."),
    )
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("suggestion setting")
        verbose_name_plural = _("suggestion settings")

    def __str__(self) -> str:
        return f"{self.threshold:g}"

    @property
    def threshold(self) -> float:
        return DEFAULT_THRESHOLD if self.show_from is None else self.show_from

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)


def current_threshold() -> float:
    """The probability from which suggestions are shown. Costs no query for some seconds."""
    found: float | None = cache.get(_CACHE_KEY)
    if found is None:
        found = (MatchingSettings.objects.filter(pk=1).first() or MatchingSettings()).threshold
        cache.set(_CACHE_KEY, found, _CACHED_FOR)
    return found


def forget_threshold() -> None:
    cache.delete(_CACHE_KEY)


class RejectionQuerySet(models.QuerySet["Rejection"]):
    def active(self) -> RejectionQuerySet:
        """Those that the matcher learns from."""
        return self.filter(removed_at__isnull=True)

    def removed(self) -> RejectionQuerySet:
        return self.filter(removed_at__isnull=False)


class Rejection(models.Model):
    """A question that an article did not answer, as customers showed. Scrubbed; never shown to customers."""

    class Source(models.TextChoices):
        DISMISSED = "dismissed", _("“Not quite” to a suggestion")
        NOT_ANSWERED = "not_answered", _("Said it was not answered")
        CASE_FOLLOWED = "case_followed", _("Opened it, and a case followed")

    article = models.ForeignKey(Article, models.CASCADE, related_name="rejections", verbose_name=_("article"))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    text = models.CharField(_("text"), max_length=300)
    source = models.CharField(_("source"), max_length=16, choices=Source.choices)
    # The journey, as an opaque name: journeys are forgotten sooner than what was learned from them.
    origin = models.CharField(_("origin"), max_length=40, blank=True, db_index=True, editable=False)
    # Kept when a person removes one, so that it is not gathered again.
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = RejectionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("rejected suggestion")
        verbose_name_plural = _("rejected suggestions")
        constraints = [
            models.UniqueConstraint(
                fields=["article", "origin"], condition=~Q(origin=""), name="rejection_once_a_journey"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_removed(self) -> bool:
        return self.removed_at is not None


class LearningProgress(models.Model):
    """How far a background job has read a stream of events."""

    stream = models.CharField(max_length=20, primary_key=True)
    last_event = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("progress of learning")
        verbose_name_plural = _("progress of learning")

    def __str__(self) -> str:
        return f"{self.stream} {self.last_event}"
