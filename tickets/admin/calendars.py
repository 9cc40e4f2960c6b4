"""Opening hours: the week, and the days that differ."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

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


class OpeningPeriodInline(TabularInline):
    model = OpeningPeriod
    form = OpeningPeriodForm
    fields = ("weekday", "opens", "closes")
    extra = 0


class CalendarExceptionInline(TabularInline):
    model = CalendarException
    fields = ("day", "opens", "closes")
    extra = 0


@admin.register(Calendar)
class CalendarAdmin(ModelAdmin):
    list_display = ("name", "time_zone")
    inlines = (OpeningPeriodInline, CalendarExceptionInline)
    actions = None
    fieldsets = ((None, {"fields": ("name", "time_zone")}),)
