"""Call-backs to look up; customers book them, and they are called from the desk."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from knowledge.admin.base import ReadOnlyAdmin, chip
from tickets.admin.mail import case_link
from tickets.models import Callback
from tickets.services.phone_numbers import shown

_STATE_KIND = {
    Callback.State.BOOKED: "quiet",
    Callback.State.DONE: "ok",
    Callback.State.UNREACHED: "warn",
    Callback.State.CANCELLED: "",
}


@admin.register(Callback)
class CallbackAdmin(ReadOnlyAdmin):
    list_display = ("due_at", "case", "name", "phone", "status", "tries", "agent", "booked_at")
    list_filter = ("state", "due_at")
    list_select_related = ("ticket", "agent")
    search_fields = ("number", "name", "ticket__reference")
    show_full_result_count = False
    ordering = ("-due_at",)
    readonly_fields = ("case", "phone", "status", "calls")
    fieldsets = (
        (None, {"fields": ("case", "name", "phone", "language", "status", "agent")}),
        (_("When"), {"fields": ("booked_at", "slot_at", "promised_at", "due_at", "tries", "calls")}),
    )

    @admin.display(description=_("case"), ordering="ticket__reference")
    def case(self, row: Callback) -> str:
        return case_link(row.ticket)

    @admin.display(description=_("number"), ordering="number")
    def phone(self, row: Callback) -> str:
        return shown(row.number)

    @admin.display(description=_("state"), ordering="state")
    def status(self, row: Callback) -> str:
        return chip(row.get_state_display(), _STATE_KIND[Callback.State(row.state)])

    @admin.display(description=_("calls"))
    def calls(self, row: Callback) -> str:
        lines = (
            (f"{one.at:%Y-%m-%d %H:%M}", one.get_outcome_display(), str(one.agent or ""), one.note)
            for one in row.log.select_related("agent")
        )
        return format_html_join("", "<p>{} {} {}<br>{}</p>", lines)
