"""The ways to reach a person, and where each is offered. No policy may leave people with nobody to write to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action
from unfold.widgets import BASE_INPUT_CLASSES

from knowledge.admin.base import EachLanguageInline, ModelAdmin, TopicFilter, TopicMixin, chip, reading_language
from tickets.admin.language_fields import LanguagesField
from tickets.models import Channel, ChannelPolicy, ChannelText
from tickets.services.channel_guard import check_policy, nobody_left_out
from tickets.services.channel_rules import TAKES_MESSAGES
from tickets.views.channel_preview import preview

_PROMINENCE = ChannelPolicy.Prominence
_KIND = {
    _PROMINENCE.FEATURED: "ok",
    _PROMINENCE.LISTED: "",
    _PROMINENCE.MINIMISED: "quiet",
    _PROMINENCE.CLOSED: "warn",
}


class ShowsPreview:
    """A button above the list that leads to what customers see."""

    actions_list = ("show_preview",)

    @action(description=gettext_lazy("See what customers see"), url_path="see", icon="visibility")  # type: ignore[untyped-decorator]
    def show_preview(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:tickets_channel_preview"))

    def has_show_preview_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tickets.change_channelpolicy")


class ChannelTextInline(EachLanguageInline):
    model = ChannelText
    fields = ("language", "detail", "closed_reason")
    verbose_name_plural = gettext_lazy("what customers read")


@admin.register(Channel)
class ChannelAdmin(ShowsPreview, ModelAdmin):
    list_display = ("label", "address", "calendar", "everywhere", "position")
    list_select_related = ("calendar",)
    inlines = (ChannelTextInline,)
    actions = None
    fieldsets = (
        (None, {"fields": ("kind", "address", "calendar", "position")}),
        (gettext_lazy("Chat and call-back"), {"fields": ("promised_seconds", "slots_per_quarter")}),
    )

    def get_urls(self) -> list[Any]:
        own = [path("preview/", self.admin_site.admin_view(preview), name="tickets_channel_preview")]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Channel]:
        channels: QuerySet[Channel] = super().get_queryset(request)
        return channels.prefetch_related("policies")

    def get_readonly_fields(self, request: HttpRequest, obj: Channel | None = None) -> tuple[str, ...]:
        # A channel that became another kind would slip past the guard of its policies.
        return ("kind",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """The channels that take a message at any hour stay; a policy decides where they are offered."""
        if isinstance(obj, Channel) and obj.kind in TAKES_MESSAGES:
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description=gettext_lazy("channel"), ordering="position")
    def label(self, channel: Channel) -> str:
        return channel.get_kind_display()

    @admin.display(description=gettext_lazy("everywhere"))
    def everywhere(self, channel: Channel) -> str:
        """What holds for good; policies for a while are in their own list."""
        lasting = (one for one in channel.policies.all() if not (one.topic_id or one.hours_id or one.is_dated))
        policy = next(lasting, None)
        return prominence_chip(policy.prominence if policy else _PROMINENCE.LISTED)


class ChannelPolicyForm(forms.ModelForm[ChannelPolicy]):
    sentences = LanguagesField(
        max_length=200,
        label=gettext_lazy("What customers read"),
        help_text=gettext_lazy("Beside the channel. For a closed one: why, and what to do instead."),
    )

    class Meta:
        model = ChannelPolicy
        fields = ("channel", "topic", "prominence", "place", "hours", "begins_at", "ends_at", "sentences")


@admin.register(ChannelPolicy)
class ChannelPolicyAdmin(ShowsPreview, TopicMixin, ModelAdmin):
    form = ChannelPolicyForm
    list_display = ("channel_name", "where", "when", "prominence_label")
    list_filter = ("channel", "prominence", TopicFilter)
    list_select_related = ("channel", "topic", "hours")
    ordering = ("channel__position", "topic__position")
    actions = ("feature", "list_them", "minimise", "close", "remove")
    formfield_overrides = {
        # The browser's own input, as for opening hours.
        DateTimeField: {
            "form_class": forms.DateTimeField,
            "widget": forms.DateTimeInput(
                {"type": "datetime-local", "class": " ".join(BASE_INPUT_CLASSES)}, format="%Y-%m-%dT%H:%M"
            ),
        }
    }
    fieldsets = (
        (
            None,
            {
                "fields": ("channel", "topic", "prominence", "place", "sentences"),
                "description": gettext_lazy(
                    "A policy for a topic overrides the one for everywhere. The contact form or e-mail stays open for "
                    "every topic: nobody is left without a person to write to."
                ),
            },
        ),
        (
            gettext_lazy("Only at times"),
            {
                "fields": ("hours", "begins_at", "ends_at"),
                "description": gettext_lazy(
                    "With all three empty it always counts. A policy for a while overrides the lasting one of the same "
                    "topic, and ends by itself."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChannelPolicy]:
        policies: QuerySet[ChannelPolicy] = super().get_queryset(request)
        return policies.prefetch_related("topic__translations")

    def get_actions(self, request: HttpRequest) -> Any:
        # Django's own would remove them behind the guard's back; `remove` asks it first.
        return {name: found for name, found in super().get_actions(request).items() if name != "delete_selected"}

    def get_readonly_fields(self, request: HttpRequest, obj: ChannelPolicy | None = None) -> tuple[str, ...]:
        # Moving a policy would open one place and, unseen, close another. Add a new one instead.
        return ("channel", "topic") if obj else ()

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Without its policy a topic falls back to what holds everywhere; the guard has its say first."""
        policy = self.get_object(request, object_id)
        if policy is not None and self.has_delete_permission(request, policy):
            try:
                check_policy(policy, is_removed=True)
            except ValidationError as error:
                messages.error(request, error.messages[0])
                return HttpResponseRedirect(reverse("admin:tickets_channelpolicy_change", args=[policy.pk]))
        return super().delete_view(request, object_id, extra_context)

    @admin.action(description=gettext_lazy("Feature"), permissions=["change"])
    def feature(self, request: HttpRequest, policies: QuerySet[ChannelPolicy]) -> None:
        self._set(request, policies, _PROMINENCE.FEATURED)

    @admin.action(description=gettext_lazy("List"), permissions=["change"])
    def list_them(self, request: HttpRequest, policies: QuerySet[ChannelPolicy]) -> None:
        self._set(request, policies, _PROMINENCE.LISTED)

    @admin.action(description=gettext_lazy("Minimise"), permissions=["change"])
    def minimise(self, request: HttpRequest, policies: QuerySet[ChannelPolicy]) -> None:
        self._set(request, policies, _PROMINENCE.MINIMISED)

    @admin.action(description=gettext_lazy("Close"), permissions=["change"])
    def close(self, request: HttpRequest, policies: QuerySet[ChannelPolicy]) -> None:
        self._set(request, policies, _PROMINENCE.CLOSED)

    @admin.action(description=gettext_lazy("Remove"), permissions=["delete"])
    def remove(self, request: HttpRequest, policies: QuerySet[ChannelPolicy]) -> HttpResponse | None:
        try:
            with nobody_left_out():
                return delete_selected(self, request, policies)
        except ValidationError as error:
            self.message_user(request, error.messages[0], messages.ERROR)
            return None

    def _set(self, request: HttpRequest, policies: QuerySet[ChannelPolicy], prominence: str) -> None:
        try:
            with nobody_left_out():
                count = ChannelPolicy.objects.filter(pk__in=policies.values("pk")).update(prominence=prominence)
        except ValidationError as error:
            self.message_user(request, error.messages[0], messages.ERROR)
            return
        text = ngettext("%(count)d policy changed.", "%(count)d policies changed.", count) % {"count": count}
        self.message_user(request, text)

    @admin.display(description=gettext_lazy("channel"), ordering="channel__position")
    def channel_name(self, policy: ChannelPolicy) -> str:
        return str(policy.channel)

    @admin.display(description=gettext_lazy("where"), ordering="topic__position")
    def where(self, policy: ChannelPolicy) -> str:
        return policy.topic.name_in(reading_language()) if policy.topic else _("Everywhere")

    @admin.display(description=gettext_lazy("when"), ordering="begins_at")
    def when(self, policy: ChannelPolicy) -> str:
        parts = [str(policy.hours)] if policy.hours else []
        if policy.is_dated:
            parts.append(f"{_short(policy.begins_at)} – {_short(policy.ends_at)}")
        return ", ".join(parts) or _("Always")

    @admin.display(description=gettext_lazy("prominence"), ordering="prominence")
    def prominence_label(self, policy: ChannelPolicy) -> str:
        return prominence_chip(policy.prominence)


def _short(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else "…"


def prominence_chip(prominence: str) -> str:
    value = _PROMINENCE(prominence)
    return chip(str(value.label), _KIND[value])
