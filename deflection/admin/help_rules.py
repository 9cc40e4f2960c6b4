"""Help in context: the switch, and the rules below it on one page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from deflection.models import HelpInContext, HelpRule, JourneyEvent
from deflection.services.help_rules import what_came_of_it
from knowledge.admin.base import ModelAdmin, TabularInline, TopicMixin, require

Kind = JourneyEvent.Kind


class HelpRuleInline(TopicMixin, TabularInline):
    model = HelpRule
    fields = ("is_active", "page", "topic", "trigger", "seconds", "offer", "came_of_it")
    readonly_fields = ("came_of_it",)
    extra = 0
    _counts: dict[int, dict[str, int]] | None = None
    """Of all rules; an inline lives as long as its page is made."""

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("topic", "help")

    @admin.display(description=_("last 30 days"))
    def came_of_it(self, rule: HelpRule) -> str:
        if not rule.pk:
            return ""
        if self._counts is None:
            self._counts = what_came_of_it(rule.help)
        counts = self._counts.get(rule.pk, {})
        return gettext("offered {offered}, taken {taken}, dismissed {dismissed}").format(
            offered=counts.get(Kind.HELP_OFFERED, 0),
            taken=counts.get(Kind.HELP_TAKEN, 0),
            dismissed=counts.get(Kind.HELP_DISMISSED, 0),
        )


@admin.register(HelpInContext)
class HelpInContextAdmin(ModelAdmin):
    """One row, so the list leads to it."""

    inlines = [HelpRuleInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        require(request, "deflection.view_helpincontext")
        one, _created = HelpInContext.objects.get_or_create(pk=1)
        return HttpResponseRedirect(reverse("admin:deflection_helpincontext_change", args=[one.pk]))
