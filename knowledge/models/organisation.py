"""The organisation whose help center this is: its name, its look and its languages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

_CACHE_KEY = "organisation"
_hex_colour = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write the colour as # and six digits, such as #12604f."))


class Organisation(models.Model):
    """One row: what the administrators set about the site as a whole."""

    class AgentNames(models.TextChoices):
        SHORT = "short", _("The name for customers, such as the first name")
        NONE = "none", _("None: the organisation answers")

    name = models.CharField(_("name"), max_length=80, default="Svar")
    logo = models.FileField(
        _("logo"), upload_to="brand/", blank=True, help_text=_("PNG, WebP or JPEG, shown 28 pixels high.")
    )
    brand_light = models.CharField(
        _("theme colour"),
        max_length=7,
        default="#12604f",
        validators=[_hex_colour],
        help_text=_("Used in the light theme. A colour with too little contrast is darkened until it can be read."),
    )
    brand_dark = models.CharField(
        _("theme colour, dark theme"),
        max_length=7,
        blank=True,
        validators=[_hex_colour],
        help_text=_("Leave empty to derive it from the theme colour."),
    )
    default_language = models.CharField(_("default language"), max_length=5, default="en", choices=settings.LANGUAGES)
    agent_names = models.CharField(
        _("names of agents"),
        max_length=8,
        choices=AgentNames.choices,
        default=AgentNames.SHORT,
        help_text=_("What customers read of who answers them. Full names are never shown."),
    )
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisation")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)

    @classmethod
    def current(cls) -> Organisation:
        """The one organisation; a default one (not saved) before anybody has set it."""
        found: Organisation | None = cache.get(_CACHE_KEY)
        if found is None:
            found = cls.objects.filter(pk=1).first() or cls(default_language=settings.LANGUAGE_CODE)
            cache.set(_CACHE_KEY, found, 60)
        return found

    @staticmethod
    def forget_current() -> None:
        cache.delete(_CACHE_KEY)
