"""How customers ask, as it was learned from their cases: to be looked through, removed and brought back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from deflection.admin.learned import ChangeList, LearnedAdmin, RemovedFilter, with_articles
from deflection.services.learning import cases_behind
from knowledge.models import Phrasing
from knowledge.services.phrasings import bring_back_phrasing, remove_phrasing


class _WithCases(ChangeList):
    """The rows of the page with their cases, in one query, for those who may see cases."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        may_see = request.user.has_perm("tickets.work_cases")
        cases = cases_behind({row.origin for row in rows if row.origin}) if may_see else {}
        for row in rows:
            row.case_behind = cases.get(row.origin)
        self.result_list = rows


@admin.register(Phrasing)
class PhrasingAdmin(LearnedAdmin):
    list_display = ("question", "language", "article_link", "source", "case", "created_at", "state")
    list_filter = ("source", RemovedFilter, "language", "created_at")
    actions = ("remove", "bring_back")
    ordering = ("-created_at", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Phrasing]:
        return with_articles(Phrasing.with_removed.order_by(*self.ordering))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return _WithCases

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("knowledge.delete_phrasing")

    @admin.action(description=_("Remove"), permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Phrasing]) -> None:
        rows = [row for row in queryset if not row.is_removed]
        for row in rows:
            self.log_change(request, row, "remove")
            remove_phrasing(row)
        text = ngettext("%(count)s phrasing is removed.", "%(count)s phrasings are removed.", len(rows))
        messages.success(request, text % {"count": len(rows)})

    @admin.action(description=_("Bring back"), permissions=["remove"])
    def bring_back(self, request: HttpRequest, queryset: QuerySet[Phrasing]) -> None:
        back = [row for row in queryset if bring_back_phrasing(row)]
        for row in back:
            self.log_change(request, row, "bring back")
        text = ngettext("%(count)s phrasing is back.", "%(count)s phrasings are back.", len(back))
        messages.success(request, text % {"count": len(back)})

    @admin.display(description=_("case"))
    def case(self, row: Any) -> str:
        ticket = row.case_behind
        if ticket is None:
            return ""
        return format_html('<a class="sv-link sv-nowrap" href="{}">{}</a>', ticket.get_absolute_url(), ticket.reference)
