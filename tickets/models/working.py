"""What agents work with: macros, saved filters, drafts, who looks at what, jobs over many cases."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models.teams import Team
from tickets.models.tickets import Message, Ticket, _attachment_path, _attachment_storage

PRESENT_FOR = timedelta(seconds=45)
"""How long after their last sign of life somebody still counts as looking."""


class Macro(models.Model):
    """A prepared answer, and what is done with the case on the way: of one team, or of all."""

    name = models.CharField(_("name"), max_length=80)
    team = models.ForeignKey(
        Team,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="macros",
        verbose_name=_("team"),
        help_text=_("Empty: everybody's."),
    )
    then = models.CharField(_("then"), max_length=20, blank=True, choices=Ticket.Status.choices)
    priority = models.CharField(_("priority"), max_length=10, blank=True, choices=Ticket.Priority.choices)
    tags = models.ManyToManyField("tickets.Tag", blank=True, related_name="macros", verbose_name=_("add tags"))
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("macro")
        verbose_name_plural = _("macros")

    def __str__(self) -> str:
        return self.name


class MacroText(models.Model):
    macro = models.ForeignKey(Macro, models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    body = models.TextField(
        _("text"),
        help_text=_(
            "Placeholders: {{ customer.name }}, {{ customer.first_name }}, {{ case.reference }}, {{ case.subject }}, "
            "{{ case.url }}, {{ agent.name }}, {{ organisation.name }}"
        ),
    )

    class Meta:
        verbose_name = _("text of a macro")
        verbose_name_plural = _("texts of macros")
        constraints = [models.UniqueConstraint(fields=["macro", "language"], name="one_macro_text_a_language")]

    def __str__(self) -> str:
        return f"{self.macro} ({self.language})"


class MacroUse(models.Model):
    """One answer that was written with a macro, counted when it is sent."""

    macro = models.ForeignKey(Macro, models.CASCADE, related_name="uses")
    message = models.ForeignKey(Message, models.CASCADE, related_name="macro_uses")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["macro", "message"], name="macro_counted_once")]


class SavedFilter(models.Model):
    """A list of cases that somebody comes back to: the query of the desk's address, under a name."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_filters")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("query"), max_length=1000)
    is_shared = models.BooleanField(_("for everybody"), default=False)
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="saved_filters", verbose_name=_("for the team")
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="filter_named_once")]

    def __str__(self) -> str:
        return self.name


class Draft(models.Model):
    """An answer or note that an agent has begun, kept on the server so that it follows them."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("Answer")
        NOTE = "note", _("Internal note")

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5, choices=Kind.choices, default=Kind.REPLY)
    body = models.TextField(blank=True)
    macros = models.JSONField(default=list)
    """The macros that went into it, by primary key: they are counted, and act on the case, when it is sent."""
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user", "kind"], name="one_draft_a_kind")]


class DraftFile(models.Model):
    """A file that waits for the answer which it is to go with."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="files")
    file = models.FileField(upload_to=_attachment_path, storage=_attachment_storage)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text=_("Bytes."))

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class HeldSend(models.Model):
    """What an agent has just sent and can still take back, with all that it changed.

    `message` is None where a case was solved without a word.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="held_sends")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    message = models.OneToOneField(Message, models.CASCADE, null=True, related_name="held_send")
    job = models.ForeignKey("tickets.BulkJob", models.SET_NULL, null=True, blank=True, related_name="held_sends")
    """The change of many cases that it is part of; one answer by itself has none."""
    until = models.DateTimeField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    """Fields of the case: what has another value than `after` by then was changed by somebody else, and stays."""
    events = models.JSONField(default=list)
    outbox = models.JSONField(default=list)
    tags = models.JSONField(default=list)
    """Names of the tags that it added."""
    created_at = models.DateTimeField(default=timezone.now)


class PresenceQuerySet(models.QuerySet["Presence"]):
    def current(self, at: datetime) -> PresenceQuerySet:
        return self.filter(seen_at__gt=at - PRESENT_FOR)


class Presence(models.Model):
    """That an agent has a case before them now, and whether they are writing."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)
    typing_at = models.DateTimeField(null=True, blank=True)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="one_presence_a_case")]


class Mention(models.Model):
    """Somebody was named in a note, and has or has not read it."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentions")
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="mentioned_once")]
        indexes = [models.Index(fields=["user", "seen_at"], name="mentions_unread")]


class BulkJob(models.Model):
    """One change to many cases, done by the worker bit by bit; it can be watched, and survives a restart."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("At work")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="bulk_jobs")
    action = models.CharField(max_length=30)
    values = models.JSONField(default=dict)
    ticket_ids = models.JSONField(default=list)
    done = models.PositiveIntegerField(default=0)
    """How many of `ticket_ids`, from the first on, have been dealt with."""
    failures = models.JSONField(default=list)
    """What could not be done: [reference, reason] each."""
    taken_back = models.JSONField(default=list)
    """Those of `ticket_ids` in which what had not left was undone when the job was stopped."""
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]

    @property
    def total(self) -> int:
        return len(self.ticket_ids)

    @property
    def is_going_on(self) -> bool:
        return self.status in (self.Status.WAITING, self.Status.RUNNING)

    @property
    def untouched(self) -> list[int]:
        """The cases that are as they were before it."""
        return [*self.taken_back, *self.ticket_ids[self.done :]]

    def held(self, at: datetime) -> models.QuerySet[HeldSend]:
        """What it has written and what can still be taken back."""
        return HeldSend.objects.filter(job=self, until__gt=at)
