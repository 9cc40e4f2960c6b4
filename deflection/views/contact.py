"""The contact page: write, see what may answer it, and send at any moment."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_ratelimit.decorators import ratelimit

from deflection.forms import ContactForm, drafted, initial_from
from deflection.middleware import JourneyOrigin
from deflection.models import ContactDraft, Journey, JourneyEvent
from deflection.services import drafts, holdout, journeys, uploads
from deflection.services.contact import Written, send_case
from deflection.services.suggestions import suggest
from knowledge.forms import row_number
from knowledge.models import Article, Topic
from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import ChannelKind, Ticket
from tickets.services.channel_policy import expected_reply, ways_to_reach_us
from tickets.services.links import case_path

_LONGEST_PREFILL = 2000


def _origin(request: HttpRequest) -> JourneyOrigin:
    return request.origin  # type: ignore[attr-defined,no-any-return]


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
    if request.method != "POST":
        return _begun(request, journey, topics)
    holdout.sees_suggestions(journey)
    too_much = _files_beyond_allowance(request)
    if "show_fields" in request.POST or "remove_upload" in request.POST:
        return _shown_again(request, journey, topics)
    form = ContactForm(request.POST, request.FILES, topics=topics)
    is_valid = form.is_valid()
    if too_much:
        form.add_error("attachments", too_much)
    elif is_valid:
        try:
            return HttpResponseRedirect(case_path(_sent(request, journey, form), request.LANGUAGE_CODE) + "&sent=1")
        except TicketError as error:
            form.add_error(None, str(error))
    _keep(request, journey)
    return _page(request, journey, form, drafts.draft_of(journey))


def _files_beyond_allowance(request: HttpRequest) -> str:
    """Leaves out the form's files where their sender has sent enough for now; what there is to be said about it."""
    try:
        files = request.FILES.getlist("attachments")
        uploads.count_towards_allowance(request.META.get("REMOTE_ADDR", ""), sum(one.size or 0 for one in files))
    except TicketError as error:
        request.FILES.setlist("attachments", [])
        return str(error)
    return ""


def _begun(request: HttpRequest, journey: Journey, topics: list[tuple[Topic, str]]) -> HttpResponse:
    """The form with the draft in it, if there is one. What was searched in vain is the beginning of the story: nobody
    writes it twice."""
    if "back" in request.GET:
        uploads.take_back(journey)
    draft = drafts.draft_of(journey)
    initial = initial_from(draft.values) if draft else {}
    searched = clean(request.GET.get("q", ""))[:_LONGEST_PREFILL]
    if searched and searched not in initial.get("message", ""):
        initial["message"] = f"{initial.get('message', '').strip()}\n\n{searched}".strip()
    if topic := request.GET.get("topic", "")[:60]:
        initial["topic"] = topic
    form = ContactForm(topics=topics, initial=initial)
    holdout.sees_suggestions(journey, topic=form.chosen)
    journeys.note_contact_opened(journey)
    return _page(request, journey, form, draft, searched=searched)


def _shown_again(request: HttpRequest, journey: Journey, topics: list[tuple[Topic, str]]) -> HttpResponse:
    """Without JavaScript: the form as it was sent, with the fields of the topic that was chosen, nothing checked."""
    tokens = request.POST.getlist("remove_upload")
    try:
        for unwanted in uploads.named_by(tokens):
            uploads.remove(unwanted)
    except TicketError:
        pass  # gone already
    _keep(request, journey)
    form = ContactForm(topics=topics, initial=initial_from(drafted(request.POST)))
    return _page(request, journey, form, drafts.draft_of(journey))


def _sent(request: HttpRequest, journey: Journey, form: ContactForm) -> Ticket:
    data = form.cleaned_data
    written = Written(
        email=data["email"],
        message=data["message"],
        language=request.LANGUAGE_CODE,
        name=data["name"],
        subject=data["subject"],
        topic=data["topic"],
        fields=form.asked_values,
        attachments=data["attachments"],
        sent_ahead=data["uploads"],
        idempotency_key=drafts.idempotency_key(data["key"], data["email"]),
        is_suspected_spam=form.looks_like_spam,
    )
    return send_case(journey, written)


def _keep(request: HttpRequest, journey: Journey) -> None:
    """What could not be sent yet waits with the visit, files and all, also where no script runs."""
    draft = drafts.draft_of(journey)
    values = drafted(request.POST)
    dismissed = draft.values.get("dismissed", []) if draft else []
    drafts.save(journey, {**values, "dismissed": dismissed}, base=draft.version if draft else 0)
    uploads.keep(journey, request.FILES.getlist("attachments"))


def _page(
    request: HttpRequest, journey: Journey, form: ContactForm, draft: ContactDraft | None, *, searched: str = ""
) -> HttpResponse:
    request.topic = form.chosen  # type: ignore[attr-defined]
    context = {
        **_ways(form.chosen),
        "form": form,
        "journey": journey,
        "expected_reply": expected_reply(request.LANGUAGE_CODE, topic=form.chosen),
        "uploads": [(one, uploads.token_of(one)) for one in uploads.waiting(journey)],
        "draft": draft,
        "searched": searched,
    }
    return render(request, "deflection/contact.html", context, status=422 if form.is_bound else 200)


def _ways(topic: Topic | None) -> dict[str, Any]:
    """What the page says of the ways to a person; its hatches show the same offers, worked out once."""
    offers = ways_to_reach_us(topic)
    return {
        "escape_hatches": offers,
        "only_form": not any(offer.is_offered and offer.kind != ChannelKind.FORM for offer in offers),
        "is_for_people_first": topic is not None and topic.is_for_people_first,
    }


@never_cache
@ratelimit(key="ip", rate="120/m", block=True)
@require_safe
def topic_parts(request: HttpRequest) -> HttpResponse:
    """What changes on the contact page when another topic is chosen: the ways to a person, and the fields."""
    form = ContactForm(topics=_topics(request.LANGUAGE_CODE), initial={"topic": request.GET.get("topic", "")[:60]})
    request.topic = form.chosen  # type: ignore[attr-defined]
    return render(request, "deflection/parts/for_topic.html", {**_ways(form.chosen), "form": form})


@csrf_exempt
@ratelimit(key="ip", rate="120/m", block=True)
@require_POST
def suggestions(request: HttpRequest) -> HttpResponse:
    """What may answer the text so far, as a piece of the contact page."""
    text, subject = request.POST.get("message", ""), request.POST.get("subject", "")
    topic = Topic.objects.visible().filter(slug=request.POST.get("topic", "")[:60]).first()
    if topic is not None and topic.is_for_people_first:
        return render(request, "deflection/parts/suggestions.html", {"is_for_people_first": True})
    dismissed = {row_number(one) for one in request.POST.getlist("dismissed")[:50]}
    found = suggest(text, request.LANGUAGE_CODE, subject=subject, without=dismissed)
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
        journey = _origin(request).begin()
        journeys.note(journey, JourneyEvent.Kind.ANSWERED, article=article)
        # The text stays for a while in the browser that wrote it, and the files can be had back from here.
        drafts.clear(journey)
        uploads.set_aside(journey)
    return redirect("answered_thanks")


@never_cache
@require_safe
def answered_thanks(request: HttpRequest) -> HttpResponse:
    """Glad to have helped; and if it was not the answer after all, the form is one click away."""
    return render(request, "deflection/answered.html")
