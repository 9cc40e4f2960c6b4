"""The people who ask, and the ways in which we know them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Company(models.Model):
    """An organisation that customers belong to."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    domain = models.CharField(
        _("mail domain"), max_length=120, blank=True, help_text=_("Who writes from it belongs here: example.com.")
    )
    notes = models.TextField(_("notes"), blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("company")
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    name = models.CharField(_("name"), max_length=120, blank=True)
    company = models.ForeignKey(
        Company, models.SET_NULL, null=True, blank=True, related_name="customers", verbose_name=_("company")
    )
    region = models.CharField(_("region"), max_length=60, blank=True)
    notes = models.TextField(_("notes"), blank=True, help_text=_("Only agents see them."))
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
    # A mail server said that nothing reaches it, and why; the next mail from it shows that something does.
    bounced_at = models.DateTimeField(_("unreachable since"), null=True, blank=True)
    bounce_reason = models.CharField(_("why"), max_length=300, blank=True)
    # A full mailbox, a server that was away: the letter did not arrive, and the next one may.
    bounce_is_passing = models.BooleanField(_("may pass"), default=False)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="identity_belongs_to_one")]

    def __str__(self) -> str:
        return self.value

    @property
    def is_unreachable(self) -> bool:
        """Whether a mail server said that no letter will ever arrive there."""
        return self.bounced_at is not None and not self.bounce_is_passing


class CustomerMerge(models.Model):
    """Two records that were found to be one person, with what it takes to part them again."""

    kept = models.ForeignKey(Customer, models.CASCADE, related_name="merges", verbose_name=_("kept"))
    # The record that went, and what was moved from it: {"customer": {...}, "identities": [ids], "tickets": [ids], ...}.
    moved = models.JSONField(default=dict)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("merged by")
    )
    merged_at = models.DateTimeField(_("merged"), default=timezone.now)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        ordering = ["-merged_at"]
        verbose_name = _("merged customers")
        verbose_name_plural = _("merged customers")

    def __str__(self) -> str:
        return str(self.kept)


class PossibleDuplicate(models.Model):
    """Two records that look like one person. Kept once somebody has said that they are not, so as not to ask again."""

    first = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    second = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    # Why, as keys of `tickets.services.duplicates.Reason`, strongest first.
    reasons = models.JSONField(default=list)
    found_at = models.DateTimeField(default=timezone.now)
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="compared_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="lower_number_first"),
        ]

    def __str__(self) -> str:
        return f"{self.first} - {self.second}"
