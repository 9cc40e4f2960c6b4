"""How much each part of an article counts in the search box, tried on real searches before it is saved."""

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
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from knowledge.admin.base import ModelAdmin, reading_language, require
from knowledge.models import SearchTuning
from knowledge.search.analysis import MAX_QUERY_CHARACTERS
from knowledge.search.tuning import DEFAULT_WEIGHTS, HIGHEST_WEIGHT
from knowledge.services.weight_preview import Preview, popular_searches, preview, unanswered_searches

_CHANGE = "knowledge.change_searchtuning"


class WeightsForm(forms.ModelForm[SearchTuning]):
    class Meta:
        model = SearchTuning
        fields = ("title", "phrasings", "headings", "summary", "body")
        widgets = {
            name: UnfoldAdminDecimalFieldWidget(
                {"min": 0, "max": HIGHEST_WEIGHT, "step": "any", "inputmode": "decimal"}
            )
            for name in fields
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        complaint = _("Write a number from 0 to %(highest)g.") % {"highest": HIGHEST_WEIGHT}
        for name, field in self.fields.items():
            field.error_messages |= dict.fromkeys(("required", "invalid", "min_value", "max_value"), complaint)
            self.initial[name] = f"{self.initial[name]:g}"


class TrialForm(forms.Form):
    """The search that the weights are tried on. Anything can be searched for, so nothing here is refused."""

    query = forms.CharField(
        label=_("Search to try"), required=False, widget=UnfoldAdminTextInputWidget({"autocomplete": "off"})
    )
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget
    )


@admin.register(SearchTuning)
class SearchTuningAdmin(ModelAdmin):
    """One row, so the list is the page on which it is set."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:knowledge_searchtuning_changelist"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The weights, a search to try them on, and what it finds with the saved and the edited ones."""
        require(request, _CHANGE)
        saved = SearchTuning.objects.filter(pk=1).first() or SearchTuning()
        weights = saved.weights
        trial = _trial(request)
        if request.method != "POST":
            form = WeightsForm(instance=saved)
        elif "_standard" in request.POST:
            form = WeightsForm(instance=saved, initial=DEFAULT_WEIGHTS._asdict())
        else:
            form = WeightsForm(request.POST, instance=saved)
            if form.is_valid() and "_save" in request.POST:
                return self._save(request, form)
        shown: Preview | None = None
        if trial["query"] and not form.errors:
            edited = DEFAULT_WEIGHTS if "_standard" in request.POST else saved.weights
            shown = preview(trial["query"], trial["language"], saved=weights, edited=edited)
        return render(
            request,
            "admin/knowledge/searchtuning/tuning.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": gettext("Search tuning"),
                "form": form,
                "trial": TrialForm(initial=trial),
                "preview": shown,
                "standard": DEFAULT_WEIGHTS,
                "popular": popular_searches(trial["language"]),
                "unanswered": unanswered_searches(trial["language"]),
            },
        )

    def _save(self, request: HttpRequest, form: WeightsForm) -> HttpResponse:
        saved = form.save()
        self.log_change(request, saved, str(saved))
        messages.success(request, gettext("Saved. Searches use the new weights within seconds."))
        return HttpResponseRedirect(reverse("admin:knowledge_searchtuning_changelist"))


def _trial(request: HttpRequest) -> dict[str, str]:
    """What to search for: a search that was picked from the lists, else what was typed."""
    query = request.POST.get("_pick") or request.POST.get("query", "")
    language = request.POST.get("language", "")
    known = dict(settings.LANGUAGES)
    return {
        "query": " ".join(query.split())[:MAX_QUERY_CHARACTERS],
        "language": language if language in known else reading_language(),
    }
