"""The addresses that we have, and under which name each writes."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models import Topic
from tickets.models.channels import Channel, ChannelKind
from tickets.models.teams import Team


class Mailbox(models.Model):
    """One address of ours. Cases that come to it are answered from it, under its name.

    The e-mail channel's address is the mailbox of everything else, and needs no row here.
    """

    address = models.EmailField(_("address"), unique=True)
    sender_name = models.CharField(
        _("sender's name"), max_length=80, blank=True, help_text=_("Empty: the organisation's name.")
    )
    language = models.CharField(
        _("language"),
        max_length=5,
        blank=True,
        choices=settings.LANGUAGES,
        help_text=_("Of letters too short to tell their language."),
    )
    topic = models.ForeignKey(
        Topic, models.SET_NULL, null=True, blank=True, related_name="mailboxes", verbose_name=_("topic")
    )
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="mailboxes", verbose_name=_("team")
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["address"]
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")

    def __str__(self) -> str:
        return self.address

    def clean(self) -> None:
        """One address, however it is written; and the e-mail channel's own needs no row."""
        self.address = self.address.strip().lower()
        if Channel.objects.filter(kind=ChannelKind.EMAIL, address__iexact=self.address).exists():
            raise ValidationError({"address": _("That is the address of the e-mail channel, which needs no mailbox.")})
        if Mailbox.objects.filter(address__iexact=self.address).exclude(pk=self.pk).exists():
            raise ValidationError({"address": _("There is a mailbox with that address already.")})


class FetchPositionQuerySet(models.QuerySet["FetchPosition"]):
    def failing(self) -> FetchPositionQuerySet:
        return self.exclude(last_error="")


class FetchPosition(models.Model):
    """How far a folder of an IMAP account has been read (RFC 9051, 2.3.1.1: UIDs hold while UIDVALIDITY does)."""

    account = models.CharField(_("account"), max_length=254)
    folder = models.CharField(_("folder"), max_length=120, default="INBOX")
    uid_validity = models.PositiveBigIntegerField(default=0)
    last_uid = models.PositiveBigIntegerField(default=0)
    fetched_at = models.DateTimeField(_("last read"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    # Which process reads the folder, and until when nobody else may; it renews that while it lives.
    reader = models.CharField(max_length=64, blank=True, editable=False)
    reader_until = models.DateTimeField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = FetchPositionQuerySet.as_manager()

    class Meta:
        verbose_name = _("place in a mail folder")
        verbose_name_plural = _("places in mail folders")
        constraints = [models.UniqueConstraint(fields=["account", "folder"], name="one_position_a_folder")]

    def __str__(self) -> str:
        return f"{self.account} {self.folder}"
