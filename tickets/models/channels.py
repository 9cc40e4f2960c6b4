"""The ways to reach a person, and the policy of when and where each is offered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from knowledge.models import Topic
from tickets.models.calendars import Calendar


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


class ChannelText(models.Model):
    """What customers read of a channel, in one language."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    detail = models.CharField(
        _("when open"), max_length=160, blank=True, help_text=_("“Answer usually within 4 hours”")
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
    """How a channel is offered: everywhere, or on one topic, which then overrides everywhere."""

    class Prominence(models.TextChoices):
        FEATURED = "featured", _("Featured")
        LISTED = "listed", _("Listed")
        MINIMISED = "minimised", _("Minimised")
        CLOSED = "closed", _("Closed")

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="policies", verbose_name=_("channel"))
    topic = models.ForeignKey(
        Topic,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="channel_policies",
        verbose_name=_("topic"),
        help_text=_("Empty: everywhere."),
    )
    prominence = models.CharField(_("prominence"), max_length=10, choices=Prominence.choices, default=Prominence.LISTED)

    class Meta:
        verbose_name = _("channel policy")
        verbose_name_plural = _("channel policies")
        constraints = [
            models.UniqueConstraint(fields=["channel", "topic"], name="one_policy_a_channel_and_topic"),
            models.UniqueConstraint(
                fields=["channel"], condition=models.Q(topic__isnull=True), name="one_policy_a_channel_everywhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.get_prominence_display()}"

    def clean(self) -> None:
        from tickets.services.channel_policy import check_nobody_is_trapped

        check_nobody_is_trapped(self)
