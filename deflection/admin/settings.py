"""From which probability suggestions are shown, tried on real questions before it is saved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget

from deflection.models import DEFAULT_THRESHOLD, MatchingSettings
from deflection.models.matching import HIGHEST_THRESHOLD, LOWEST_THRESHOLD
from deflection.services.threshold_preview import MOST_QUESTIONS, preview
from knowledge.admin.base import ModelAdmin, reading_language, require

_CHANGE = "deflection.change_matchingsettings"


class ThresholdForm(forms.Form):
    """What is to be tried: a threshold, and the language of the questions if not all."""

    show_from = forms.FloatField(
        label=_("Show suggestions from"),
        min_value=LOWEST_THRESHOLD,
        max_value=HIGHEST_THRESHOLD,
        help_text=_("The probability, from 0.05 to 0.95, that an article answers. Below it nothing is suggested."),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("Write a number from 0.05 to 0.95.")
        ),
        widget=UnfoldAdminDecimalFieldWidget({"step": "any", "inputmode": "decimal"}),
    )
    language = forms.ChoiceField(
        label=_("Language of the questions"),
        required=False,
        choices=[("", _("All")), *settings.LANGUAGES],
        widget=UnfoldAdminSelectWidget,
    )


@admin.register(MatchingSettings)
class MatchingSettingsAdmin(ModelAdmin):
    """One row, so the list is the page on which it is set."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:deflection_matchingsettings_changelist"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The threshold to try, by GET, with what it would do to recent questions; POST saves it."""
        require(request, _CHANGE)
        saved = MatchingSettings.objects.filter(pk=1).first() or MatchingSettings()
        given = request.POST if request.method == "POST" else request.GET
        form = ThresholdForm(_filled(given, saved.threshold))
        if form.is_valid() and request.method == "POST":
            return self._save(request, saved, form.cleaned_data)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("When suggestions are shown"),
            "form": form,
            "saved": saved.threshold,
            "recommended": DEFAULT_THRESHOLD,
            "most_questions": MOST_QUESTIONS,
        }
        if form.is_valid():
            tried: float = form.cleaned_data["show_from"]
            asked, totals = preview(
                tried,
                user=request.user,  # type: ignore[arg-type] # `require` let nobody else in
                reads=reading_language(),
                language=form.cleaned_data["language"],
            )
            context |= {"tried": tried, "asked": asked, "totals": totals, "language": form.cleaned_data["language"]}
        return render(request, "admin/deflection/matchingsettings/threshold.html", context)

    def _save(self, request: HttpRequest, saved: MatchingSettings, data: dict[str, Any]) -> HttpResponse:
        wanted: float = data["show_from"]
        # What is recommended is not written down, so that it follows when the recommendation changes.
        saved.show_from = None if wanted == DEFAULT_THRESHOLD else wanted
        saved.save()
        self.log_change(request, saved, str(saved))
        messages.success(request, gettext("Saved. Suggestions follow within seconds."))
        return HttpResponseRedirect(reverse("admin:deflection_matchingsettings_changelist"))


def _filled(given: Any, saved: float) -> dict[str, Any]:
    """What was asked for, the saved threshold where nothing was; a language that nobody knows is all of them."""
    language = given.get("language", "")
    known = dict(settings.LANGUAGES)
    return {"show_from": given.get("show_from", f"{saved:g}"), "language": language if language in known else ""}
