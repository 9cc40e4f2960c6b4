"""Help in context: when a page offers a person by itself. Off until somebody switches it on."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from knowledge.models import Topic


class HelpInContext(models.Model):
    """One row: the switch for all rules."""

    is_on = models.BooleanField(
        _("offer help in context"),
        default=False,
        help_text=_("Once a visit at most, beside or below the text, by the rules that are in use."),
    )

    class Meta:
        verbose_name = _("help in context")
        verbose_name_plural = _("help in context")

    def __str__(self) -> str:
        return str(_("Help in context"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)


class HelpRule(models.Model):
    class Page(models.TextChoices):
        ANY = "any", _("Every page")
        HOME = "home", _("Home page")
        TOPIC = "topic", _("Topic")
        ARTICLE = "article", _("Article")
        SEARCH = "search", _("Search results")

    class Trigger(models.TextChoices):
        TIME = "time", _("After some time on the page")
        SECOND_SEARCH = "second_search", _("At a second search, when nothing was opened after the first")
        NOT_QUITE = "not_quite", _("When the answer to “Did this answer your question?” is “Not quite”")
        AT_ONCE = "at_once", _("At once (only for a topic for buying)")

    class Offer(models.TextChoices):
        CHAT = "chat", _("Chat, while somebody is there")
        FORM = "form", _("Writing to us")

    help = models.ForeignKey(HelpInContext, models.CASCADE, related_name="rules")
    is_active = models.BooleanField(_("in use"), default=False)
    page = models.CharField(_("on which pages"), max_length=10, choices=Page.choices, default=Page.ARTICLE)
    topic = models.ForeignKey(
        Topic,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="help_rules",
        verbose_name=_("topic"),
        help_text=_("With the topics below it. Empty: whatever the topic."),
    )
    trigger = models.CharField(_("when"), max_length=14, choices=Trigger.choices, default=Trigger.TIME)
    seconds = models.PositiveSmallIntegerField(
        _("seconds on the page"),
        default=90,
        validators=[MinValueValidator(15), MaxValueValidator(3600)],
        help_text=_("Counted while the page is in sight."),
    )
    offer = models.CharField(_("offers"), max_length=6, choices=Offer.choices, default=Offer.CHAT)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("rule for help in context")
        verbose_name_plural = _("rules for help in context")

    def __str__(self) -> str:
        return f"{self.get_page_display()}: {self.get_trigger_display()}"

    def clean(self) -> None:
        is_buying = self.topic is not None and self.topic.standing_kind == Topic.Kind.BUYING
        if self.trigger == self.Trigger.AT_ONCE and not is_buying:
            raise ValidationError({"topic": _("At once is for topics for buying alone. Choose one of those.")})
        if self.trigger == self.Trigger.SECOND_SEARCH and self.page not in (self.Page.ANY, self.Page.SEARCH):
            raise ValidationError(
                {"page": _("People search on the page of search results. Choose that, or every page.")}
            )
        if self.trigger == self.Trigger.NOT_QUITE and self.page not in (self.Page.ANY, self.Page.ARTICLE):
            raise ValidationError({"page": _("That is asked below articles. Choose those, or every page.")})

    def is_for(self, page: str, topics: list[int]) -> bool:
        """Whether it counts on such a page; `topics` are those of the page: its own, and those above it."""
        return self.page in (self.Page.ANY, page) and (self.topic_id is None or self.topic_id in topics)
