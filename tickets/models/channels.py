"""The ways to reach a person, and the policy of when and where each is offered."""

from __future__ import annotations

import re
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from knowledge.models import Topic
from knowledge.search.languages import preferred
from tickets.models.calendars import Calendar

_NUMBER = re.compile(r"\+?(?:[\s()/.-]*[0-9]){3,15}[\s()]*")
_ALWAYS = models.Q(hours__isnull=True, begins_at__isnull=True, ends_at__isnull=True)
_ONE_LASTING = _("There is a policy for this channel here already. Change that one, or give this one hours or dates.")


class ChannelKind(models.TextChoices):
    FORM = "form", _("Contact form")
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    CHAT = "chat", _("Chat")
    CALLBACK = "callback", _("Call-back")


class Channel(models.Model):
    """One way to reach us. `address` is the number or mailbox; the calendar says when a person answers."""

    kind = models.CharField(_("channel"), max_length=10, choices=ChannelKind.choices, unique=True)
    address = models.CharField(
        _("number or address"), max_length=254, blank=True, help_text=_("A phone number, or the support mailbox.")
    )
    calendar = models.ForeignKey(
        Calendar,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="channels",
        verbose_name=_("opening hours"),
        help_text=_("Empty: always open."),
    )
    promised_seconds = models.PositiveIntegerField(
        _("answers within"),
        default=120,
        help_text=_("Seconds. For chat: who has no answer by then is told so, and the chat goes on as a case."),
    )
    slots_per_quarter = models.PositiveSmallIntegerField(
        _("calls in a quarter of an hour"),
        default=2,
        help_text=_("For call-back: how many can be booked for the same quarter."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "kind"]
        verbose_name = _("channel")
        verbose_name_plural = _("channels")

    def __str__(self) -> str:
        return self.get_kind_display()

    def clean(self) -> None:
        if self.kind == ChannelKind.PHONE and not self.has_number:
            raise ValidationError({"address": _("Write the number that customers call, such as +46 31 390 06 10.")})
        if self.kind == ChannelKind.EMAIL and self.address and not self.has_mailbox:
            raise ValidationError({"address": _("Write the whole e-mail address, such as help@example.com.")})

    @property
    def has_number(self) -> bool:
        """Whether its address can be called."""
        return _NUMBER.fullmatch(self.address.strip()) is not None

    @property
    def has_mailbox(self) -> bool:
        """Whether its address can be written to."""
        try:
            validate_email(self.address)
        except ValidationError:
            return False
        return True


class ChannelText(models.Model):
    """What customers read of a channel, in one language."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    detail = models.CharField(
        _("what to know"),
        max_length=160,
        blank=True,
        help_text=_("“Have your order number ready.” How long an answer takes is measured and shown by itself."),
    )
    closed_reason = models.CharField(
        _("when closed by policy"),
        max_length=200,
        blank=True,
        help_text=_("Why, and what to do instead."),
    )

    class Meta:
        verbose_name = _("channel text")
        verbose_name_plural = _("channel texts")
        constraints = [models.UniqueConstraint(fields=["channel", "language"], name="one_channel_text_a_language")]

    def __str__(self) -> str:
        return f"{self.channel} ({self.language})"


class ChannelPolicy(models.Model):
    """How a channel is offered: everywhere or on a topic, always or at times, and on which pages.

    Which of several counts is told in `tickets.services.channel_rules`.
    """

    class Prominence(models.TextChoices):
        FEATURED = "featured", _("Featured")
        LISTED = "listed", _("Listed")
        MINIMISED = "minimised", _("Minimised")
        CLOSED = "closed", pgettext_lazy("channel", "Closed")

    class Place(models.TextChoices):
        EVERY_PAGE = "every_page", _("On every page")
        TOPIC = "topic", _("On pages of a topic, and the channels page")
        CHANNELS = "channels", _("Only on the channels page")

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="policies", verbose_name=_("channel"))
    topic = models.ForeignKey(
        Topic,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="channel_policies",
        verbose_name=_("topic"),
        help_text=_("With the topics below it. Empty: everywhere."),
    )
    prominence = models.CharField(_("prominence"), max_length=10, choices=Prominence.choices, default=Prominence.LISTED)
    place = models.CharField(
        _("shown"),
        max_length=10,
        choices=Place.choices,
        default=Place.EVERY_PAGE,
        help_text=_("Pages of a topic are its own, its articles, and the contact form once it is chosen there."),
    )
    hours = models.ForeignKey(
        Calendar,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="policies",
        verbose_name=_("only during"),
        help_text=_("Counts only while these hours are open. Empty: at any hour."),
    )
    begins_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    # What the customer reads beside the channel, by language: {"en": "Closed for the move.", "sv": "..."}.
    sentences = models.JSONField(_("what customers read"), default=dict, blank=True)

    class Meta:
        verbose_name = _("channel policy")
        verbose_name_plural = _("channel policies")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "topic"],
                condition=_ALWAYS,
                name="one_lasting_policy_a_channel_and_topic",
                violation_error_message=_ONE_LASTING,
            ),
            models.UniqueConstraint(
                fields=["channel"],
                condition=_ALWAYS & models.Q(topic__isnull=True),
                name="one_lasting_policy_a_channel_everywhere",
                violation_error_message=_ONE_LASTING,
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True)
                | models.Q(begins_at__isnull=True)
                | models.Q(ends_at__gt=models.F("begins_at")),
                name="policy_ends_after_it_begins",
                violation_error_message=_("It has to end after it begins."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.get_prominence_display()}"

    @property
    def is_dated(self) -> bool:
        return self.begins_at is not None or self.ends_at is not None

    def holds_on(self, at: datetime) -> bool:
        """Whether `at` lies within its dates; its hours are another matter."""
        return (self.begins_at is None or self.begins_at <= at) and (self.ends_at is None or at < self.ends_at)

    def sentence_in(self, language: str) -> str:
        """What the reader is told, in their language or the nearest that has it; "" where it says nothing."""
        return next((self.sentences[code] for code in preferred(language) if self.sentences.get(code)), "")

    def clean(self) -> None:
        from tickets.services.channel_guard import check_policy

        check_policy(self)
