"""What a case is about and why it arose: tags, root causes, and fields that an organisation defines."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from knowledge.models import Topic


class Tag(models.Model):
    name = models.CharField(_("name"), max_length=50, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self) -> str:
        return self.name


class RootCause(models.Model):
    """Why a question arose at all: "delivery time missing in the order mail". For agents, never shown outside."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    owner = models.CharField(
        _("who can do something about it"), max_length=120, blank=True, help_text=_("“Logistics”, “Web shop”")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("root cause")
        verbose_name_plural = _("root causes")

    def __str__(self) -> str:
        return self.name


class DemandType(models.TextChoices):
    """Value demand is what we exist for; failure demand is caused by something not done, or not done right
    (Seddon, "Freedom from Command and Control", 2003)."""

    VALUE = "value", _("Wants something from us")
    FAILURE = "failure", _("Something failed, or was not done")
    PROGRESS = "progress", _("Asks what is happening")


class CustomField(models.Model):
    """A field of cases that the organisation defines, such as an order number."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        CHOICE = "choice", _("Choice")
        DATE = "date", _("Date")
        FLAG = "flag", _("Yes or no")
        ORDER_NUMBER = "order", _("Order number")

    class Check(models.TextChoices):
        """How the last digit of an order number follows from those before it."""

        NONE = "", _("None")
        LUHN = "luhn", _("Luhn (modulus 10)")
        MODULUS_11 = "mod11", _("Modulus 11")

    key = models.SlugField(_("key"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.TEXT)
    choices = models.JSONField(
        _("choices"), default=list, blank=True, help_text=_("For a choice: the keys, as a list.")
    )
    pattern = models.CharField(
        _("pattern"), max_length=200, blank=True, help_text=_("A regular expression that the whole text must match.")
    )
    check_digit = models.CharField(
        _("check digit"),
        max_length=10,
        choices=Check.choices,
        default=Check.NONE,
        blank=True,
        help_text=_("For an order number: its last digit follows from the others, so that a mistyped one is noticed."),
    )
    topics = models.ManyToManyField(
        Topic,
        blank=True,
        related_name="custom_fields",
        verbose_name=_("topics"),
        help_text=_("With all topics below them. None: on every case."),
    )
    is_for_customers = models.BooleanField(
        _("asked of customers, and shown to them"),
        default=False,
        help_text=_("It stands in the contact form and on the customer's case page. Off: agents alone see it."),
    )
    is_required = models.BooleanField(_("required"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["position", "key"]
        verbose_name = _("field of cases")
        verbose_name_plural = _("fields of cases")

    def __str__(self) -> str:
        return self.key

    def label_in(self, language: str) -> str:
        """The label in a language, else in any, else the key."""
        texts = {text.language: text for text in self.texts.all()}
        found = texts.get(language) or next(iter(texts.values()), None)
        return found.label if found else self.key

    def hint_in(self, language: str) -> str:
        texts = {text.language: text for text in self.texts.all()}
        found = texts.get(language) or next(iter(texts.values()), None)
        return found.hint if found else ""

    def error_in(self, language: str) -> str:
        """What is said in a language about a value that does not match; "" where nobody has found words for it."""
        texts = self.texts.all() if self.pk else []
        return next((text.error for text in texts if text.language == language), "")

    def choice_label(self, key: str, language: str) -> str:
        """What a choice is called in a language; its key where nothing says."""
        texts = {text.language: text for text in self.texts.all()}
        found = texts.get(language) or next(iter(texts.values()), None)
        return str(found.choice_labels.get(key, key)) if found else key


class CustomFieldText(models.Model):
    field = models.ForeignKey(CustomField, models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    label = models.CharField(_("label"), max_length=80)
    hint = models.CharField(_("hint"), max_length=160, blank=True)
    error = models.CharField(
        _("if it is not right"),
        max_length=200,
        blank=True,
        help_text=_("What is said about a value that does not match. Empty: a sentence of ours."),
    )
    choice_labels = models.JSONField(
        _("names of the choices"), default=dict, blank=True, help_text=_("An object: key to name.")
    )

    class Meta:
        verbose_name = _("text of a field")
        verbose_name_plural = _("texts of fields")
        constraints = [models.UniqueConstraint(fields=["field", "language"], name="one_field_text_a_language")]

    def __str__(self) -> str:
        return self.label
