"""How long customers usually wait: measured from what happened, never typed in."""

from __future__ import annotations

from django.db import models

from knowledge.models import Topic
from tickets.models.channels import ChannelKind


class UsualWait(models.Model):
    """One cell of what was measured. The whole table is written anew each time; a cell with too little data is not
    in it."""

    class Days(models.TextChoices):
        ALL = "", "all days"
        WEEKDAY = "weekday", "Monday to Friday"
        WEEKEND = "weekend", "Saturday and Sunday"

    kind = models.CharField(max_length=10, choices=ChannelKind.choices)
    topic = models.ForeignKey(Topic, models.CASCADE, null=True, blank=True, related_name="+")
    days = models.CharField(max_length=7, choices=Days.choices, blank=True)
    # The hour of the wall clock in which people came; none for all hours.
    hour = models.PositiveSmallIntegerField(null=True, blank=True)
    # Most had their answer by then (see `tickets.services.waits`).
    seconds = models.PositiveIntegerField()
    sample = models.PositiveIntegerField()
    measured_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["hour", "days"], name="usual_wait_by_hour")]
        verbose_name = "usual wait"
        verbose_name_plural = "usual waits"

    def __str__(self) -> str:
        return f"{self.kind} {self.days} {self.hour}: {self.seconds} s of {self.sample}"
