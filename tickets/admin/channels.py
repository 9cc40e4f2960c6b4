"""The ways to reach a person, and where each is offered. No policy may leave people with nobody to write to."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from knowledge.admin.base import EachLanguageInline, ModelAdmin, TopicFilter, TopicMixin, chip, reading_language
from tickets.models import Channel, ChannelPolicy, ChannelText
from tickets.services.channel_guard import check_policy
from tickets.services.channel_rules import TAKES_MESSAGES

_KIND = {
    ChannelPolicy.Prominence.FEATURED: "ok",
    ChannelPolicy.Prominence.LISTED: "",
    ChannelPolicy.Prominence.MINIMISED: "quiet",
    ChannelPolicy.Prominence.CLOSED: "warn",
}


class ChannelTextInline(EachLanguageInline):
    model = ChannelText
    fields = ("language", "detail", "closed_reason")
    verbose_name_plural = _("what customers read")


@admin.register(Channel)
class ChannelAdmin(ModelAdmin):
    list_display = ("label", "address", "calendar", "everywhere", "position")
    list_select_related = ("calendar",)
    inlines = (ChannelTextInline,)
    actions = None
    fieldsets = ((None, {"fields": ("kind", "address", "calendar", "position")}),)

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

    @admin.display(description=_("channel"), ordering="position")
    def label(self, channel: Channel) -> str:
        return channel.get_kind_display()

    @admin.display(description=_("everywhere"))
    def everywhere(self, channel: Channel) -> str:
        policy = next((one for one in channel.policies.all() if one.topic_id is None), None)
        return prominence_chip(policy.prominence if policy else ChannelPolicy.Prominence.LISTED)


@admin.register(ChannelPolicy)
class ChannelPolicyAdmin(TopicMixin, ModelAdmin):
    list_display = ("channel_name", "where", "prominence_label")
    list_filter = ("channel", "prominence", TopicFilter)
    list_select_related = ("channel", "topic")
    ordering = ("channel__position", "topic__position")
    actions = None
    fieldsets = (
        (
            None,
            {
                "fields": ("channel", "topic", "prominence"),
                "description": _(
                    "A policy for a topic overrides the one for everywhere. The contact form or e-mail stays open for "
                    "every topic: nobody is left without a person to write to."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChannelPolicy]:
        policies: QuerySet[ChannelPolicy] = super().get_queryset(request)
        return policies.prefetch_related("topic__translations")

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

    @admin.display(description=_("channel"), ordering="channel__position")
    def channel_name(self, policy: ChannelPolicy) -> str:
        return str(policy.channel)

    @admin.display(description=_("where"), ordering="topic__position")
    def where(self, policy: ChannelPolicy) -> str:
        return policy.topic.name_in(reading_language()) if policy.topic else str(_("Everywhere"))

    @admin.display(description=_("prominence"), ordering="prominence")
    def prominence_label(self, policy: ChannelPolicy) -> str:
        return prominence_chip(policy.prominence)


def prominence_chip(prominence: str) -> str:
    value = ChannelPolicy.Prominence(prominence)
    return chip(str(value.label), _KIND[value])
