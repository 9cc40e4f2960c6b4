"""Opening hours: the week, and the days that differ."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy as _
from unfold.widgets import BASE_INPUT_CLASSES

from knowledge.admin.base import ModelAdmin, TabularInline
from tickets.models import Calendar, CalendarException, OpeningPeriod


class OpeningPeriodForm(forms.ModelForm[OpeningPeriod]):
    class Meta:
        model = OpeningPeriod
        fields = ("weekday", "opens", "closes")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        opens, closes = cleaned.get("opens"), cleaned.get("closes")
        if opens and closes and closes <= opens:
            self.add_error("closes", _("It has to close after it opens."))
        return cleaned


def _input(kind: str) -> dict[str, str]:
    return {"type": kind, "class": " ".join(BASE_INPUT_CLASSES)}


class HoursInline(TabularInline):
    """The browser's own inputs: the theme's warn of a clock other than the server's, and here neither counts."""

    extra = 0
    hide_title = True
    formfield_overrides = {
        models.TimeField: {"widget": forms.TimeInput(_input("time"), format="%H:%M")},
        models.DateField: {"widget": forms.DateInput(_input("date"), format="%Y-%m-%d")},
    }


class OpeningPeriodInline(HoursInline):
    model = OpeningPeriod
    form = OpeningPeriodForm
    fields = ("weekday", "opens", "closes")


class CalendarExceptionInline(HoursInline):
    model = CalendarException
    fields = ("day", "opens", "closes")


@admin.register(Calendar)
class CalendarAdmin(ModelAdmin):
    list_display = ("name", "time_zone")
    inlines = (OpeningPeriodInline, CalendarExceptionInline)
    actions = None
    fieldsets = ((None, {"fields": ("name", "time_zone")}),)
