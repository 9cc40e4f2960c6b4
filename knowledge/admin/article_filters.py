"""Filters of the article list. Language and status together ask about one and the same text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from knowledge.models import Article, ArticleTranslation, Revision

UNPUBLISHED_CHANGES = "edited"


def with_unpublished_changes() -> QuerySet[ArticleTranslation]:
    """Texts, each with `is_edited`: whether its newest revision says something else than what is public."""
    same_as_public = {field: OuterRef(f"translation__{field}") for field in ("title", "summary", "body")}
    newer = Revision.objects.filter(translation=OuterRef("translation"), number__gt=OuterRef("number"))
    newest = Revision.objects.filter(translation=OuterRef("pk")).filter(~Exists(newer))
    # The inner reference is to the revision's own text, so the comparison stays inside the database.
    differs = newest.exclude(pk__in=Revision.objects.filter(pk=OuterRef("pk"), **same_as_public).values("pk"))
    return ArticleTranslation.objects.annotate(is_edited=Exists(differs))


class LanguageFilter(admin.SimpleListFilter):
    title = _("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[Any, Any]]:
        present = [(code, name) for code, name in settings.LANGUAGES]
        missing = [(f"-{code}", format_lazy(_("Not in {language}"), language=name)) for code, name in settings.LANGUAGES]
        return [*present, *missing]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article] | None:
        value = self.value() or ""
        texts = ArticleTranslation.objects.in_language(value.removeprefix("-")).values("article")
        if value.startswith("-"):
            return queryset.exclude(pk__in=texts)
        return queryset.filter(pk__in=texts) if value else queryset


class StatusFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[Any, Any]]:
        return [*ArticleTranslation.Status.choices, (UNPUBLISHED_CHANGES, _("Unpublished changes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article] | None:
        value = self.value()
        if value not in dict(self.lookup_choices):
            return queryset
        if value == UNPUBLISHED_CHANGES:
            texts = with_unpublished_changes().filter(is_edited=True, status=ArticleTranslation.Status.PUBLISHED)
        else:
            texts = ArticleTranslation.objects.filter(status=value)
        language = request.GET.get("language", "")
        if language in dict(settings.LANGUAGES):
            texts = texts.in_language(language)  # type: ignore[attr-defined]
        return queryset.filter(pk__in=texts.values("article"))
