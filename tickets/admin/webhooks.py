"""Webhooks: where they go, what they tell, and how it went."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminURLInputWidget

from knowledge.admin.base import ModelAdmin, ReadOnlyAdmin, chip, require
from tickets.errors import TicketError
from tickets.models import Webhook, WebhookDelivery
from tickets.services import webhook_delivery, webhooks
from tickets.services.safe_post import check_address

_CHANGE = "tickets.change_webhook"
_STATUS_KIND = {
    WebhookDelivery.Status.QUEUED: "quiet",
    WebhookDelivery.Status.SENDING: "quiet",
    WebhookDelivery.Status.SENT: "ok",
    WebhookDelivery.Status.FAILED: "warn",
}
_SHOWN = 8


def _event_label(name: str) -> str:
    return f"{webhooks.EVENTS[name]} ({name})"


class WebhookForm(forms.ModelForm[Webhook]):
    url = forms.URLField(
        label=capfirst(_("address")), max_length=500, assume_scheme="https", widget=UnfoldAdminURLInputWidget
    )
    events = forms.MultipleChoiceField(
        label=capfirst(_("events")),
        choices=[(name, lazy(_event_label, str)(name)) for name in webhooks.EVENTS],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("None ticked: all of them."),
    )

    class Meta:
        model = Webhook
        fields = ("name", "url", "events", "is_active")

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            check_address(url)
        except TicketError as error:
            raise forms.ValidationError(str(error)) from None
        return url


@require_POST
def send_ping(request: HttpRequest, pk: int, model_admin: Any) -> HttpResponse:
    """Sends something harmless, so that one sees whether anything arrives."""
    require(request, _CHANGE)
    hook = get_object_or_404(Webhook, pk=pk)
    webhooks.ping(hook)
    messages.success(request, gettext("A ping is on its way. How it went stands below in a moment."))
    return _back(hook)


@require_POST
def renew_secret(request: HttpRequest, pk: int, model_admin: Any) -> HttpResponse:
    require(request, _CHANGE)
    hook = get_object_or_404(Webhook, pk=pk)
    hook.secret = webhooks.new_secret()
    hook.save(update_fields=["secret"])
    model_admin.log_change(request, hook, "new secret")
    messages.success(request, gettext("From now on the new secret signs what is sent. Give it to the other system."))
    return _back(hook)


@require_POST
def use_again(request: HttpRequest, pk: int, model_admin: Any) -> HttpResponse:
    require(request, _CHANGE)
    hook = get_object_or_404(Webhook, pk=pk)
    webhook_delivery.restart(hook)
    model_admin.log_change(request, hook, "use again")
    messages.success(request, gettext("In use again. What has waited is sent within a minute."))
    return _back(hook)


def _back(hook: Webhook) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:tickets_webhook_change", args=[hook.pk]))


@admin.register(Webhook)
class WebhookAdmin(ModelAdmin):
    list_display = ("name", "url", "told", "state")
    form = WebhookForm
    actions = None
    fieldsets = ((None, {"fields": ("name", "url", "events", "is_active")}),)
    change_form_template = "admin/tickets/webhook/change_form.html"
    custom_urls = (
        ("<int:pk>/ping/", "tickets_webhook_ping", send_ping),
        ("<int:pk>/secret/", "tickets_webhook_secret", renew_secret),
        ("<int:pk>/use-again/", "tickets_webhook_use_again", use_again),
    )

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:
        obj.secret = obj.secret or webhooks.new_secret()
        if obj.is_active:
            obj.stopped_at = None
        if "url" in form.changed_data or ("is_active" in form.changed_data and obj.is_active):
            obj.failing_since = None
        super().save_model(request, obj, form, change)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        hook: Webhook | None = context.get("original")
        if hook is not None:
            context |= {
                "hook": hook,
                "may_change": request.user.has_perm(_CHANGE),
                "deliveries": [(row, _STATUS_KIND[_status(row)]) for row in hook.deliveries.all()[:_SHOWN]],
                "waiting": hook.deliveries.filter(status=WebhookDelivery.Status.QUEUED).count(),
                "deliveries_url": f"{reverse('admin:tickets_webhookdelivery_changelist')}?webhook__id__exact={hook.pk}",
            }
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("events"))
    def told(self, hook: Webhook) -> str:
        if not hook.events:
            return str(_("All"))
        return ngettext("%(count)s event", "%(count)s events", len(hook.events)) % {"count": len(hook.events)}

    @admin.display(description=_("status"), ordering="is_active")
    def state(self, hook: Webhook) -> str:
        if hook.stopped_at:
            return chip(str(_("Stopped: nothing arrives")), "warn")
        if not hook.is_active:
            return chip(str(_("Out of use")), "quiet")
        return chip(str(_("Failing")), "warn") if hook.failing_since else chip(str(_("In use")), "ok")


def _status(row: WebhookDelivery) -> WebhookDelivery.Status:
    return WebhookDelivery.Status(row.status)


@admin.register(WebhookDelivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "webhook", "event", "state", "response_status", "attempts", "sent_at")
    list_filter = ("status", "webhook", "event", "created_at")
    list_select_related = ("webhook",)
    search_fields = ("id", "event")
    show_full_result_count = False
    actions = ("send_again",)
    readonly_fields = ("state", "content", "number")
    fieldsets = (
        (None, {"fields": ("webhook", "event", "number", "content")}),
        (
            _("Delivery"),
            {
                "fields": (
                    "state",
                    "response_status",
                    "attempts",
                    "created_at",
                    "next_attempt_at",
                    "sent_at",
                    "last_error",
                )
            },
        ),
    )

    def has_resend_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(_CHANGE)

    @admin.action(description=_("Send again (failed ones)"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        count = sum(webhook_delivery.retry(row) for row in queryset)
        if not count:
            messages.warning(request, _("None of them has failed, so nothing was sent again."))
            return
        text = ngettext(
            "%(count)s delivery is on its way again.", "%(count)s deliveries are on their way again.", count
        )
        messages.success(request, text % {"count": count})

    @admin.display(description=_("status"), ordering="status")
    def state(self, row: WebhookDelivery) -> str:
        return chip(row.get_status_display(), _STATUS_KIND[_status(row)], title=row.last_error)

    @admin.display(description="Svar-Delivery")
    def number(self, row: WebhookDelivery) -> str:
        return str(row.pk)

    @admin.display(description=_("content"))
    def content(self, row: WebhookDelivery) -> str:
        return format_html(
            '<pre class="sv-source" tabindex="0">{}</pre>', json.dumps(row.payload, ensure_ascii=False, indent=2)
        )
