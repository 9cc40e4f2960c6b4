"""The customer's side of a case: follow it, write more, close it, say how it went."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_ratelimit.decorators import ratelimit

from knowledge.forms import row_number, without_nul
from knowledge.models import Article
from tickets.errors import TicketError
from tickets.forms import CaseReplyForm, RatingForm
from tickets.models import Attachment, ChannelKind, Chat, Rating
from tickets.services import intake, lifecycle, ratings
from tickets.services.case_story import story_for_customer
from tickets.services.chat_keys import room_path
from tickets.services.customer_logins import customer_of
from tickets.services.links import attachment_signature_is_valid, case_path
from tickets.views.case_door import Visit, with_visit


# The signed key in the form is the authority here, not a cookie, so there is nothing that a foreign site could
# borrow; and no expired cookie can cost a customer what they wrote.
@csrf_exempt
@never_cache
@ratelimit(key="ip", rate="60/m", method="POST", block=True)
@require_http_methods(["GET", "HEAD", "POST"])
@with_visit
def case(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The case page; a POST adds a message."""
    form = CaseReplyForm(without_nul(request.POST) or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        body = form.cleaned_data["message"]
        try:
            intake.add_customer_message(
                visit.ticket,
                body=body,
                channel=ChannelKind.FORM,
                attachments=form.cleaned_data["attachments"],
                external_id=_name_of_sending(request.POST.get("nonce", ""), body),
                customer=None if visit.is_customer else visit.viewer,
            )
            messages.success(request, _("Your message has been added to the case."))
            return HttpResponseRedirect(visit.path() + "&added=1")
        except TicketError as error:
            form.add_error("message", str(error))
    return _page(request, visit, form=form)


def _page(
    request: HttpRequest, visit: Visit, *, form: CaseReplyForm | None = None, rating_form: RatingForm | None = None
) -> HttpResponse:
    request.topic = visit.ticket.topic  # type: ignore[attr-defined]
    if visit.key:
        # Also after a POST to another address than the page's own.
        request.alternates = {  # type: ignore[attr-defined]
            code: case_path(visit.ticket, code, key=visit.key) for code, _name in settings.LANGUAGES
        }
    story = story_for_customer(visit.ticket, visit.viewer)
    has_failed = any(one is not None and one.is_bound and bool(one.errors) for one in (form, rating_form))
    context = {
        "ticket": visit.ticket,
        "key": visit.key,
        "story": story,
        "is_customer": visit.is_customer,
        "form": form or CaseReplyForm(),
        "rating_form": rating_form or RatingForm(initial=_rating_so_far(request, story.rating)),
        "rating_label": ratings.satisfaction_labels().get(story.rating.satisfaction or 0, "") if story.rating else "",
        "has_my_cases": request.user.is_authenticated and customer_of(request.user) is not None,
        "has_failed": has_failed,
        "open_chat": _open_chat(request, visit),
    }
    return render(request, "tickets/case.html", context, status=422 if has_failed else 200)


def _open_chat(request: HttpRequest, visit: Visit) -> str:
    """Where the customer's chat in this case goes on, while it does."""
    if visit.ticket.channel != ChannelKind.CHAT or not visit.is_customer:
        return ""
    chat = Chat.objects.going_on().filter(ticket=visit.ticket).select_related("ticket").first()
    return room_path(chat, get_language()) if chat else ""


def _rating_so_far(request: HttpRequest, rating: Rating | None) -> dict[str, object]:
    """What they said before, or the answer that they clicked in our letter: filled in, and sent by nobody but them."""
    if rating is not None:
        return {"satisfaction": rating.satisfaction, "effort": rating.effort, "comment": rating.comment}
    return {"satisfaction": request.GET.get("score", "")}


def _name_of_sending(nonce: str, body: str) -> str:
    """One name for one text sent from one page: a double click adds it once, an edited text is another message."""
    return hashlib.sha256(f"{nonce}:{body}".encode()).hexdigest() if nonce else ""


@csrf_exempt
@never_cache
@ratelimit(key="ip", rate="60/m", block=True)
@require_POST
@with_visit
def close_case(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The customer, and nobody else in the case, says that it is solved; perhaps by an article that the page showed."""
    if not visit.is_customer:
        raise Http404
    article = None
    if chosen := request.POST.get("article", ""):
        article = Article.objects.published().filter(pk=row_number(chosen)).first()
    lifecycle.close_by_customer(visit.ticket, article=article)
    messages.success(request, _("Good. The case is closed; write here if it comes back, and it opens again."))
    return HttpResponseRedirect(visit.path())


@csrf_exempt
@never_cache
@ratelimit(key="ip", rate="60/m", block=True)
@require_POST
@with_visit
def rate_case(request: HttpRequest, visit: Visit) -> HttpResponse:
    """How it went, in the customer's own judgement; nobody else in the case is asked."""
    if not visit.is_customer:
        raise Http404
    form = RatingForm(without_nul(request.POST))
    if form.is_valid():
        try:
            ratings.rate(visit.ticket, **form.cleaned_data)
            messages.success(request, _("Thank you. We read every answer."))
            return HttpResponseRedirect(visit.path())
        except TicketError as error:
            messages.warning(request, str(error))
            return HttpResponseRedirect(visit.path())
    return _page(request, visit, rating_form=form)


@require_GET
def attachment(request: HttpRequest, attachment_id: str) -> FileResponse:
    """A file of a case, by a link that expires. Never run or framed by the browser."""
    if not attachment_signature_is_valid(str(attachment_id), request.GET.get("sig", "")):
        raise Http404
    found = get_object_or_404(Attachment, pk=attachment_id)
    try:
        content = found.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content, as_attachment=not found.is_image, filename=found.name, content_type=found.content_type
    )
    response["Cache-Control"] = "private, no-store"
    return response
