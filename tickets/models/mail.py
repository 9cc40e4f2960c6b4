"""The outbox, which no outbound message bypasses, and the raw mail that came in."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
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
    cc = models.JSONField(_("copy"), default=list)
    # Who is still to get it, where a mail server took it for some and refused others. Empty: everybody named above.
    remaining = models.JSONField(default=list, editable=False)
    headers = models.JSONField(default=dict)
    # Written by the system rather than by a person: such letters are counted, and stop before they become a loop.
    is_automatic = models.BooleanField(_("automatic"), default=False)
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
        indexes = [
            models.Index(fields=["status", "next_attempt_at"], name="outbox_due"),
            # Automatic letters to one address are counted before another is written.
            models.Index(fields=["recipient", "created_at"], name="outbox_by_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.subject}"

    @property
    def recipients(self) -> list[str]:
        """Whom the next attempt is for."""
        return self.remaining or [self.recipient, *self.cc]


class InboundMailQuerySet(models.QuerySet["InboundMail"]):
    def unheard(self) -> InboundMailQuerySet:
        """Kept, yet in no case: a person may have written these, and somebody should look."""
        outcome = InboundMail.Outcome
        return self.filter(outcome__in=[outcome.RECEIVED, outcome.HELD, outcome.UNREADABLE]).exclude(
            cause=InboundMail.Cause.BLOCKED
        )

    def automatic(self) -> InboundMailQuerySet:
        """What machines wrote: answers, lists, returned letters, receipts."""
        return self.filter(outcome__in=[InboundMail.Outcome.AUTOMATIC, InboundMail.Outcome.BOUNCE])

    def left_aside(self) -> InboundMailQuerySet:
        return self.filter(cause=InboundMail.Cause.BLOCKED)

    def in_cases(self) -> InboundMailQuerySet:
        outcome = InboundMail.Outcome
        return self.filter(outcome__in=[outcome.TAKEN, outcome.OPENED, outcome.LINKED])

    def stuck(self, before: datetime) -> InboundMailQuerySet:
        """Kept by a process that ended before it had looked at them."""
        return self.filter(outcome=InboundMail.Outcome.RECEIVED, error="", received_at__lt=before)


class InboundMail(models.Model):
    """A raw message as it arrived, kept before anything was made of it, with what became of it."""

    class Outcome(models.TextChoices):
        RECEIVED = "received", _("Not looked at yet")
        TAKEN = "taken", _("Added to a case")
        OPENED = "opened", _("Opened a case")
        LINKED = "linked", _("Opened a case linked to another")
        DUPLICATE = "duplicate", _("Had come before")
        AUTOMATIC = "automatic", _("Automatic answer, kept without acting on it")
        BOUNCE = "bounce", _("A message of ours that came back")
        HELD = "held", _("Kept for somebody to look at")
        UNREADABLE = "unreadable", _("Cannot be read")

    class Cause(models.TextChoices):
        """Why a mail was not simply taken."""

        NONE = "", ""
        AUTO_REPLY = "auto_reply", _("An automatic answer")
        OUT_OF_OFFICE = "out_of_office", _("Out of office")
        LIST = "list", _("Sent to a list or in bulk")
        BOUNCE_FAILED = "bounce_failed", _("A mail server says: not delivered")
        BOUNCE_DELAYED = "bounce_delayed", _("A mail server says: delayed")
        RECEIPT = "receipt", _("A receipt: delivered, or read")
        OWN_MAIL = "own_mail", _("Our own mail has come back to us")
        RATE = "rate", _("Too many from one sender in a short time")
        FAILED_AUTHENTICATION = "failed_auth", _("The sender's address is probably forged")
        NO_SENDER = "no_sender", _("It does not say who sent it")
        TOO_LARGE = "too_large", _("Larger than we take")
        FORWARDED = "forwarded", _("Passed on by a colleague")
        EMPTY = "empty", _("Nothing in it can be read")
        NOT_PARTICIPANT = "stranger", _("The sender does not take part in the case")
        BROKEN = "broken", _("Reading it failed")
        BLOCKED = "blocked", _("Somebody decided to leave it aside")

    class Source(models.TextChoices):
        PIPE = "pipe", _("Mail server's pipe")
        IMAP = "imap", "IMAP"
        LMTP = "lmtp", "LMTP"
        WEBHOOK = "webhook", _("Mail provider")

    digest = models.CharField(max_length=64, unique=True)
    raw = models.BinaryField()
    sender = models.CharField(_("from"), max_length=254, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=12, choices=Outcome.choices, default=Outcome.RECEIVED, db_index=True
    )
    cause = models.CharField(_("cause"), max_length=16, choices=Cause.choices, blank=True, db_index=True)
    error = models.TextField(_("error"), blank=True)
    source = models.CharField(_("came by"), max_length=8, choices=Source.choices, default=Source.PIPE)
    # The envelope, where the way it came by has one (RFC 5321, 3.3); "<>" is the empty return path.
    envelope_from = models.CharField(max_length=254, blank=True)
    envelope_to = models.JSONField(default=list)
    # Its Message-ID, by which the same letter is known when it comes twice by different ways.
    rfc_id = models.CharField(max_length=250, blank=True, db_index=True, editable=False)
    # What two deliveries of one letter have in common besides: its sender, and its date or its words, as a digest.
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    preview = models.TextField(
        _("text"), blank=True, editable=False, help_text=_("The beginning of what is new in it.")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
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
        indexes = [
            models.Index(fields=["sender", "received_at"], name="mail_of_sender"),
            models.Index(fields=["outcome", "-received_at"], name="mail_by_outcome_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.sender}: {self.subject}"
