"""What the box for answers asks the server while an agent writes: drafts, macros, articles, colleagues, presence."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from knowledge.forms import row_number, without_nul
from tickets.desk_forms import RowNumbersField
from tickets.errors import TicketError
from tickets.models import Draft, Message
from tickets.services import drafts, mentions, presence, undo
from tickets.services.case_file import article_choices, suggested_articles
from tickets.services.macros import macros_for
from tickets.views.desk.door import DeskRequest, at_the_desk, back_to_case, ticket_or_404

UNDONE = "undone"


@require_POST
@at_the_desk
def save_draft(request: DeskRequest, reference: str) -> HttpResponse:
    """Keeps what has been written so far, and says when that was."""
    ticket = ticket_or_404(request, reference)
    data = without_nul(request.POST) or request.POST
    kind = data.get("kind", "")
    if kind not in Draft.Kind.values:
        return JsonResponse({"error": _("That is neither an answer nor a note.")}, status=422)
    macros = RowNumbersField().clean(data.getlist("macros"))
    drafts.save_draft(ticket, user=request.user, kind=kind, body=data.get("body", ""), macros=macros)
    at = date_format(timezone.localtime(), "TIME_FORMAT")
    return JsonResponse({"saved": _("Saved %(time)s") % {"time": at}})


@require_POST
@at_the_desk
def draft_files(request: DeskRequest, reference: str) -> HttpResponse:
    """Puts files to the answer, or takes one away (`remove`); answers with the list of those that wait."""
    ticket = ticket_or_404(request, reference)
    error = ""
    if "remove" in request.POST:
        drafts.remove_file(ticket, user=request.user, pk=row_number(request.POST["remove"]))
    try:
        files = cast(list[UploadedFile[Any]], request.FILES.getlist("attachments"))
        drafts.keep_files(ticket, user=request.user, files=files)
    except TicketError as refused:
        error = str(refused)
    context = {"ticket": ticket, "waiting": drafts.files_of(ticket, request.user), "file_error": error}
    return render(request, "desk/parts/waiting_files.html", context, status=422 if error else 200)


@never_cache
@require_safe
@at_the_desk
def macros(request: DeskRequest, reference: str) -> HttpResponse:
    """The macros that fit what is typed, filled in for this case."""
    ticket = ticket_or_404(request, reference)
    words = request.GET.get("macro_words", "")
    context = {"ticket": ticket, "macros": macros_for(ticket, request.user, words), "words": words}
    return render(request, "desk/parts/macros.html", context)


@never_cache
@require_safe
@at_the_desk
def links(request: DeskRequest, reference: str) -> HttpResponse:
    """The articles that may be put into the answer; without words, those that were suggested."""
    ticket = ticket_or_404(request, reference)
    words = request.GET.get("link_words", "")
    suggested = [] if words.strip() else suggested_articles(ticket)
    context = {"ticket": ticket, "links": article_choices(ticket, suggested, words, ""), "words": words}
    return render(request, "desk/parts/links.html", context)


@never_cache
@require_safe
@at_the_desk
def colleagues(request: DeskRequest) -> HttpResponse:
    """Whom an @ in a note may mean."""
    people = [one for one in mentions.colleagues_like(request.GET.get("find", "")) if one != request.user]
    return JsonResponse({"people": [{"name": str(one), "detail": one.email} for one in people]})


@never_cache
@require_POST
@at_the_desk
def present(request: DeskRequest, reference: str) -> HttpResponse:
    """A sign of life every few seconds: who else is here, and whether something was said since the page was made."""
    ticket = ticket_or_404(request, reference)
    now = timezone.now()
    if "leave" in request.POST:
        presence.leave(ticket, user=request.user)
        return HttpResponse(status=204)
    presence.arrive(ticket, user=request.user, at=now, is_typing=request.POST.get("typing") == "1")
    seen = row_number(request.POST.get("seen", ""))
    news = ticket.messages.said().filter(pk__gt=seen).select_related("author").last() if seen else None
    context = {
        "ticket": ticket,
        "others": presence.others(ticket, user=request.user, at=now),
        "news": news,
        "is_from_customer": news is not None and news.kind == Message.Kind.INBOUND,
        "query": request.META.get("QUERY_STRING", ""),
    }
    return render(request, "desk/parts/present.html", context)


@require_POST
@at_the_desk
def take_back(request: DeskRequest, reference: str, held_id: int) -> HttpResponse:
    """Undo send: the answer is a draft again."""
    ticket = ticket_or_404(request, reference)
    held = ticket.held_sends.filter(pk=held_id, user=request.user).select_related("message").first()
    try:
        if held is None:
            raise TicketError(_("It has left already, and cannot be taken back."))
        undo.take_back(held, agent=request.user)
        said = _("Taken back. Nothing was sent; your text is below.") if held.message_id else _("Taken back.")
        messages.success(request, said, extra_tags=UNDONE)
    except TicketError as error:
        messages.error(request, str(error))
    return back_to_case(request, ticket)
