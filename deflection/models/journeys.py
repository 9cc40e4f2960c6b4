"""Journeys: one attempt of one customer to get help, across pages and channels. Pseudonymous."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models import Article
from tickets.models import Customer

# After a rest this long, whoever comes back begins a new attempt.
REST = timedelta(hours=12)


class JourneyQuerySet(models.QuerySet["Journey"]):
    def between(self, start: datetime, end: datetime) -> JourneyQuerySet:
        return self.filter(started_at__gte=start, started_at__lt=end)

    def measured(self) -> JourneyQuerySet:
        """Without those who asked not to be counted."""
        return self.filter(is_measured=True)


class Journey(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    # The browser that it belongs to: the same for all journeys that followed one another under its cookie.
    visitor = models.UUIDField(_("visitor"), default=uuid.uuid4, db_index=True, editable=False)
    # Known once they log in, follow a signed link, or quote a reference.
    customer = models.ForeignKey(
        Customer, models.SET_NULL, null=True, blank=True, related_name="journeys", verbose_name=_("customer")
    )
    # The same attempt began elsewhere: on another device, or before the phone was picked up.
    continues = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="continued_by", verbose_name=_("goes on from")
    )
    # Do Not Track and Global Privacy Control: such a journey carries drafts and context, and counts nowhere.
    is_measured = models.BooleanField(_("counted"), default=True)
    # Not where another site's program began it through the API: it asks for suggestions because it wants them.
    may_be_held_out = models.BooleanField(default=True, editable=False)
    started_at = models.DateTimeField(_("begun"), default=timezone.now, db_index=True)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    # Since then nothing leads from it to anybody: it is there to be counted.
    forgotten_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = JourneyQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        verbose_name = _("journey")
        verbose_name_plural = _("journeys")
        permissions = [
            ("view_reports", _("Can see the reports")),
            ("handle_personal_data", _("Can hand out and erase what is kept of a customer")),
        ]
        indexes = [
            models.Index(
                fields=["last_seen_at"], condition=models.Q(forgotten_at__isnull=True), name="journey_to_forget"
            )
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M} {self.language}"

    def is_over(self, at: datetime) -> bool:
        return self.ended_at is not None or at - self.last_seen_at > REST


class JourneyEvent(models.Model):
    """One step of a journey. Searches and readings are knowledge's own records, found by the journey's name."""

    class Kind(models.TextChoices):
        CONTACT_OPENED = "contact_opened", _("Opened the contact form")
        SUGGESTIONS_SHOWN = "suggestions_shown", _("Suggestions shown")
        SUGGESTION_OPENED = "suggestion_opened", _("Opened a suggestion")
        SUGGESTION_DISMISSED = "suggestion_dismissed", _("Dismissed a suggestion")
        ARTICLE_VIEWED = "article_viewed", _("Read an article")
        ANSWERED = "answered", _("Said it was answered")
        NOT_ANSWERED = "not_answered", _("Said it was not answered")
        CHANNEL_CHOSEN = "channel_chosen", _("Chose a channel")
        CASE_SENT = "case_sent", _("Sent a case")
        HELP_OFFERED = "help_offered", _("Was offered help in context")
        HELP_TAKEN = "help_taken", _("Took help in context")
        HELP_DISMISSED = "help_dismissed", _("Dismissed help in context")

    journey = models.ForeignKey(Journey, models.CASCADE, related_name="events", verbose_name=_("journey"))
    kind = models.CharField(_("what"), max_length=24, choices=Kind.choices, db_index=True)
    article = models.ForeignKey(
        Article, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("article")
    )
    channel = models.CharField(_("channel"), max_length=10, blank=True)
    # For suggestions shown: [[article id, probability], ...].
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("step of a journey")
        verbose_name_plural = _("steps of journeys")
        indexes = [models.Index(fields=["kind", "created_at"], name="journey_event_kind")]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class SpokenReference(models.Model):
    """A few signs by which a customer names their journey to whoever picks up: "H7K 4QM"."""

    code = models.CharField(_("reference"), max_length=12, unique=True)
    journey = models.ForeignKey(Journey, models.CASCADE, related_name="spoken_references", verbose_name=_("journey"))
    created_at = models.DateTimeField(_("given"), default=timezone.now)
    expires_at = models.DateTimeField(_("valid until"), db_index=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("spoken reference")
        verbose_name_plural = _("spoken references")

    def __str__(self) -> str:
        return self.code
