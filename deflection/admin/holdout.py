"""Which share of people sees no suggestions, with what it takes to see an effect worked out before it is saved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from deflection.models import HoldoutRound
from deflection.models.holdout import DEFAULT_EFFECT, HIGHEST_SHARE
from deflection.services.holdout_plan import Plan, Traffic, plan, plans, recent_traffic
from deflection.services.holdout_rounds import current_round, start_round
from knowledge.admin.base import ModelAdmin, require

_CHANGE = "deflection.change_holdoutround"
# Where too few people have come to know how many of them turn to a person.
_TYPICAL_RATE = 40


def _number(lowest: float, highest: float, sentence: Any, **fields: Any) -> forms.FloatField:
    return forms.FloatField(
        min_value=lowest,
        max_value=highest,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), sentence),
        widget=UnfoldAdminDecimalFieldWidget({"step": "any", "inputmode": "decimal"}),
        **fields,
    )


class PlanForm(forms.Form):
    """What is thought of, and what is known of the people who come; the latter is filled in from the last weeks."""

    share = forms.IntegerField(
        label=_("Share without suggestions"),
        min_value=0,
        max_value=HIGHEST_SHARE,
        help_text=_("Per cent, from 0 to 50. With 0 everybody sees suggestions, and no effect can be measured."),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("The share is a whole number from 0 to 50.")
        ),
        widget=UnfoldAdminDecimalFieldWidget({"step": "1", "inputmode": "numeric"}),
    )
    effect = _number(
        0.5,
        50,
        _("Write a number from 0.5 to 50."),
        label=_("Effect to look for"),
        help_text=_("How many fewer of 100 people turn to a person: the smallest difference that you care to see."),
    )
    rate = _number(
        0.5,
        99.5,
        _("Write a number from 0.5 to 99.5."),
        label=_("Of 100 without suggestions turn to a person"),
        help_text=_("Within seven days of opening the form. Filled in from the last weeks where enough is known."),
    )
    weekly = _number(
        1,
        10_000_000,
        _("Write how many people come in a week, 1 or more."),
        label=_("People who open the form in a week"),
        help_text=_("Filled in from the last four weeks."),
    )


@admin.register(HoldoutRound)
class HoldoutRoundAdmin(ModelAdmin):
    """The share is set on the list of rounds: what is saved is always the next round."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:deflection_holdoutround_changelist"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What a share would take, by GET; POST begins a round with it."""
        require(request, _CHANGE)
        running, traffic = current_round(), recent_traffic()
        given = request.POST if request.method == "POST" else request.GET
        form = PlanForm(_filled(given, running, traffic))
        is_valid = form.is_valid()
        if is_valid and request.method == "POST":
            return self._save(request, form.cleaned_data)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Hold-out"),
            "form": form,
            "running": running,
            "traffic": traffic,
            "rounds": HoldoutRound.objects.select_related("started_by")[:20],
        }
        if is_valid:
            tried = form.cleaned_data
            context |= {"tried": tried, "plans": plans(**_as_shares(tried)), "runs": _runs(running, tried)}
        return render(request, "admin/deflection/holdoutround/share.html", context)

    def _save(self, request: HttpRequest, data: dict[str, Any]) -> HttpResponse:
        found = _planned(data)
        begun = start_round(
            share=data["share"],
            effect=data["effect"],
            planned=found.size.total if found else None,
            by=request.user,  # type: ignore[arg-type] # `require` let nobody else in
        )
        self.log_change(request, begun, f"{begun}: {begun.share} %, {begun.effect:g}")
        messages.success(
            request, gettext("Saved: round %(number)s, with %(share)s %% without suggestions.") % vars(begun)
        )
        return HttpResponseRedirect(reverse("admin:deflection_holdoutround_changelist"))


def _filled(given: Any, running: HoldoutRound, traffic: Traffic) -> dict[str, Any]:
    """What was asked for; else what runs, and what the last weeks tell."""
    rate = round(100 * traffic.rate, 1) if traffic.rate else _TYPICAL_RATE
    known = {
        "share": running.share,
        "effect": f"{running.effect if running.number else DEFAULT_EFFECT:g}",
        "rate": f"{min(max(rate, 0.5), 99.5):g}",
        "weekly": max(1, round(traffic.weekly)),
    }
    return {name: given.get(name, value) for name, value in known.items()}


def _as_shares(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "share": data["share"],
        "effect": data["effect"] / 100,
        "rate": data["rate"] / 100,
        "weekly": data["weekly"],
    }


def _runs(running: HoldoutRound, data: dict[str, Any]) -> bool:
    """Whether that is what runs already, so that there is nothing to begin."""
    return bool(running.number) and (running.share, running.effect) == (data["share"], data["effect"])


def _planned(data: dict[str, Any]) -> Plan | None:
    return plan(**_as_shares(data)) if data["share"] else None
