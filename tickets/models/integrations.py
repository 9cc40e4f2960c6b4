"""Other systems: tokens with which they ask us, and webhooks with which we tell them."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ApiToken(models.Model):
    """A key to the API, with the rights of one role. Only its hash is kept; it is shown once, when it is made."""

    name = models.CharField(_("name"), max_length=80, help_text=_("Which system uses it."))
    role = models.ForeignKey("auth.Group", models.PROTECT, related_name="api_tokens", verbose_name=_("role"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="api_tokens",
        verbose_name=_("acts as"),
        help_text=_("Whose name stands in the history of what it does."),
    )
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return self.name


class Webhook(models.Model):
    """An address that is told what happens to cases and articles."""

    name = models.CharField(_("name"), max_length=80)
    url = models.URLField(_("address"), max_length=500)
    secret = models.CharField(_("secret"), max_length=100, help_text=_("With which what we send is signed."))
    events = models.JSONField(_("events"), default=list, help_text=_("Which events; empty: all."), blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    # When nothing has arrived for too long, it is stopped, and somebody has to look at it.
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.name


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def due(self, at: datetime) -> WebhookDeliveryQuerySet:
        return self.filter(status=WebhookDelivery.Status.QUEUED, next_attempt_at__lte=at, webhook__is_active=True)

    def stuck(self, before: datetime) -> WebhookDeliveryQuerySet:
        """Claimed by a worker that then died."""
        return self.filter(status=WebhookDelivery.Status.SENDING, claimed_at__lt=before)


class WebhookDelivery(models.Model):
    """One event on its way to one webhook. Its ID stays the same over all attempts, so a receiver can drop doubles."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", verbose_name=_("webhook"))
    event = models.CharField(_("event"), max_length=40)
    payload = models.JSONField(_("content"))
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.QUEUED, db_index=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    response_status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        indexes = [models.Index(fields=["status", "next_attempt_at"], name="webhook_due")]

    def __str__(self) -> str:
        return f"{self.event} -> {self.webhook}"
