"""Opening hours, in a time zone: several periods a day, public holidays, and days that differ."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from knowledge.search.languages import preferred
from tickets import public_holidays
from tickets.timetable import MIDNIGHT, Hours, Timetable


def _known_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("There is no such time zone. Write it as Europe/Stockholm."))


class Calendar(models.Model):
    # Set by whoever has the guard look at hours and days together before they are saved.
    is_judged_with_its_days = False
    week_to_be: tuple[Hours, ...] | None = None

    name = models.CharField(_("name"), max_length=80)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Stockholm", validators=[_known_zone])
    country = models.CharField(
        _("public holidays of"),
        max_length=2,
        blank=True,
        help_text=_("Closed on the public holidays of this country. Empty: open as on any other day."),
    )
    subdivision = models.CharField(
        _("part of the country"),
        max_length=10,
        blank=True,
        help_text=_("For countries whose holidays differ by part, its code: “BY” for Bavaria."),
    )

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        from tickets.services.channel_guard import check_hours

        if sentence := public_holidays.refusal(self.country, self.subdivision):
            raise ValidationError({"subdivision" if self.subdivision else "country": sentence})
        if self.pk and self.time_zone in available_timezones() and not self.is_judged_with_its_days:
            check_hours(self.pk, self.timetable())

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def timetable(self) -> Timetable:
        """What the rows say; worked out anew at each call, so that it is never older than they are."""
        week: list[list[Any]] = [[] for _day in range(7)]
        for period in self.hours.all():
            week[period.weekday].append((period.opens, period.closes))
        days: dict[date, Hours] = {}
        for one in self.exceptions.all():
            hours = ((one.opens, one.closes),) if one.opens is not None and one.closes is not None else ()
            days[one.day] = (*days.get(one.day, ()), *hours)
        return Timetable(self.zone, tuple(tuple(day) for day in week), days, self.country, self.subdivision)

    def periods_on(self, day: date) -> list[tuple[datetime, datetime]]:
        """The open periods of a day, in order, as aware times. A day that differs wins over a public holiday, and
        that over the weekday."""
        return self.timetable().periods_on(day)

    def is_open(self, at: datetime) -> bool:
        return self.timetable().is_open(at)

    def closes_at(self, at: datetime) -> datetime | None:
        """When the period that `at` lies in ends; None when it is closed then, or open for weeks on end."""
        return self.timetable().closes_at(at)

    def next_opening(self, at: datetime) -> datetime | None:
        """When it opens next after `at`; None when it does not within two months."""
        return self.timetable().next_opening(at)

    def name_of_day(self, day: date, language: str) -> str:
        """Why a day differs, for the reader: the name of the exception, else of the holiday; "" for neither."""
        exceptions = [one for one in self.exceptions.all() if one.day == day]
        if exceptions:
            return next((name for one in exceptions if (name := one.name_in(language))), "")
        return self.timetable().holiday_name(day, language)


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
    closes = models.TimeField(_("closes"), help_text=_("00:00 is midnight, when the day ends."))

    class Meta:
        ordering = ["weekday", "opens"]
        verbose_name = _("opening period")
        verbose_name_plural = _("opening periods")
        constraints = [
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")) | Q(closes=MIDNIGHT),
                name="period_ends_after_it_begins",
                violation_error_message=_("It has to close after it opens."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}-{self.closes:%H:%M}"

    def clean(self) -> None:
        from tickets.services.channel_guard import check_period

        if self.calendar_id and self.opens is not None and self.closes is not None and self.weekday in range(7):
            check_period(self)


class CalendarException(models.Model):
    """A day that differs: closed, or open at other times. Several rows of a day are several periods."""

    is_judged_with_its_days = False

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="exceptions")
    day = models.DateField(_("day"))
    opens = models.TimeField(_("opens"), null=True, blank=True, help_text=_("Leave empty for a closed day."))
    closes = models.TimeField(_("closes"), null=True, blank=True)
    # By language: {"en": "Stocktaking", "sv": "Inventering"}.
    names = models.JSONField(_("why"), default=dict, blank=True)

    class Meta:
        ordering = ["day"]
        verbose_name = _("day that differs")
        verbose_name_plural = _("days that differ")

    def __str__(self) -> str:
        return f"{self.day}"

    def name_in(self, language: str) -> str:
        """Why, in the reader's language or the nearest that has it; "" where nobody said."""
        return next((self.names[code] for code in preferred(language) if self.names.get(code)), "")

    def clean(self) -> None:
        from tickets.services.channel_guard import check_exception

        if (self.opens is None) != (self.closes is None):
            raise ValidationError(_("Give both times, or none for a closed day."))
        if self.opens is not None and self.closes is not None and MIDNIGHT != self.closes <= self.opens:
            raise ValidationError(_("It has to close after it opens."))
        if self.calendar_id and self.day is not None and not self.is_judged_with_its_days:
            check_exception(self)
