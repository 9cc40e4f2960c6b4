"""What went out and what came in, to look things up in; a failed message can be sent again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from knowledge.admin.base import ReadOnlyAdmin, chip, require
from tickets.models import InboundMail, OutboxMessage, Ticket
from tickets.services.outbox import retry

_STATUS_KIND = {
    OutboxMessage.Status.QUEUED: "quiet",
    OutboxMessage.Status.SENDING: "quiet",
    OutboxMessage.Status.SENT: "ok",
    OutboxMessage.Status.FAILED: "warn",
}


def case_link(ticket: Ticket | None) -> str:
    if ticket is None:
        return ""
    return format_html('<a class="sv-link sv-nowrap" href="{}">{}</a>', ticket.get_absolute_url(), ticket.reference)


@admin.register(OutboxMessage)
class OutboxAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "recipient", "subject", "case", "state", "attempts", "sent_at")
    list_filter = ("status", "is_automatic", "channel", "created_at")
    list_select_related = ("ticket",)
    search_fields = ("recipient", "subject", "ticket__reference")
    show_full_result_count = False
    actions = ("send_again",)
    readonly_fields = ("case", "copies", "state")
    fieldsets = (
        (None, {"fields": ("case", "recipient", "copies", "subject", "body_text", "headers", "is_automatic")}),
        (_("Delivery"), {"fields": ("state", "attempts", "created_at", "next_attempt_at", "sent_at", "last_error")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        messages_out: QuerySet[OutboxMessage] = super().get_queryset(request)
        return messages_out.defer("body_html")

    def has_resend_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("tickets.change_outboxmessage")

    @admin.action(description=_("Send again (failed ones)"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        failed = list(queryset.filter(status=OutboxMessage.Status.FAILED))
        for row in failed:
            retry(row)
        if not failed:
            messages.warning(request, _("None of them has failed, so nothing was sent again."))
            return
        text = ngettext(
            "%(count)s message is on its way again.", "%(count)s messages are on their way again.", len(failed)
        )
        messages.success(request, text % {"count": len(failed)})

    @admin.display(description=_("case"), ordering="ticket__reference")
    def case(self, row: OutboxMessage) -> str:
        return case_link(row.ticket)

    @admin.display(description=_("copy"))
    def copies(self, row: OutboxMessage) -> str:
        return ", ".join(row.cc)

    @admin.display(description=_("status"), ordering="status")
    def state(self, row: OutboxMessage) -> str:
        return chip(row.get_status_display(), _STATUS_KIND[OutboxMessage.Status(row.status)], title=row.last_error)


@require_safe
def raw_mail(request: HttpRequest, pk: int, model_admin: Any) -> HttpResponse:
    """The message byte for byte, to be kept or looked into; never shown as a page."""
    require(request, "tickets.view_inboundmail")
    mail = get_object_or_404(InboundMail, pk=pk)
    response = HttpResponse(bytes(mail.raw), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="mail-{mail.pk}.eml"'
    return response


@admin.register(InboundMail)
class InboundMailAdmin(ReadOnlyAdmin):
    list_display = ("received_at", "sender", "subject", "outcome", "cause", "case")
    list_filter = ("outcome", "cause", "source", "received_at")
    list_select_related = ("ticket",)
    search_fields = ("sender", "subject", "ticket__reference", "rfc_id")
    show_full_result_count = False
    readonly_fields = ("case", "raw_message")
    fieldsets = (
        (None, {"fields": ("sender", "subject", "preview", "case", "raw_message")}),
        (
            _("What became of it"),
            {"fields": ("outcome", "cause", "error", "source", "received_at", "decided_by", "decided_at")},
        ),
    )
    custom_urls = (("<int:pk>/raw/", "tickets_inboundmail_raw", raw_mail),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundMail]:
        mails: QuerySet[InboundMail] = super().get_queryset(request)
        return mails.defer("raw")

    @admin.display(description=_("case"), ordering="ticket__reference")
    def case(self, mail: InboundMail) -> str:
        return case_link(mail.ticket)

    @admin.display(description=_("as it arrived"))
    def raw_message(self, mail: InboundMail) -> str:
        address = reverse("admin:tickets_inboundmail_raw", args=[mail.pk])
        return format_html(
            '<a class="sv-link" href="{}">{}</a> · <a class="sv-link" href="{}">{}</a>',
            reverse("desk:mail_letter", args=[mail.pk]),
            _("See it at the desk"),
            address,
            _("Download the message"),
        )
