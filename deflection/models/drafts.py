"""What customers have begun to write on the contact page, and the files that they have sent ahead of it."""

from __future__ import annotations

import uuid

from django.core.files.storage import Storage, storages
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deflection.models.journeys import Journey


class ContactDraft(models.Model):
    """A message that has not been sent. It goes with its journey, and when the message is sent."""

    journey = models.OneToOneField(Journey, models.CASCADE, related_name="draft", verbose_name=_("journey"))
    # What stands in the form: {"message": "...", "email": "...", "topic": slug, "fields": {key: "..."},
    # "dismissed": [article ids], "key": the form's idempotency key}. Nothing of it has been checked.
    values = models.JSONField(default=dict)
    # Counts every change; whoever saves says on which version it was written.
    version = models.PositiveIntegerField(default=1)
    # Other texts that were written at the same time in another tab or browser, newest first: offered back.
    others = models.JSONField(default=list)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, db_index=True)
    # An agent wrote the case from it while the customer was on the phone: its reference.
    taken_as = models.CharField(_("became the case"), max_length=20, blank=True)

    class Meta:
        ordering = ["-updated_at"]
        verbose_name = _("draft of a message")
        verbose_name_plural = _("drafts of messages")

    def __str__(self) -> str:
        return str(self.values.get("message", ""))[:60]


def _upload_path(instance: models.Model, filename: str) -> str:
    # Nothing of the customer's name for it: a name on disk must say nothing and be unguessable.
    return f"uploads/{timezone.now():%Y/%m}/{uuid.uuid4().hex}"


def _storage() -> Storage:
    return storages["attachments"]


class UploadQuerySet(models.QuerySet["Upload"]):
    def waiting(self) -> UploadQuerySet:
        """What will be sent with the message, whole or still on its way."""
        return self.filter(sent_at__isnull=True, set_aside_at__isnull=True)

    def whole(self) -> UploadQuerySet:
        return self.exclude(file="")


class Upload(models.Model):
    """A file on its way to us, in parts, before the message that it belongs to is sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    journey = models.ForeignKey(Journey, models.CASCADE, related_name="uploads", verbose_name=_("journey"))
    name = models.CharField(_("name"), max_length=200)
    size = models.PositiveIntegerField(_("size"), help_text=_("Bytes."))
    offset = models.PositiveIntegerField(_("received"), default=0, help_text=_("Bytes."))
    # Empty until the last part is there and the content has been looked at.
    file = models.FileField(upload_to=_upload_path, storage=_storage, blank=True)
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, db_index=True)
    # "Start over" puts it aside, so that it can be undone.
    set_aside_at = models.DateTimeField(null=True, blank=True)
    # Kept for a while after sending, without its content: the same form sent twice must not miss its file.
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("uploaded file")
        verbose_name_plural = _("uploaded files")

    def __str__(self) -> str:
        return self.name

    @property
    def is_whole(self) -> bool:
        return bool(self.file)


class UploadPart(models.Model):
    """Bytes of an upload from `start` on, as one request brought them."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="parts")
    start = models.PositiveIntegerField()
    file = models.FileField(upload_to=_upload_path, storage=_storage)

    class Meta:
        ordering = ["start"]
        constraints = [models.UniqueConstraint(fields=["upload", "start"], name="bytes_taken_once")]

    def __str__(self) -> str:
        return f"{self.upload_id} {self.start}"
