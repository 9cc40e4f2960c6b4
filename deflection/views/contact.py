"""The contact page: write, see what may answer it, and send at any moment."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_ratelimit.decorators import ratelimit

from deflection.forms import ContactForm
from deflection.middleware import JourneyOrigin
from deflection.models import JourneyEvent
from deflection.services import holdout, journeys
from deflection.services.contact import send_case
from deflection.services.suggestions import suggest
from knowledge.forms import row_number
from knowledge.models import Article, Topic
from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import ChannelKind
from tickets.services.channel_policy import expected_reply, ways_to_reach_us
from tickets.services.links import case_path

_LONGEST_PREFILL = 2000


def _origin(request: HttpRequest) -> JourneyOrigin:
    return request.origin  # type: ignore[attr-defined,no-any-return]


def _idempotency_key(key: str, email: str) -> str | None:
    """The form's key, together with the address: one that was mistyped and then put right is another customer."""
    return "form:" + hashlib.sha256(f"{email}\n{key}".encode()).hexdigest() if key else None


def _topics(language: str) -> list[tuple[Topic, str]]:
    return [(topic, topic.name_in(language)) for topic in Topic.objects.visible().with_names()]


# The form is anonymous: it acts in nobody's name, so a foreign site has nothing to borrow, and there is no
# cookie whose loss could cost a customer the text. Robots are dealt with by form_guard and the rate limit.
@csrf_exempt
@never_cache
@ratelimit(key="ip", rate="30/m", method="POST", block=True)
@ratelimit(key="ip", rate="120/m", method="GET", block=True)
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """The form. The first valid POST makes the case; anything else comes back with all that was written."""
    topics = _topics(request.LANGUAGE_CODE)
    journey = _origin(request).begin()
    holdout.sees_suggestions(journey)
    if request.method == "POST":
        form = ContactForm(request.POST, request.FILES, topics=topics)
        if form.is_valid():
            try:
                data = form.cleaned_data
                ticket = send_case(
                    journey=journey,
                    email=data["email"],
                    message=data["message"],
                    language=request.LANGUAGE_CODE,
                    name=data["name"],
                    subject=data["subject"],
                    topic=data["topic"],
                    attachments=data["attachments"],
                    idempotency_key=_idempotency_key(data["key"], data["email"]),
                    is_suspected_spam=form.looks_like_spam,
                )
                return HttpResponseRedirect(case_path(ticket, request.LANGUAGE_CODE) + "&sent=1")
            except TicketError as error:
                form.add_error(None, str(error))
    else:
        # What was searched in vain is the beginning of the story: nobody writes it twice.
        form = ContactForm(
            topics=topics,
            initial={
                "message": clean(request.GET.get("q", ""))[:_LONGEST_PREFILL],
                "topic": request.GET.get("topic", "")[:60],
            },
        )
        journeys.note_contact_opened(journey)
    chosen = next((topic for topic, _ in topics if topic.slug == form["topic"].value()), None)
    request.topic = chosen  # type: ignore[attr-defined]
    others = [offer for offer in ways_to_reach_us(chosen) if offer.is_offered and offer.kind != ChannelKind.FORM]
    context = {
        "only_form": not others,
        "form": form,
        "journey": journey,
        "expected_reply": expected_reply(request.LANGUAGE_CODE),
    }
    return render(request, "deflection/contact.html", context, status=422 if form.is_bound else 200)


@csrf_exempt
@ratelimit(key="ip", rate="120/m", block=True)
@require_POST
def suggestions(request: HttpRequest) -> HttpResponse:
    """What may answer the text so far, as a piece of the contact page."""
    text, subject = request.POST.get("message", ""), request.POST.get("subject", "")
    found = suggest(text, request.LANGUAGE_CODE, subject=subject)
    if found:
        journey = _origin(request).begin()
        found = holdout.shown_of(journey, found)
        journeys.note_suggestions(journey, [(one.translation.article_id, one.probability) for one in found])
    return render(request, "deflection/parts/suggestions.html", {"suggestions": found})


@ratelimit(key="ip", rate="120/m", block=True)
@require_safe
def suggested_article(request: HttpRequest, pk: int) -> HttpResponse:
    """A suggestion opened in place, beside the text that is being written."""
    article = get_object_or_404(Article.objects.published().prefetch_related("translations"), pk=pk)
    text = article.text_in(request.LANGUAGE_CODE)
    if journey := _origin(request).journey:
        journeys.note(journey, JourneyEvent.Kind.SUGGESTION_OPENED, article=article)
    return render(request, "deflection/parts/suggested_article.html", {"text": text})


@csrf_exempt
@ratelimit(key="ip", rate="60/m", block=True)
@require_POST
def answered(request: HttpRequest) -> HttpResponse:
    """“This answered my question”: a good end without a case."""
    article = Article.objects.published().filter(pk=row_number(request.POST.get("article", ""))).first()
    if article is not None:
        journeys.note(_origin(request).begin(), JourneyEvent.Kind.ANSWERED, article=article)
    return redirect("answered_thanks")


@never_cache
@require_safe
def answered_thanks(request: HttpRequest) -> HttpResponse:
    """Glad to have helped; and if it was not the answer after all, the form is one click away."""
    return render(request, "deflection/answered.html")
