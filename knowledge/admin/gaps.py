"""Content gaps: what customers ask and nobody has written yet, biggest first, each one click from a draft."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.db.models import Max, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from knowledge.admin.articles import text_url
from knowledge.admin.base import ReadOnlyAdmin, TopicFilter, chip, reading_language, require
from knowledge.models import Article, ContentGap, GapEvidence
from knowledge.services.gaps import dismiss_gap, draft_from_gap

_QUESTIONS_SHOWN = 100
_KIND = {
    ContentGap.Status.OPEN: "warn",
    ContentGap.Status.DRAFTED: "quiet",
    ContentGap.Status.ANSWERED: "ok",
    ContentGap.Status.DISMISSED: "",
}


@require_POST
def draft(request: HttpRequest, pk: int, model_admin: Any) -> HttpResponse:
    """One click: a draft with the customers' questions in it, open for writing."""
    require(request, "knowledge.add_article")
    require(request, "knowledge.change_contentgap")
    gap = get_object_or_404(ContentGap, pk=pk)
    article = draft_from_gap(gap, author=request.user)  # type: ignore[arg-type]
    model_admin.log_change(request, gap, f"draft {article.key}")
    messages.success(request, gettext("Here is a draft with what customers asked. Write the answer and publish it."))
    return HttpResponseRedirect(_draft_url(article, gap.language))


@require_POST
def dismiss(request: HttpRequest, pk: int, model_admin: Any) -> HttpResponse:
    require(request, "knowledge.change_contentgap")
    gap = get_object_or_404(ContentGap, pk=pk)
    dismiss_gap(gap)
    model_admin.log_change(request, gap, "dismiss")
    messages.success(request, gettext("“%(question)s” is set aside.") % {"question": gap.title})
    return HttpResponseRedirect(reverse("admin:knowledge_contentgap_changelist"))


def _draft_url(article: Article, language: str) -> str:
    text = article.translations.filter(language=language).first()
    return text_url(text) if text else reverse("admin:knowledge_article_change", args=[article.pk])


def _questions(gap: ContentGap) -> list[dict[str, Any]]:
    """What customers asked, the same words once, cases first."""
    rows = gap.evidence.order_by().values("kind", "text").annotate(asked=Sum("times"), last_asked_at=Max("asked_at"))
    kinds = dict(GapEvidence.Kind.choices)
    return [{**row, "kind": kinds[row["kind"]]} for row in rows.order_by("kind", "-asked", "-last_asked_at")]


class WorkFilter(admin.SimpleListFilter):
    """What waits is what one comes for, so that is shown until somebody asks for the rest."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[Any, Any]]:
        return [*ContentGap.Status.choices, ("all", _("All"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        chosen = self.value() or ContentGap.Status.OPEN
        for value, label in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": value == chosen, "query_string": query, "display": label}

    def queryset(self, request: HttpRequest, queryset: QuerySet[ContentGap]) -> QuerySet[ContentGap]:
        value = self.value() or ContentGap.Status.OPEN
        return queryset.filter(status=value) if value in ContentGap.Status.values else queryset


@admin.register(ContentGap)
class GapAdmin(ReadOnlyAdmin):
    list_display = ("title", "case_count", "search_count", "language", "topic_name", "last_asked_at", "state")
    list_filter = (WorkFilter, "language", TopicFilter)
    search_fields = ("title", "evidence__text")
    list_per_page = 50
    fieldsets = ()
    change_form_template = "admin/knowledge/contentgap/change_form.html"
    custom_urls = (
        ("<int:pk>/draft/", "knowledge_contentgap_draft", draft),
        ("<int:pk>/dismiss/", "knowledge_contentgap_dismiss", dismiss),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContentGap]:
        return ContentGap.objects.biggest_first().select_related("topic").prefetch_related("topic__translations")

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        gap: ContentGap | None = context.get("original")
        if gap is not None:
            may_work = request.user.has_perm("knowledge.change_contentgap")
            questions = _questions(gap)
            context |= {
                "gap": gap,
                "title": gap.title,
                "kind": _KIND[ContentGap.Status(gap.status)],
                "topic_name": self.topic_name(gap),
                "questions": questions[:_QUESTIONS_SHOWN],
                "question_count": len(questions),
                "draft_url": _draft_url(gap.article, gap.language) if gap.article else "",
                "may_draft": may_work and request.user.has_perm("knowledge.add_article"),
                "may_dismiss": may_work and gap.status == ContentGap.Status.OPEN,
            }
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("topic"), ordering="topic__position")
    def topic_name(self, gap: ContentGap) -> str:
        return gap.topic.name_in(reading_language()) if gap.topic else ""

    @admin.display(description=_("status"), ordering="status")
    def state(self, gap: ContentGap) -> str:
        return chip(gap.get_status_display(), _KIND[ContentGap.Status(gap.status)])
