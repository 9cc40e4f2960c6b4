"""Synonyms: words that customers use and articles do not, language by language."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from unfold.widgets import UnfoldAdminTextareaWidget

from knowledge.admin.base import ModelAdmin, chip, reading_language
from knowledge.models import Synonym


@admin.register(Synonym)
class SynonymAdmin(ModelAdmin):
    list_display = ("meaning", "language", "way", "is_active", "try_it")
    list_filter = ("language", "kind", "is_active")
    list_editable = ("is_active",)
    search_fields = ("words", "replacements")
    list_per_page = 100
    fieldsets = ((None, {"fields": ("language", "kind", "words", "replacements", "is_active")}),)
    radio_fields = {"kind": admin.VERTICAL}
    conditional_fields = {"replacements": "kind == 'one_way'"}
    list_before_template = "admin/knowledge/synonym/explanation.html"
    change_form_template = "admin/knowledge/synonym/change_form.html"

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ("words", "replacements"):
            kwargs["widget"] = UnfoldAdminTextareaWidget({"rows": 3, "spellcheck": "true"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"language": reading_language(), **super().get_changeform_initial_data(request)}

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        synonym: Synonym | None = context.get("original")
        context["tries"] = _tries(synonym) if synonym else []
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("words"), ordering="words")
    def meaning(self, synonym: Synonym) -> SafeString:
        return format_html('<span lang="{}">{}</span>', synonym.language, str(synonym))

    @admin.display(description=_("kind"), ordering="kind")
    def way(self, synonym: Synonym) -> SafeString:
        return chip(synonym.get_kind_display(), "quiet" if synonym.kind == Synonym.Kind.ONE_WAY else "")

    @admin.display(description=_("try it"))
    def try_it(self, synonym: Synonym) -> SafeString | str:
        tries = _tries(synonym)
        if not tries:
            return ""
        return format_html(
            '<a class="sv-link" href="{}" target="_blank" rel="noopener">{}</a>', tries[0][1], _("Search for it")
        )


def _tries(synonym: Synonym) -> list[tuple[str, str]]:
    """Each word with the address of its search, as customers would see it."""
    with override(synonym.language):
        address = reverse("search")
    return [(entry, f"{address}?{urlencode({'q': entry})}") for entry in synonym.entries]
