"""A week's hours in one go, and days that differ; the whole of them is judged by the guard before it is saved."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import BASE_INPUT_CLASSES, UnfoldAdminSelectWidget

from knowledge.admin.base import InlineFormSet
from tickets.admin.language_fields import LanguagesField
from tickets.models import Calendar, CalendarException, OpeningPeriod
from tickets.public_holidays import countries
from tickets.services.channel_guard import check_hours
from tickets.services.hours import hours_as_typed, read_hours
from tickets.timetable import Hours, Timetable

DAY_FIELDS = tuple(f"day_{day}" for day in range(7))


class CalendarForm(forms.ModelForm[Calendar]):
    country = forms.ChoiceField(
        label=gettext_lazy("Public holidays of"),
        required=False,
        choices=lambda: [("", gettext_lazy("No public holidays")), *countries()],
        widget=UnfoldAdminSelectWidget(),
        help_text=gettext_lazy("Closed on the public holidays of this country."),
    )

    class Meta:
        model = Calendar
        fields = ("name", "time_zone", "country", "subdivision")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The guard looks at the week and the days that differ with it (see ExceptionFormSet).
        self.instance.is_judged_with_its_days = True
        week = self.instance.timetable().week if self.instance.pk else ((),) * 7
        for name, day, hours in zip(DAY_FIELDS, OpeningPeriod.Weekday, week, strict=True):
            self.fields[name] = forms.CharField(
                label=capfirst(day.label),
                required=False,
                max_length=100,
                initial=hours_as_typed(hours),
                widget=forms.TextInput({"class": " ".join(BASE_INPUT_CLASSES), "placeholder": _("closed")}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in DAY_FIELDS:
            try:
                cleaned[name] = read_hours(cleaned.get(name, ""))
            except forms.ValidationError as error:
                self.add_error(name, error)
        self.instance.week_to_be = tuple(cleaned.get(name, ()) for name in DAY_FIELDS)
        return cleaned

    def save_week(self) -> None:
        """Writes the periods anew where they changed."""
        if not any(name in self.changed_data for name in DAY_FIELDS):
            return
        self.instance.hours.all().delete()
        OpeningPeriod.objects.bulk_create(
            OpeningPeriod(calendar=self.instance, weekday=day, opens=opens, closes=closes)
            for day, hours in enumerate(self.instance.week_to_be or ())
            for opens, closes in hours
        )


class ExceptionForm(forms.ModelForm[CalendarException]):
    names = LanguagesField(max_length=60, label=gettext_lazy("Why"))

    class Meta:
        model = CalendarException
        fields = ("day", "opens", "closes", "names")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.is_judged_with_its_days = True


class ExceptionFormSet(InlineFormSet):
    """The last to be looked at when a calendar is saved: here all that it will say is known."""

    def clean(self) -> None:
        super().clean()
        calendar = self.instance
        if any(self.errors) or not calendar.pk or calendar.week_to_be is None:
            return
        timetable = Timetable(
            ZoneInfo(calendar.time_zone),
            calendar.week_to_be,
            self._days_to_be(),
            calendar.country,
            calendar.subdivision,
        )
        check_hours(calendar.pk, timetable)

    def _days_to_be(self) -> dict[date, Hours]:
        days: dict[date, Hours] = {}
        for form in self.forms:
            row = form.cleaned_data
            if not row or row.get("DELETE") or row.get("day") is None:
                continue
            is_open = row.get("opens") is not None and row.get("closes") is not None
            days[row["day"]] = (*days.get(row["day"], ()), *(((row["opens"], row["closes"]),) if is_open else ()))
        return days
