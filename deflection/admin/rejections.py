"""What customers said no to: the matcher learns from it, and people can take it back."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from deflection.admin.learned import LearnedAdmin, RemovedFilter
from deflection.models import Rejection
from deflection.services.rejections import bring_back_rejection, remove_rejection


@admin.register(Rejection)
class RejectionAdmin(LearnedAdmin):
    list_display = ("question", "language", "article_link", "source", "created_at", "state")
    list_filter = ("source", RemovedFilter, "language", "created_at")
    actions = ("remove", "bring_back")

    def has_curate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("deflection.change_rejection")

    @admin.action(description=_("Remove"), permissions=["curate"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Rejection]) -> None:
        rows = [row for row in queryset if not row.is_removed]
        for row in rows:
            remove_rejection(row)
            self.log_change(request, row, "remove")
        text = ngettext("%(count)s rejection is removed.", "%(count)s rejections are removed.", len(rows))
        messages.success(request, text % {"count": len(rows)})

    @admin.action(description=_("Bring back"), permissions=["curate"])
    def bring_back(self, request: HttpRequest, queryset: QuerySet[Rejection]) -> None:
        rows = [row for row in queryset if row.is_removed]
        for row in rows:
            bring_back_rejection(row)
            self.log_change(request, row, "bring back")
        text = ngettext("%(count)s rejection is back.", "%(count)s rejections are back.", len(rows))
        messages.success(request, text % {"count": len(rows)})
