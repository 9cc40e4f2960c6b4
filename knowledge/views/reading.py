"""Topic and article pages, and what readers say of an article."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from django_ratelimit.decorators import ratelimit

from knowledge.forms import FeedbackForm
from knowledge.models import Article, ArticleTranslation, Feedback, Topic
from knowledge.origins import origin_of
from knowledge.search.languages import LANGUAGES, preferred
from knowledge.services.feedback import give_feedback
from knowledge.services.related import related_texts
from knowledge.services.searches import log_choice, log_view, mark_opened


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """The articles of a topic, in the reader's language where they exist."""
    found = get_object_or_404(Topic.objects.visible().with_names(), slug=slug)
    request.topic = found  # type: ignore[attr-defined]
    language = request.LANGUAGE_CODE
    texts = ArticleTranslation.objects.best_for(language).filter(article__topic=found).order_by("title")
    children = Topic.objects.visible().with_names().filter(parent=found)
    return render(
        request,
        "knowledge/topic.html",
        {
            "topic": found,
            "name": found.name_in(language),
            "description": found.description_in(language),
            "parent_name": found.parent.name_in(language) if found.parent else "",
            "children": [(child, child.name_in(language)) for child in children],
            "texts": texts,
        },
    )


@ratelimit(key="ip", rate="240/m", block=True)
@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """An article; one without a text in the reader's language is shown in the nearest, marked as such.

    `?typed=` comes from the list under the search box: what was typed there is a search that found this article.
    """
    language = request.LANGUAGE_CODE
    text = _public_text(slug, language, is_key="by" in request.GET)
    if text.language == language and text.slug != slug:
        return redirect("article", text.slug, permanent=False)
    origin = origin_of(request)
    if typed := request.GET.get("typed", ""):
        log_choice(typed, text, language, origin)
        return redirect("article", slug, permanent=False)
    if search_id := request.GET.get("search", ""):
        mark_opened(search_id, text, origin)
    log_view(text, origin)
    return render(request, "knowledge/article.html", _article_context(request, text))


def _public_text(slug: str, language: str, *, is_key: bool) -> ArticleTranslation:
    """The text that a reader of the language gets under an address, which may be another language's."""
    texts = ArticleTranslation.objects.published().select_related("article__topic")
    if is_key and (by_key := Article.objects.filter(key=slug).first()):
        found = by_key.text_in(language)
    else:
        candidates = {text.language: text for text in texts.filter(slug=slug)}
        found = next((candidates[code] for code in preferred(language) if code in candidates), None)
        if found is not None and found.language != language:
            found = found.article.text_in(language)
    if found is None:
        raise Http404
    return found


def _article_context(request: HttpRequest, text: ArticleTranslation) -> dict[str, object]:
    language = request.LANGUAGE_CODE
    request.topic = text.article.topic  # type: ignore[attr-defined]
    alternates = _alternates(text)
    request.alternates = alternates  # type: ignore[attr-defined]
    return {
        "text": text,
        "topic": text.article.topic,
        "topic_name": text.article.topic.name_in(language) if text.article.topic else "",
        "is_other_language": text.language != language,
        "related": related_texts(text, language),
        "reasons": Feedback.Reason.choices,
        "feedback_given": request.GET.get("thanks", ""),
        # The text's own address, wherever else it is shown for want of a translation.
        "canonical": settings.SITE_URL + alternates[text.language],
    }


def _alternates(text: ArticleTranslation) -> dict[str, str]:
    """The same article's address in each language, so that switching language keeps the page."""
    own = {one.language: one.slug for one in text.article.translations.all() if one.is_public()}
    addresses = {}
    for code in LANGUAGES:
        with override(code):
            addresses[code] = reverse("article", args=[own.get(code, text.slug)])
    return addresses


@login_required
@permission_required("knowledge.change_articletranslation", raise_exception=True)
@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """An article as customers would see its newest saved state. For those who may write."""
    text = get_object_or_404(ArticleTranslation.objects.select_related("article__topic"), pk=pk)
    if latest := text.latest_revision:
        text.title, text.summary, text.body = latest.text
    with override(text.language):
        return render(request, "knowledge/article.html", _article_context(request, text) | {"is_preview": True})


# Nothing is done in anybody's name here, so there is nothing for a foreign site to borrow; and readers get no
# cookie for reading.
@csrf_exempt
@ratelimit(key="ip", rate="30/m", block=True)
@require_POST
def feedback(request: HttpRequest, pk: int) -> HttpResponse:
    """Did this answer your question?"""
    text = get_object_or_404(ArticleTranslation.objects.published(), pk=pk)
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    is_helpful = form.cleaned_data["helpful"] == "yes"
    give_feedback(
        text=text,
        is_helpful=is_helpful,
        reason=form.cleaned_data["reason"],
        comment=form.cleaned_data["comment"],
        origin=origin_of(request),
    )
    said_why = bool(form.cleaned_data["reason"] or form.cleaned_data["comment"])
    given = "yes" if is_helpful else "why" if said_why else "no"
    if request.headers.get("HX-Request"):
        context = {"text": text, "reasons": Feedback.Reason.choices, "feedback_given": given}
        return render(request, "knowledge/parts/feedback.html", context)
    return HttpResponseRedirect(f"{reverse('article', args=[text.slug])}?thanks={given}#feedback")
