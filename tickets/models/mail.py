"""The outbox, which no outbound message bypasses, and the raw mail that came in."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models.channels import ChannelKind
from tickets.models.tickets import Message, Ticket


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    def due(self, at: datetime) -> OutboxQuerySet:
        return self.filter(status=OutboxMessage.Status.QUEUED, next_attempt_at__lte=at)

    def stuck(self, before: datetime) -> OutboxQuerySet:
        """Claimed by a worker that then died."""
        return self.filter(status=OutboxMessage.Status.SENDING, claimed_at__lt=before)


class OutboxMessage(models.Model):
    """One message on its way out. Written in the transaction that caused it, delivered by the worker."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # What this message is, said once: a second attempt to write the same one is refused by the database.
    unique_key = models.CharField(max_length=120, unique=True)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="outbox", verbose_name=_("case"))
    message = models.ForeignKey(
        Message, models.SET_NULL, null=True, blank=True, related_name="outbox", verbose_name=_("message")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=ChannelKind.choices, default=ChannelKind.EMAIL)
    recipient = models.CharField(_("to"), max_length=254)
    subject = models.CharField(_("subject"), max_length=250)
    body_text = models.TextField(_("text"))
    body_html = models.TextField(_("HTML"), blank=True)
    headers = models.JSONField(default=dict)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.QUEUED, db_index=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("outbound message")
        verbose_name_plural = _("outbox")
        indexes = [models.Index(fields=["status", "next_attempt_at"], name="outbox_due")]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.subject}"


class InboundMailQuerySet(models.QuerySet["InboundMail"]):
    def unheard(self) -> InboundMailQuerySet:
        """Kept, yet in no case: a person may have written these, and somebody should look."""
        outcome = InboundMail.Outcome
        return self.filter(outcome__in=[outcome.RECEIVED, outcome.STRANGER, outcome.UNKNOWN, outcome.UNREADABLE])


class InboundMail(models.Model):
    """A raw message as it arrived, kept before anything was made of it, with what became of it."""

    class Outcome(models.TextChoices):
        RECEIVED = "received", _("Not looked at yet")
        TAKEN = "taken", _("Added to a case")
        DUPLICATE = "duplicate", _("Had come before")
        AUTOMATIC = "automatic", _("Automatic answer, kept without acting on it")
        STRANGER = "stranger", _("The sender does not belong to the case")
        UNKNOWN = "unknown", _("Answers none of our messages")
        UNREADABLE = "unreadable", _("Cannot be read")

    digest = models.CharField(max_length=64, unique=True)
    raw = models.BinaryField()
    sender = models.CharField(_("from"), max_length=254, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=12, choices=Outcome.choices, default=Outcome.RECEIVED, db_index=True
    )
    message = models.ForeignKey(
        Message, models.SET_NULL, null=True, blank=True, related_name="mails", verbose_name=_("message")
    )
    ticket = models.ForeignKey(
        Ticket, models.SET_NULL, null=True, blank=True, related_name="mails", verbose_name=_("case")
    )
    received_at = models.DateTimeField(_("received"), default=timezone.now)

    objects = InboundMailQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at"]
        verbose_name = _("inbound mail")
        verbose_name_plural = _("inbound mail")

    def __str__(self) -> str:
        return f"{self.sender}: {self.subject}"
