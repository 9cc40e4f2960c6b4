"""One chat as a page of the desk: the conversation, the customer beside it, and what can be done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tickets.chat_desk_forms import HandOverForm
from tickets.desk_forms import AnsweredByForm, NoteForm, ReplyForm
from tickets.models import Chat, Team, Ticket
from tickets.services import chat_agents, chat_desk, chat_solving
from tickets.services.case_file import file_for_agent
from tickets.services.chat_reading import gather, lines_after
from tickets.services.chat_texts import window_limits, window_texts
from tickets.views.desk.box import Step, box_for
from tickets.views.desk.door import DeskRequest
from tickets.views.desk.elsewhere import rail_elsewhere
from tickets.views.desk.side import side_for

_WATCHES = 15


def leads(user: Any) -> bool:
    """Whoever steers teams looks after all chats."""
    return bool(user.has_perm("tickets.change_team"))


@dataclass(frozen=True)
class Unfinished:
    """What the agent was doing when something stood in the way: it comes back as it was, with the reason."""

    body: str = ""
    error: str = ""
    initial: dict[str, Any] | None = None
    step: Step | None = None
    note: NoteForm | None = None
    hand_over: HandOverForm | None = None
    hand_over_error: str = ""
    solving: AnsweredByForm | None = None
    solving_error: str = ""


def chat_page(
    request: DeskRequest, chat: Chat, unfinished: Unfinished = Unfinished(), *, status: int = 200
) -> HttpResponse:
    gather(chat.pk)
    chat.refresh_from_db()
    chat_agents.open_for(chat, request.user)
    context = {
        "rail": rail_elsewhere(request),
        "error": unfinished.error,
        "watches": _WATCHES if request.GET.get("watch") == "1" else 0,
        "config": json.dumps(_config(request, chat)),
        **_conversation(request, chat),
        **_case(request, chat, unfinished),
    }
    return render(request, "desk/chat.html", context, status=status)


def _conversation(request: DeskRequest, chat: Chat) -> dict[str, Any]:
    """What was said, how the chat stands, and the other chats beside it."""
    now = timezone.now()
    standing = chat_agents.standing_of(chat, request.user.pk, now)
    said = told(chat)
    if standing["is_mine"]:
        chat_agents.mark_read(chat, request.user, chat.last_seq)
    return {
        "chat": chat,
        "standing": standing,
        "said": said,
        "mine": chat_desk.mine(request.user, now),
        "waiting": chat_desk.waiting(request.user, now),
        "current": str(chat.pk),
        "colleagues": chat_agents.colleagues_for(request.user, now) if standing["is_mine"] else [],
        "teams": Team.objects.all() if standing["is_mine"] else [],
    }


def _case(request: DeskRequest, chat: Chat, unfinished: Unfinished) -> dict[str, Any]:
    """The case of the chat: what is known of the customer, and the forms in which something is done with it."""
    ticket = chat_solving.case_of(chat)
    file = file_for_agent(ticket, Ticket.objects.visible_to(request.user), at=timezone.now())
    written = ReplyForm(initial=unfinished.initial or {"body": unfinished.body})
    judged = {"root_cause": ticket.root_cause_id, "demand_type": ticket.demand_type}
    solving = unfinished.solving or AnsweredByForm(initial={**judged, "article": file.probable_answer})
    reply = _chosen(written, solving)
    return {
        "ticket": ticket,
        "topic": ticket.topic.name_in(request.LANGUAGE_CODE) if ticket.topic else "",
        "file": file,
        "side": side_for(request, ticket),
        "box": box_for(request, ticket, file, reply=reply, note=unfinished.note, step=unfinished.step, is_news=False),
        "reply": written,
        "solving": solving,
        "solving_error": unfinished.solving_error,
        "is_solving": unfinished.solving is not None or request.GET.get("solve") == "1",
        "hand_over": unfinished.hand_over or HandOverForm(),
        "hand_over_error": unfinished.hand_over_error,
    }


def _chosen(written: ReplyForm, solving: AnsweredByForm) -> ReplyForm:
    """What is being written, with what was chosen for solving: one box holds both."""
    names = ("find", "article", "root_cause", "demand_type")
    return ReplyForm(initial={**written.initial, **{name: solving[name].value() for name in names}})


def told(chat: Chat) -> list[dict[str, Any]]:
    """Lines, and what happened between them, in one order."""
    rows = [{"message": line, "order": (line.chat_seq or 0, 0)} for line in lines_after(chat)]
    happened = enumerate(chat_agents.notices_of(chat), 1)
    rows += [{"notice": one, "order": (one["after"], number)} for number, one in happened]
    return sorted(rows, key=lambda one: one["order"])


def _config(request: DeskRequest, chat: Chat) -> dict[str, Any]:
    def address(name: str) -> str:
        return reverse(f"desk:{name}", args=[chat.pk])

    language = request.LANGUAGE_CODE
    return {
        "id": f"desk:{request.user.pk}:{chat.pk}",
        "key": "",
        "socket": f"/ws/desk/chats/{chat.pk}/?lang={language}",
        "api": address("chat_lines"),
        "say": address("chat_say"),
        "login": f"{reverse('account_login')}?next={reverse('desk:chat', args=[chat.pk])}",
        "language": language,
        "zone": timezone.get_current_timezone_name(),
        "limits": window_limits(),
        "texts": window_texts()
        | {
            "customer": str(chat.ticket.customer),
            "typing_us": _("The customer is writing…"),
            "there": _("The customer is here."),
            "not_there": _("The customer has left the window."),
            "note_by": _("Note by {name}"),
            "only_us": _("only for us"),
            "log_in": _("Log in"),
            "gone": _("You are not logged in any more. What you wrote is kept on this device; log in again."),
        },
    }
