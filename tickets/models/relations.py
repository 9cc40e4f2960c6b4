"""How cases hang together, and who else takes part in one."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models.customers import Customer
from tickets.models.tickets import Ticket


class TicketLink(models.Model):
    """Two cases that have to do with each other; `source` is the one that came out of `target`, where that matters."""

    class Kind(models.TextChoices):
        RELATED = "related", _("Related")
        SPLIT = "split", _("Split off")
        OTHER_SENDER = "other_sender", _("An answer from somebody else")
        NEW_MATTER = "new_matter", _("A new matter in an old thread")
        FOLLOW_UP = "follow_up", _("Comes after a closed case")

    source = models.ForeignKey(Ticket, models.CASCADE, related_name="links_out")
    target = models.ForeignKey(Ticket, models.CASCADE, related_name="links_in")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.RELATED)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target"], name="linked_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="linked_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.source} - {self.target}"


class Participant(models.Model):
    """Somebody besides the customer who gets what we write (CC), and whose mail belongs to the case."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="participants")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="participations")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("added by")
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["ticket", "customer"], name="takes_part_once")]

    def __str__(self) -> str:
        return str(self.customer)


class Rating(models.Model):
    """What the customer said of a solved case, once: satisfaction (CSAT, 1 to 5) and effort (CES 2.0, 1 to 7)."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="rating")
    satisfaction = models.PositiveSmallIntegerField(_("satisfaction"), null=True, blank=True)
    effort = models.PositiveSmallIntegerField(_("ease"), null=True, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    created_at = models.DateTimeField(_("given"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__range=(1, 5)), name="satisfaction_1_to_5"
            ),
            models.CheckConstraint(condition=Q(effort__isnull=True) | Q(effort__range=(1, 7)), name="effort_1_to_7"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket}: {self.satisfaction}"


class ImportedRecord(models.Model):
    """A case that was brought in from another system, so that a second run knows it."""

    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="imported_from")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="imported_once")]
