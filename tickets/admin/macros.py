"""Prepared answers: whose they are, what they say in each language, and how often they are used."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.admin.base import EachLanguageInline, ModelAdmin
from tickets.admin.classification import in_use_chip
from tickets.models import Macro, MacroText


class MacroTextInline(EachLanguageInline):
    model = MacroText
    fields = ("language", "body")
    verbose_name_plural = _("what it says")


@admin.register(Macro)
class MacroAdmin(ModelAdmin):
    list_display = ("name", "whose", "languages", "used_30", "used_90", "in_use", "position")
    list_filter = ("team", "is_active")
    list_select_related = ("team",)
    search_fields = ("name", "texts__body")
    autocomplete_fields = ("tags",)
    inlines = (MacroTextInline,)
    actions = None
    fieldsets = (
        (None, {"fields": ("name", "team", "position", "is_active")}),
        (_("What it does with the case"), {"fields": ("then", "priority", "tags")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Macro]:
        macros: QuerySet[Macro] = super().get_queryset(request)
        now = timezone.now()
        lately = {
            f"used_in_{days}": Count("uses", filter=Q(uses__created_at__gte=now - timedelta(days=days)), distinct=True)
            for days in (30, 90)
        }
        return macros.annotate(**lately).prefetch_related("texts")

    @admin.display(description=_("team"), ordering="team__name")
    def whose(self, macro: Macro) -> str:
        return str(macro.team) if macro.team else str(_("Everybody's"))

    @admin.display(description=_("languages"))
    def languages(self, macro: Macro) -> str:
        return ", ".join(sorted(text.language for text in macro.texts.all()))

    @admin.display(description=_("used in 30 days"), ordering="used_in_30")
    def used_30(self, macro: Any) -> int:
        return int(macro.used_in_30)

    @admin.display(description=_("used in 90 days"), ordering="used_in_90")
    def used_90(self, macro: Any) -> int:
        return int(macro.used_in_90)

    @admin.display(description=_("in use"), ordering="is_active")
    def in_use(self, macro: Macro) -> str:
        return in_use_chip(macro.is_active)
