"""Feedback: what readers say of a text, and of which revision they said it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models.articles import ArticleTranslation, Revision


class Feedback(models.Model):
    """Helpful or not, why not, in the reader's own words. One a reader and text; a later one replaces it."""

    class Reason(models.TextChoices):
        NOT_RELEVANT = "not_relevant", _("It is about something else")
        UNCLEAR = "unclear", _("It is hard to understand")
        INCOMPLETE = "incomplete", _("Something is missing")
        DID_NOT_WORK = "did_not_work", _("I did as it says, and it did not work")
        OUTDATED = "outdated", _("It is out of date")

    translation = models.ForeignKey(
        ArticleTranslation, models.CASCADE, related_name="feedback", verbose_name=_("article text")
    )
    revision = models.ForeignKey(
        Revision, models.SET_NULL, null=True, blank=True, related_name="feedback", verbose_name=_("revision")
    )
    is_helpful = models.BooleanField(_("helpful"))
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    origin = models.CharField(max_length=40, blank=True, db_index=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints = [
            models.UniqueConstraint(
                fields=["translation", "origin"], condition=~models.Q(origin=""), name="feedback_once_a_reader"
            )
        ]

    def __str__(self) -> str:
        return f"{self.translation}: {'+' if self.is_helpful else '-'}"
