"""The addresses of ours, and how far the mail folders have been read."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from knowledge.admin.base import ModelAdmin, ReadOnlyAdmin, TopicMixin, chip, reading_language
from tickets.models import FetchPosition, Mailbox


@admin.register(Mailbox)
class MailboxAdmin(TopicMixin, ModelAdmin):
    list_display = ("address", "sender_name", "team", "topic_name", "language", "state")
    list_filter = ("is_active", "team", "language")
    list_select_related = ("team", "topic")
    search_fields = ("address", "sender_name")
    actions = None
    fieldsets = (
        (
            None,
            {
                "fields": ("address", "sender_name", "is_active"),
                "description": _(
                    "Mail to this address opens cases, and they are answered from it. The address of the e-mail "
                    "channel is the mailbox of everything else and needs no row here."
                ),
            },
        ),
        (_("What comes here"), {"fields": ("topic", "team", "language")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mailbox]:
        mailboxes: QuerySet[Mailbox] = super().get_queryset(request)
        return mailboxes.prefetch_related("topic__translations")

    @admin.display(description=_("topic"), ordering="topic__position")
    def topic_name(self, mailbox: Mailbox) -> str:
        return mailbox.topic.name_in(reading_language()) if mailbox.topic else ""

    @admin.display(description=_("in use"), ordering="is_active")
    def state(self, mailbox: Mailbox) -> str:
        return chip(str(_("In use")), "ok") if mailbox.is_active else chip(str(_("Not in use")), "quiet")


@admin.register(FetchPosition)
class FetchPositionAdmin(ReadOnlyAdmin):
    list_display = ("account", "folder", "state", "fetched_at")
    show_full_result_count = False
    readonly_fields = ("state",)
    fieldsets = (
        (None, {"fields": ("account", "folder", "state", "fetched_at")}),
        (_("Where the reading stands"), {"fields": ("last_uid", "uid_validity", "last_error", "updated_at")}),
    )

    @admin.display(description=_("state"))
    def state(self, position: FetchPosition) -> str:
        if position.last_error:
            return chip(str(_("Fails")), "warn", title=position.last_error)
        return chip(str(_("Works")), "ok") if position.fetched_at else chip(str(_("Not read yet")), "quiet")
