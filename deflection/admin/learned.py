"""What the lists of learned things share: shown with their cases, set aside and brought back by people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from knowledge.admin.articles import title_of
from knowledge.admin.base import ReadOnlyAdmin, chip, reading_language
from knowledge.models import Article

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
else:
    from unfold.views import ChangeList

__all__ = ["ChangeList", "LearnedAdmin", "RemovedFilter", "with_articles"]


class RemovedFilter(admin.SimpleListFilter):
    """What is in use is what one comes for; what was removed is one click away."""

    title = _("in use")
    parameter_name = "removed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[Any, Any]]:
        return [("no", _("In use")), ("yes", _("Removed"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        chosen = self.value() or "no"
        for value, label in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": value == chosen, "query_string": query, "display": label}

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.removed() if self.value() == "yes" else queryset.active()
        return found


def with_articles(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("article").prefetch_related("article__translations")


class LearnedAdmin(ReadOnlyAdmin):
    """A list of texts that belong to articles. Rows are removed and brought back by actions, never edited."""

    list_display_links = None
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("text",)
    search_help_text = _("Text")
    readonly_fields = ("article_link", "state")
    fieldsets = ((None, {"fields": ("text", "language", "article_link", "source", "created_at", "state")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_articles(super().get_queryset(request))

    @admin.display(description=_("text"), ordering="text")
    def question(self, row: Any) -> SafeString:
        return format_html('<span lang="{}">{}</span>', row.language, row.text)

    @admin.display(description=_("article"), ordering="article__key")
    def article_link(self, row: Any) -> SafeString:
        article: Article = row.article
        address = reverse("admin:knowledge_article_change", args=[article.pk])
        return format_html('<a class="sv-link" href="{}">{}</a>', address, title_of(article, reading_language()))

    @admin.display(description=_("in use"), ordering="removed_at")
    def state(self, row: Any) -> SafeString:
        return chip(str(_("Removed")), "quiet") if row.is_removed else chip(str(_("In use")), "ok")
