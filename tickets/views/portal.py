"""The customer's side of a case: follow it, write more, close it."""

from __future__ import annotations

import hashlib

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_ratelimit.decorators import ratelimit

from knowledge.forms import row_number, without_nul
from knowledge.models import Article
from tickets.errors import TicketError
from tickets.forms import CaseReplyForm
from tickets.models import Attachment, ChannelKind, Ticket
from tickets.services import intake, lifecycle
from tickets.services.case_story import story_for_customer
from tickets.services.links import attachment_signature_is_valid, case_key, case_path, key_opens


def _ticket_or_404(request: HttpRequest, reference: str) -> Ticket:
    """The case, for whoever holds its key; to read it, being logged in as its customer or an agent is enough too.

    404 for all others. A change always needs the key: these views check no CSRF token, and a foreign site can make
    a browser send the session's cookie, but knows no key.
    """
    ticket = get_object_or_404(
        Ticket.objects.select_related("customer", "topic", "assignee", "answered_by"), reference=reference
    )
    if key_opens(ticket, request.POST.get("key") or request.GET.get("key", "")):
        return ticket
    if request.method in ("GET", "HEAD") and Ticket.objects.visible_to(request.user).filter(pk=ticket.pk).exists():
        return ticket
    raise Http404


# The signed key in the form is the authority here, not a cookie, so there is nothing that a foreign site could
# borrow; and no expired cookie can cost a customer what they wrote.
@csrf_exempt
@never_cache
@ratelimit(key="ip", rate="60/m", method="POST", block=True)
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """The case page; a POST adds a message."""
    ticket = _ticket_or_404(request, reference)
    form = CaseReplyForm(without_nul(request.POST) or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            intake.add_customer_message(
                ticket,
                body=form.cleaned_data["message"],
                channel=ChannelKind.FORM,
                attachments=form.cleaned_data["attachments"],
                external_id=_name_of_sending(request.POST.get("nonce", ""), form.cleaned_data["message"]),
            )
            messages.success(request, _("Your message has been added to the case."))
            return HttpResponseRedirect(case_path(ticket, request.LANGUAGE_CODE))
        except TicketError as error:
            form.add_error("message", str(error))
    request.topic = ticket.topic  # type: ignore[attr-defined]
    context = {"ticket": ticket, "form": form, "story": story_for_customer(ticket), "key": case_key(ticket)}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "tickets/case.html", context, status=status)


def _name_of_sending(nonce: str, body: str) -> str:
    """One name for one text sent from one page: a double click adds it once, an edited text is another message."""
    return hashlib.sha256(f"{nonce}:{body}".encode()).hexdigest() if nonce else ""


@csrf_exempt
@ratelimit(key="ip", rate="60/m", block=True)
@require_POST
def close_case(request: HttpRequest, reference: str) -> HttpResponse:
    """The customer says that it is solved, perhaps by an article that the page showed."""
    ticket = _ticket_or_404(request, reference)
    article = None
    if chosen := request.POST.get("article", ""):
        article = Article.objects.published().filter(pk=row_number(chosen)).first()
    lifecycle.close_by_customer(ticket, article=article)
    messages.success(request, _("Good. The case is closed; write here if it comes back, and it opens again."))
    return HttpResponseRedirect(case_path(ticket, request.LANGUAGE_CODE))


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
