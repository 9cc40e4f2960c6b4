"""Filters of the article list. Language and status together ask about one and the same text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from knowledge.models import Article, ArticleTranslation, Revision

UNPUBLISHED_CHANGES = "edited"


def with_unpublished_changes() -> Any:
    """Texts, each with `is_edited`: whether its newest revision says something else than what is public."""
    newest = Revision.objects.filter(translation=OuterRef("pk")).order_by("-number")
    differs = Revision.objects.filter(pk=OuterRef("newest")).exclude(
        title=OuterRef("title"), summary=OuterRef("summary"), body=OuterRef("body")
    )
    texts = ArticleTranslation.objects.annotate(newest=Subquery(newest.values("pk")[:1]))
    return texts.annotate(is_edited=Exists(differs))


class LanguageFilter(admin.SimpleListFilter):
    title = _("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[Any, Any]]:
        present = [(code, name) for code, name in settings.LANGUAGES]
        missing = [
            (f"-{code}", format_lazy(_("Not in {language}"), language=name)) for code, name in settings.LANGUAGES
        ]
        return [*present, *missing]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article] | None:
        value = self.value() or ""
        if value not in dict(self.lookup_choices):
            return queryset
        texts = ArticleTranslation.objects.in_language(value.removeprefix("-")).values("article")
        if value.startswith("-"):
            return queryset.exclude(pk__in=texts)
        return queryset.filter(pk__in=texts)


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
            texts = with_unpublished_changes().filter(status=value)
        language = request.GET.get("language", "")
        if language in dict(settings.LANGUAGES):
            texts = texts.in_language(language)
        return queryset.filter(pk__in=texts.values("article"))
