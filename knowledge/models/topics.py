"""Topics: the tree by which customers find answers, in their words."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Count, Prefetch, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from knowledge.search.languages import preferred
from knowledge.topic_checks import run_checks


class TopicQuerySet(models.QuerySet["Topic"]):
    def visible(self) -> TopicQuerySet:
        return self.filter(is_visible=True)

    def with_names(self) -> TopicQuerySet:
        return self.prefetch_related(Prefetch("translations"))

    def with_article_counts(self) -> TopicQuerySet:
        """Adds `article_count`: articles that customers can read, in whichever language."""
        return self.annotate(
            article_count=Count("articles", filter=Q(articles__translations__status="published"), distinct=True)
        )


class Topic(models.Model):
    """A node of the customer-facing tree. The slug is the same in all languages: forms and links rely on it."""

    class Icon(models.TextChoices):
        BOX = "box", _("Parcel")
        RETURN = "return", _("Return arrow")
        CARD = "card", _("Payment card")
        PERSON = "person", _("Person")
        TAG = "tag", _("Price tag")
        LEAF = "leaf", _("Leaf")
        STAR = "star", _("Star")
        TOOL = "tool", _("Tool")
        RULER = "ruler", _("Ruler")
        MAIL = "mail", _("Envelope")

    class Kind(models.TextChoices):
        HELP = "help", _("Help")
        SENSITIVE = "sensitive", _("Sensitive: no suggestions, a person first")
        BUYING = "buying", _("Buying: straight to a person")

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.HELP)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent topic")
    )
    icon = models.CharField(_("icon"), max_length=12, choices=Icon.choices, default=Icon.MAIL)
    position = models.PositiveIntegerField(_("position"), default=0)
    is_visible = models.BooleanField(_("shown to customers"), default=True)

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["position", "slug"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")

    def __str__(self) -> str:
        return self.name_in(settings.LANGUAGE_CODE)

    def clean(self) -> None:
        run_checks(self)

    @cached_property
    def _by_language(self) -> dict[str, TopicTranslation]:
        return {row.language: row for row in self.translations.all()}

    def text_in(self, language: str) -> TopicTranslation | None:
        """The translation that a reader of the language should get, or None where there is none at all."""
        for code in preferred(language):
            if code in self._by_language:
                return self._by_language[code]
        return None

    def name_in(self, language: str) -> str:
        text = self.text_in(language)
        return text.name if text else self.slug

    def description_in(self, language: str) -> str:
        text = self.text_in(language)
        return text.description if text else ""

    @cached_property
    def standing_kind(self) -> str:
        """Its own kind; a topic for help takes that of the nearest topic above it that is for something else.

        One query for each level above it. Ends also where topics lie in a circle, which only a raw edit can make them.
        """
        topic: Topic | None = self
        seen: set[int | None] = set()
        while topic is not None and topic.kind == self.Kind.HELP and topic.pk not in seen:
            seen.add(topic.pk)
            topic = topic.parent
        return self.Kind(topic.kind if topic else self.Kind.HELP)

    @property
    def is_for_people_first(self) -> bool:
        """Whether no article may come between the customer and a person."""
        return self.standing_kind != self.Kind.HELP

    def get_absolute_url(self) -> str:
        return reverse("topic", args=[self.slug])


class TopicTranslation(models.Model):
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="translations", verbose_name=_("topic"))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(
        _("description"),
        max_length=160,
        blank=True,
        help_text=_("What is found here, in customers' words: “Where is it, change address, missed delivery”."),
    )

    class Meta:
        verbose_name = _("topic text")
        verbose_name_plural = _("topic texts")
        constraints = [models.UniqueConstraint(fields=["topic", "language"], name="one_topic_text_a_language")]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"
