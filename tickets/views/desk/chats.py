"""Live chat at the desk: who waits, the conversations that an agent has, and what is done with one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge.forms import row_number, without_nul
from tickets.chat_desk_forms import AgentSaysForm, HandOverForm
from tickets.desk_forms import AnsweredByForm, NoteForm
from tickets.errors import TicketError
from tickets.models import Chat, Ticket
from tickets.services import answering, availability, chat_agents, chat_desk, chat_offers, chat_solving, chats
from tickets.services.chat_lines import say
from tickets.services.chat_reading import gather, line_data
from tickets.views.desk.box import Step, resumed, step_of
from tickets.views.desk.chat_page import Unfinished, chat_page, leads
from tickets.views.desk.door import DeskRequest, at_the_desk
from tickets.views.desk.elsewhere import rail_elsewhere

WATCH_SECONDS = 15


def chat_or_404(request: DeskRequest, chat_id: UUID) -> Chat:
    chat = chat_agents.chat_for(request.user, chat_id)
    if chat is None:
        raise Http404
    return chat


def wants_json(request: DeskRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


@never_cache
@require_safe
@at_the_desk
def overview(request: DeskRequest) -> HttpResponse:
    """The customers who wait, the agent's own chats, and for whoever leads the work those of everybody."""
    availability.note_here(request.user.pk, timezone.now())
    context = {
        "rail": rail_elsewhere(request),
        "mine": chat_desk.mine(request.user),
        "waiting": chat_desk.waiting(request.user),
        "others": chat_desk.of_others(request.user) if leads(request.user) else None,
        "watches": WATCH_SECONDS if request.GET.get("watch") == "1" else 0,
    }
    return render(request, "desk/chats.html", context)


@never_cache
@require_safe
@at_the_desk
def chat_list(request: DeskRequest) -> HttpResponse:
    """The lists beside a conversation, for a page that has been open for a while."""
    context = {
        "mine": chat_desk.mine(request.user),
        "waiting": chat_desk.waiting(request.user),
        "current": request.GET.get("current", ""),
    }
    return render(request, "desk/parts/chat_list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@at_the_desk
def now(request: DeskRequest) -> HttpResponse:
    """What rings and how many wait. A POST is the sign of life of a page that has no socket."""
    if request.method == "POST":
        availability.note_here(request.user.pk, timezone.now())
    return render(request, "desk/parts/chat_now.html", {"now": chat_desk.now_for(request.user)})


@require_POST
@at_the_desk
def set_availability(request: DeskRequest) -> HttpResponse:
    """Available, busy or away; or how many chats at once."""
    try:
        if "capacity" in request.POST:
            number = request.POST["capacity"]
            availability.set_own_capacity(request.user, int(number) if number.isdecimal() and len(number) < 4 else -1)
        else:
            availability.set_state(request.user, request.POST.get("state", ""))
    except TicketError as error:
        messages.error(request, str(error))
    if wants_json(request):
        return render(request, "desk/parts/chat_now.html", {"now": chat_desk.now_for(request.user)})
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if is_ours and back.startswith("/") else "desk:chats")


@never_cache
@require_safe
@at_the_desk
def chat(request: DeskRequest, chat_id: UUID) -> HttpResponse:
    found = chat_or_404(request, chat_id)
    availability.note_here(request.user.pk, timezone.now())
    return chat_page(request, found)


@never_cache
@require_safe
@at_the_desk
def lines(request: DeskRequest, chat_id: UUID) -> HttpResponse:
    """What was said after a number, for a window without a socket."""
    found = chat_or_404(request, chat_id)
    availability.note_here(request.user.pk, timezone.now())
    gather(found.pk)
    after = row_number(request.GET.get("after", ""))
    room = chat_agents.room_for_agent(found.pk, request.user.pk, after, request.LANGUAGE_CODE)
    if room is None:
        raise Http404
    chat_agents.mark_read(found, request.user, room.last_seq)
    return JsonResponse(room.data)


@require_POST
@at_the_desk
def say_line(request: DeskRequest, chat_id: UUID) -> HttpResponse:
    """The agent says something, perhaps with files; the same key says it once."""
    found = chat_or_404(request, chat_id)
    data = without_nul(request.POST) or request.POST
    if (step := step_of(data)) is not None:
        return _with_step(request, found, step)
    form = AgentSaysForm(data, request.FILES)
    try:
        if not form.is_valid():
            raise TicketError(" ".join(str(one) for errors in form.errors.values() for one in errors))
        given = form.cleaned_data
        message = say(
            found,
            side=Chat.Side.AGENT,
            body=given["body"],
            client_key=form.key_for(found),
            author=request.user,
            files=given["attachments"],
        )
    except TicketError as error:
        if wants_json(request):
            return JsonResponse({"detail": str(error)}, status=400)
        return chat_page(request, found, Unfinished(body=data.get("body", ""), error=str(error)), status=422)
    then = chat_agents.note_macros(message, given["macros"], request.user)
    if wants_json(request):
        return JsonResponse(line_data(message))
    is_solving = "?solve=1" if then == Ticket.Status.SOLVED else ""
    return redirect(reverse("desk:chat", args=[found.pk]) + is_solving)


