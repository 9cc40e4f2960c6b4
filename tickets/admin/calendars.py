"""Opening hours: the week in one go, the holidays to come, and the days that differ."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import BASE_INPUT_CLASSES

from knowledge.admin.base import ModelAdmin, TabularInline, reading_language
from tickets.admin.hours_forms import DAY_FIELDS, CalendarForm, ExceptionForm, ExceptionFormSet
from tickets.models import Calendar, CalendarException
from tickets.services.hours import hours_for_people, short_day

_A_YEAR = 365
_SHOWN = 15


def _input(kind: str) -> dict[str, str]:
    return {"type": kind, "class": " ".join(BASE_INPUT_CLASSES)}


class CalendarExceptionInline(TabularInline):
    """The browser's own inputs: the theme's warn of a clock other than the server's, and here neither counts."""

    model = CalendarException
    form = ExceptionForm
    formset = ExceptionFormSet
    fields = ("day", "opens", "closes", "names")
    extra = 0
    hide_title = True
    formfield_overrides = {
        models.TimeField: {"widget": forms.TimeInput(_input("time"), format="%H:%M")},
        models.DateField: {"widget": forms.DateInput(_input("date"), format="%Y-%m-%d")},
    }


@admin.register(Calendar)
class CalendarAdmin(ModelAdmin):
    form = CalendarForm
    list_display = ("name", "time_zone", "country")
    inlines = (CalendarExceptionInline,)
    readonly_fields = ("coming_days",)
    actions = None

    def get_fieldsets(self, request: HttpRequest, obj: Calendar | None = None) -> Any:
        week = gettext_lazy("Several periods a day are possible: 08:00–11:30, 12:00–18:00. Empty is closed.")
        holidays = ("country", "subdivision", "coming_days") if obj else ("country", "subdivision")
        return (
            (None, {"fields": ("name", "time_zone")}),
            (gettext_lazy("The week"), {"fields": DAY_FIELDS, "description": week, "classes": ("sv-week",)}),
            (gettext_lazy("Public holidays"), {"fields": holidays}),
        )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        # The days are fields of the form alone; the factory must not look for them in the model.
        kwargs["fields"] = ("name", "time_zone", "country", "subdivision")
        return super().get_form(request, obj, change, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.save_week()

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """What speaks against the week and its days together is said at the top: the days are far below the week."""
        for formset in context["inline_admin_formsets"]:
            for sentence in formset.formset.non_form_errors():
                messages.error(request, sentence)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("the next days that differ"))
    def coming_days(self, calendar: Calendar) -> SafeString | str:
        """Holidays and other days of the coming year, as customers read them."""
        timetable, language = calendar.timetable(), reading_language()
        today = timezone.now().astimezone(timetable.zone)
        rows = []
        for day in (today + timedelta(days=ahead) for ahead in range(_A_YEAR)):
            if day.date() in timetable.days or timetable.is_holiday(day.date()):
                name = calendar.name_of_day(day.date(), language)
                rows.append((short_day(day), name, hours_for_people(tuple(sorted(timetable.hours_on(day.date()))))))
        if not rows:
            return _("None in the coming year.")
        items = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", rows[:_SHOWN])
        return format_html('<table class="sv-days">{}</table>', items)
