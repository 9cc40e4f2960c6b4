"""Opening hours, in a time zone: several periods a day, and days that differ."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

_DAYS_AHEAD = 60


def _known_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("There is no such time zone. Write it as Europe/Stockholm."))


class Calendar(models.Model):
    name = models.CharField(_("name"), max_length=80)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Stockholm", validators=[_known_zone])

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def periods_on(self, day: date) -> list[tuple[datetime, datetime]]:
        """The open periods of a day, in order, as aware times. A dated exception replaces the weekday's."""
        exceptions = [one for one in self.exceptions.all() if one.day == day]
        if exceptions:
            hours = [(one.opens, one.closes) for one in exceptions if one.opens and one.closes]
        else:
            hours = [(one.opens, one.closes) for one in self.hours.all() if one.weekday == day.weekday()]
        return sorted((self._aware(day, opens), self._aware(day, closes)) for opens, closes in hours)

    def _aware(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self.zone)

    def is_open(self, at: datetime) -> bool:
        return self.closes_at(at) is not None

    def closes_at(self, at: datetime) -> datetime | None:
        """When the period that `at` lies in ends; None when it is closed then."""
        local = at.astimezone(self.zone)
        return next((closes for opens, closes in self.periods_on(local.date()) if opens <= at < closes), None)

    def next_opening(self, at: datetime) -> datetime | None:
        """When it opens next after `at`; None when it does not within two months."""
        day = at.astimezone(self.zone).date()
        for ahead in range(_DAYS_AHEAD):
            for opens, _closes in self.periods_on(day + timedelta(days=ahead)):
                if opens > at:
                    return opens
        return None


class OpeningPeriod(models.Model):
    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday.choices)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        ordering = ["weekday", "opens"]
        verbose_name = _("opening period")
        verbose_name_plural = _("opening periods")
        constraints = [models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="period_ends_after_it_begins")]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}-{self.closes:%H:%M}"


class CalendarException(models.Model):
    """A day that differs: closed, or open at other times. Several rows of a day are several periods."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="exceptions")
    day = models.DateField(_("day"))
    opens = models.TimeField(_("opens"), null=True, blank=True, help_text=_("Leave empty for a closed day."))
    closes = models.TimeField(_("closes"), null=True, blank=True)

    class Meta:
        ordering = ["day"]
        verbose_name = _("day that differs")
        verbose_name_plural = _("days that differ")

    def __str__(self) -> str:
        return f"{self.day}"

    def clean(self) -> None:
        if (self.opens is None) != (self.closes is None):
            raise ValidationError(_("Give both times, or none for a closed day."))
        if self.opens and self.closes and self.closes <= self.opens:
            raise ValidationError(_("It has to close after it opens."))