def _with_step(request: DeskRequest, found: Chat, step: Step) -> HttpResponse:
    """Without scripts, a macro or a link is a round trip that keeps what was written."""
    ticket = chat_solving.case_of(found)
    return chat_page(request, found, Unfinished(initial=resumed(request, ticket, request.POST), step=step))


@require_POST
@at_the_desk
def take(request: DeskRequest, chat_id: UUID) -> HttpResponse:
    """Accepts an offer, picks one that waits, or takes over from a colleague (`over`)."""
    found = chat_or_404(request, chat_id)
    try:
        if request.POST.get("over"):
            chat_agents.take_over(found, request.user)
        else:
            chats.accept(found, request.user)
    except TicketError as error:
        messages.warning(request, str(error))
    return redirect("desk:chat", found.pk)


@require_POST
@at_the_desk
def decline(request: DeskRequest, chat_id: UUID) -> HttpResponse:
    chat_offers.decline(chat_or_404(request, chat_id), request.user)
    if wants_json(request):
        return render(request, "desk/parts/chat_now.html", {"now": chat_desk.now_for(request.user)})
    return redirect("desk:chats")


@require_POST
@at_the_desk
def hand_over(request: DeskRequest, chat_id: UUID) -> HttpResponse:
    found = chat_or_404(request, chat_id)
    form = HandOverForm(without_nul(request.POST))
    try:
        if not form.is_valid():
            raise TicketError(" ".join(str(one) for errors in form.errors.values() for one in errors))
        given = form.cleaned_data
        if form.team:
            done = chat_agents.hand_to_team(found, team=form.team, by=request.user, note=given["note"])
        else:
            done = chat_agents.hand_to_colleague(found, to=form.colleague, by=request.user, note=given["note"])
    except TicketError as error:
        return chat_page(request, found, Unfinished(hand_over=form, hand_over_error=str(error)), status=422)
    messages.success(request, _("%(name)s has the chat now, and the customer is told.") % {"name": done.agent})
    return redirect("desk:chats")


@require_POST
@at_the_desk
def end(request: DeskRequest, chat_id: UUID) -> HttpResponse:
    found = chat_or_404(request, chat_id)
    try:
        chat_solving.end_by_agent(found, request.user)
        messages.success(request, _("The chat has ended. Its case goes on."))
    except TicketError as error:
        messages.error(request, str(error))
    return redirect("desk:chat", found.pk)


@require_POST
@at_the_desk
def note(request: DeskRequest, chat_id: UUID) -> HttpResponse:
    """An internal note in the case; it stands in the conversation, for agents only."""
    found = chat_or_404(request, chat_id)
    form = NoteForm(without_nul(request.POST))
    if not form.is_valid():
        return chat_page(request, found, Unfinished(note=form), status=422)
    answering.add_note(chat_solving.case_of(found), agent=request.user, body=form.cleaned_data["note"])
    chat_agents.tell_noted(found)
    messages.success(request, _("The note has been added. Only agents see it."))
    return redirect("desk:chat", found.pk)


@require_POST
@at_the_desk
def solve(request: DeskRequest, chat_id: UUID) -> HttpResponse:
    """Ends the chat and solves its case, unless the customer has written something that was not seen."""
    found = chat_or_404(request, chat_id)
    form = AnsweredByForm(without_nul(request.POST))
    if "look" in request.POST:
        return chat_page(request, found, Unfinished(solving=AnsweredByForm(initial=request.POST.dict())))
    if form.is_valid() and not form.cleaned_data["article"]:
        form.add_error("article", _("Choose the article that answered it, or “No article answers it”."))
    error = ""
    if form.is_valid():
        try:
            chat_solving.solve(found, request.user, _judgement(form), seen=row_number(request.POST.get("seen", "")))
            messages.success(request, _("The case is solved, and the customer is told."))
            return redirect("desk:chats")
        except TicketError as refused:
            error = str(refused)
    return chat_page(request, found, Unfinished(solving=form, solving_error=error), status=422)


def _judgement(form: AnsweredByForm) -> chat_solving.Judgement:
    given: dict[str, Any] = form.cleaned_data
    article = given["article"] if not isinstance(given["article"], str) else None
    return chat_solving.Judgement(article, given["root_cause"], given["demand_type"])
