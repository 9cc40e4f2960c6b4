"""What readers said and what they looked for. To be read, not edited."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from knowledge.admin.articles import text_url
from knowledge.admin.base import ReadOnlyAdmin, TopicFilter, chip
from knowledge.models import Feedback, SearchEvent
from knowledge.models.searches import SearchEventQuerySet


class FeedbackTopicFilter(TopicFilter):
    topic_path = "translation__article__topic"


class CommentFilter(admin.SimpleListFilter):
    title = _("comment")
    parameter_name = "comment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[Any, Any]]:
        return [("yes", _("With a comment"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> QuerySet[Feedback]:
        return queryset.exclude(comment="") if self.value() == "yes" else queryset


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "verdict", "text_link", "reason", "short_comment")
    list_filter = ("is_helpful", "reason", CommentFilter, "translation__language", FeedbackTopicFilter, "created_at")
    list_select_related = ("translation",)
    search_fields = ("comment", "translation__title")
    readonly_fields = ("verdict", "reason", "comment", "text_link", "said_of", "created_at")
    fieldsets = ((None, {"fields": ("verdict", "reason", "comment", "text_link", "said_of", "created_at")}),)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # Abuse and personal data in a comment must be removable.
        return request.user.has_perm("knowledge.delete_feedback")

    @admin.display(description=_("verdict"), ordering="is_helpful")
    def verdict(self, feedback: Feedback) -> SafeString:
        return chip(str(_("Helpful")), "ok") if feedback.is_helpful else chip(str(_("Not helpful")), "warn")

    @admin.display(description=_("article"), ordering="translation__title")
    def text_link(self, feedback: Feedback) -> SafeString:
        return format_html('<a class="sv-link" href="{}">{}</a>', text_url(feedback.translation), feedback.translation)

    @admin.display(description=_("comment"))
    def short_comment(self, feedback: Feedback) -> str:
        return Truncator(feedback.comment).chars(120)

    @admin.display(description=_("said of"))
    def said_of(self, feedback: Feedback) -> str:
        return f"#{feedback.revision.number}" if feedback.revision else ""


class ResultFilter(admin.SimpleListFilter):
    title = _("result")
    parameter_name = "result"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[Any, Any]]:
        return [("none", _("Found nothing")), ("unanswered", _("Found no answer")), ("opened", _("Opened an article"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[SearchEvent]:
        searches: SearchEventQuerySet = queryset
        match self.value():
            case "none":
                return searches.without_result()
            case "unanswered":
                return searches.unanswered()
            case "opened":
                return searches.filter(opened__isnull=False)
            case _:
                return searches


@admin.register(SearchEvent)
class SearchAdmin(ReadOnlyAdmin):
    list_display = ("text", "language", "result_count", "opened", "created_at")
    list_filter = (ResultFilter, "language", "created_at")
    list_select_related = ("opened",)
    search_fields = ("text",)
    show_full_result_count = False
    fields = ("text", "language", "result_count", "matched", "opened", "created_at")
