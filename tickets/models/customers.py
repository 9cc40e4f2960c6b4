"""The people who ask, and the ways in which we know them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Customer(models.Model):
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return self.name or self.email or f"#{self.pk}"

    @property
    def email(self) -> str:
        """The address that we write to; "" for somebody who has given none."""
        found = next((one for one in self.identities.all() if one.kind == Identity.Kind.EMAIL), None)
        return found.value if found else ""


class Identity(models.Model):
    """One address, number or outside ID of a customer. Each belongs to one customer only."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")
        WHATSAPP = "whatsapp", _("WhatsApp")
        EXTERNAL = "external", _("External ID")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="identities", verbose_name=_("customer"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    value = models.CharField(_("value"), max_length=254)
    is_verified = models.BooleanField(_("verified"), default=False)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="identity_belongs_to_one")]

    def __str__(self) -> str:
        return self.value
