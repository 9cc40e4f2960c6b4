"""What is done to a text beside editing it: publish, withdraw, look through its revisions, compare, restore."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from knowledge.admin.base import require
from knowledge.admin.comparing import Line, compare
from knowledge.models import ArticleTranslation, Revision
from knowledge.services import publishing

PUBLISH = "knowledge.publish_article"
CHANGE = "knowledge.change_articletranslation"
VIEW = "knowledge.view_revision"


@require_safe
def list_revisions(request: HttpRequest, pk: int, model_admin: Any) -> HttpResponse:
    """Who saved what, when; any two to be compared, any one to be restored."""
    require(request, VIEW)
    text = get_object_or_404(ArticleTranslation, pk=pk)
    revisions = list(text.revisions.select_related("author"))
    live = live_revision(text)
    context = {
        "text": text,
        "revisions": revisions,
        "live": live,
        "old": live.number if live else revisions[-1].number if revisions else 0,
        "may_restore": request.user.has_perm(CHANGE),
        "title": _("Revisions"),
    }
    return _page(request, model_admin, text, "revisions", context)


@require_safe
def compare_revisions(request: HttpRequest, pk: int, model_admin: Any) -> HttpResponse:
    """Two revisions side by side in time: what the newer one took out and put in."""
    require(request, VIEW)
    text = get_object_or_404(ArticleTranslation, pk=pk)
    numbers = [request.GET.get(name, "") for name in ("old", "new")]
    pair = [get_object_or_404(text.revisions, number=int(n) if n.isdecimal() and len(n) < 9 else -1) for n in numbers]
    old, new = sorted(pair, key=lambda revision: revision.number)
    context = {
        "text": text,
        "old": old,
        "new": new,
        "parts": _differences(old, new),
        "title": _("Compare revisions"),
    }
    return _page(request, model_admin, text, "compare", context)


def _differences(old: Revision, new: Revision) -> list[tuple[str, list[Line]]]:
    """The parts of a text that differ, each with its changed lines."""
    names = (_("Title"), _("Summary"), _("Text"))
    parts = [(name, compare(one, other)) for name, one, other in zip(names, old.text, new.text, strict=True)]
    return [(name, lines) for name, lines in parts if lines]


@require_POST
def publish_revision(request: HttpRequest, pk: int, number: int, model_admin: Any) -> HttpResponse:
    """Publishes the very revision that the person looked at, even if a newer one was saved meanwhile."""
    require(request, PUBLISH)
    revision = get_object_or_404(Revision, translation=pk, number=number)
    text = publishing.publish(revision)
    model_admin.log_change(request, text, f"publish #{number}")
    messages.success(request, published_message(text))
    return _back(pk)


@require_POST
def withdraw_text(request: HttpRequest, pk: int, model_admin: Any) -> HttpResponse:
    require(request, PUBLISH)
    text = get_object_or_404(ArticleTranslation, pk=pk)
    if text.status == ArticleTranslation.Status.PUBLISHED:
        publishing.withdraw(text)
        model_admin.log_change(request, text, "withdraw")
        messages.success(request, _("Withdrawn. Customers can no longer read it or find it."))
    return _back(pk)


@require_POST
def restore_revision(request: HttpRequest, pk: int, number: int, model_admin: Any) -> HttpResponse:
    """Brings an old state back as the newest revision; what customers read stays until somebody publishes."""
    require(request, CHANGE)
    revision = get_object_or_404(Revision.objects.select_related("translation__article"), translation=pk, number=number)
    restored = publishing.restore(revision, author=request.user)  # type: ignore[arg-type]
    model_admin.log_change(request, revision.translation, f"restore #{number}")
    messages.success(
        request,
        _("Revision %(old)s is back, as revision %(new)s. Publish it when customers are to read it.")
        % {"old": number, "new": restored.number},
    )
    return _back(pk)


def live_revision(text: ArticleTranslation) -> Revision | None:
    """The revision that customers read now, or last read."""
    return text.revisions.filter(published_at__isnull=False).order_by("-published_at", "-number").first()


def published_message(text: ArticleTranslation) -> str:
    return _("“%(title)s” is published. Customers find it within seconds.") % {"title": text.title}


def _back(pk: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:knowledge_articletranslation_change", args=[pk]))


def _page(
    request: HttpRequest, model_admin: Any, text: ArticleTranslation, name: str, context: dict[str, Any]
) -> HttpResponse:
    return render(
        request,
        f"admin/knowledge/articletranslation/{name}.html",
        {**model_admin.admin_site.each_context(request), "opts": model_admin.opts, "original": text, **context},
    )
