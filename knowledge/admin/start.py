"""The admin's first page: what waits to be written, finished or mended."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from knowledge.admin.article_filters import with_unpublished_changes
from knowledge.admin.articles import status_words, text_url
from knowledge.models import ArticleTranslation, ContentGap, Feedback

_ROWS = 6


def work_waiting(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Adds to the page what the person may see: the biggest gaps, unfinished texts, what did not help readers."""
    may = request.user.has_perm
    context["title"] = _("What is waiting")
    if may("knowledge.view_contentgap"):
        context["gaps"] = ContentGap.objects.waiting().biggest_first()[:_ROWS]
    if may("knowledge.view_articletranslation"):
        status = ArticleTranslation.Status
        unfinished = with_unpublished_changes().filter(
            Q(status=status.DRAFT) | Q(status=status.PUBLISHED, is_edited=True)
        )
        newest = unfinished.order_by("-newest").defer("body")[:_ROWS]
        context["unfinished"] = [(text, text_url(text), status_words(text)) for text in newest]
    if may("knowledge.view_feedback"):
        context["complaints"] = (
            Feedback.objects.filter(is_helpful=False)
            .exclude(reason="", comment="")
            .select_related("translation")[:_ROWS]
        )
    return context
