"""Chat on the customer's side: the page where it begins, and the room, which works without JavaScript too."""

from __future__ import annotations

import hashlib
import json
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django_ratelimit.decorators import ratelimit

from knowledge.forms import without_nul
from knowledge.models import Topic
from knowledge.origins import origin_of
from knowledge.search.analysis import clean
from tickets.chat_forms import BeginChatForm, ChatAddressForm, SayForm
from tickets.errors import TicketError
from tickets.models import Chat
from tickets.services import chats
from tickets.services.chat_keys import room_path, socket_path
from tickets.services.chat_openness import standing_by
from tickets.services.chat_reading import MOST_LINES, lines_after, mark_seen
from tickets.services.chat_room import enter_room, notices_of, state_in_words
from tickets.services.chat_texts import window_limits, window_texts
from tickets.services.chat_wishes import wish
from tickets.services.customer_logins import customer_of
from tickets.services.links import case_path

_LONGEST_PREFILL = 2000
_LOOKS_EVERY_SECONDS = 10


# Beginning is anonymous, and in the room the signed key is the authority: there is no cookie that a foreign site
# could borrow.
@csrf_exempt
@never_cache
@ratelimit(key="ip", rate="10/m", method="POST", block=True)
@ratelimit(key="ip", rate="120/m", method="GET", block=True)
@require_http_methods(["GET", "HEAD", "POST"])
def chat(request: HttpRequest) -> HttpResponse:
    """What somebody writes here reaches a person: at once where one is there, as a case otherwise."""
    language = request.LANGUAGE_CODE
    topics = [(topic, topic.name_in(language)) for topic in Topic.objects.visible().with_names()]
    if request.method == "POST":
        form = BeginChatForm(request.POST, topics=topics)
        if form.is_valid():
            try:
                return HttpResponseRedirect(room_path(_begun(request, form), language))
            except TicketError as error:
                form.add_error("message", str(error))
    else:
        form = BeginChatForm(topics=topics, initial=_known_of(request))
    chosen = next((topic for topic, _name in topics if topic.slug == form["topic"].value()), None)
    request.topic = chosen  # type: ignore[attr-defined]
    by = standing_by(chosen)
    if not by.is_answered:
        form.fields["email"].help_text = _("Then the answer reaches you even when you have left.")
    context = {"form": form, "by": by}
    return render(request, "tickets/chat.html", context, status=422 if form.is_bound else 200)


def _begun(request: HttpRequest, form: BeginChatForm) -> Chat:
    data = form.cleaned_data
    return chats.begin(
        body=data["message"],
        language=request.LANGUAGE_CODE,
        email=data["email"],
        name=data["name"],
        topic=data["topic"],
        origin=origin_of(request).ensure(),
        client_key=data["key"],
        is_suspected_spam=form.looks_like_spam,
    )


def _known_of(request: HttpRequest) -> dict[str, str]:
    """What is in the link, and who has logged in: nobody writes it twice."""
    customer = customer_of(request.user)
    return {
        "message": clean(request.GET.get("q", ""))[:_LONGEST_PREFILL],
        "topic": request.GET.get("topic", "")[:60],
        "name": customer.name if customer else "",
        "email": customer.email if customer else "",
    }


def _with_room(view: Any) -> Any:
    """Calls a view with the chat that the key opens. Whoever has a wrong or old key keeps what they wrote."""

    @wraps(view)
    def inside(request: HttpRequest, chat_id: UUID) -> HttpResponse:
        key = request.POST.get("key") or request.GET.get("key", "")
        room = chats.open_room(chat_id, key)
        if room is None:
            written = {"written": request.POST.get("message", "")}
            return render(request, "tickets/chat_closed.html", written, status=404)
        request.topic = room.ticket.topic  # type: ignore[attr-defined]
        answer: HttpResponse = view(request, room, key)
        return answer

    return inside


@csrf_exempt
@never_cache
@ratelimit(key="ip", rate="120/m", method="POST", block=True)
@require_http_methods(["GET", "HEAD", "POST"])
@_with_room
def chat_room(request: HttpRequest, chat: Chat, key: str) -> HttpResponse:
    """The conversation. With JavaScript the window takes the page's place; without it, each thing is a request."""
    form, address_form = SayForm(), ChatAddressForm()
    if request.method == "POST":
        what = request.POST.get("what", "say")
        if what == "say":
            form = SayForm(without_nul(request.POST), request.FILES)
            if form.is_valid() and _said(request, chat, form):
                return HttpResponseRedirect(_back(request, chat, key) + "#write")
        else:
            address_form = ChatAddressForm(without_nul(request.POST))
            if address_form.is_valid() and _wished(request, chat, what, address_form):
                return HttpResponseRedirect(_back(request, chat, key) + "#now")
    has_failed = any(one.is_bound for one in (form, address_form))
    context = _room_context(request, chat.pk, key) | {
        "form": form, "address_form": address_form, "has_failed": has_failed,
    }  # fmt: skip
    return render(request, "tickets/chat_room.html", context, status=422 if has_failed else 200)


def _back(request: HttpRequest, chat: Chat, key: str) -> str:
    plain = "&plain=1" if request.GET.get("plain") == "1" else ""
    return room_path(chat, request.LANGUAGE_CODE, key=key) + plain


def _said(request: HttpRequest, chat: Chat, form: SayForm) -> bool:
    body, files = form.cleaned_data["message"], form.cleaned_data["attachments"]
    # One name for one text sent from one page: a double click says it once.
    nonce = f"{request.POST.get('nonce', '')}:{body}:{[file.name for file in files]}"
    try:
        name = hashlib.sha256(nonce.encode()).hexdigest()
        chats.say(chat, side=Chat.Side.CUSTOMER, body=body, client_key=name, files=files)
    except TicketError as error:
        form.add_error("message", str(error))
        return False
    return True


def _wished(request: HttpRequest, chat: Chat, what: str, form: ChatAddressForm) -> bool:
    if error := wish(chat.pk, what, form.cleaned_data["text"], request.LANGUAGE_CODE):
        form.add_error("text", error)
        return False
    done = {
        "email": _("Good. The answer comes to you by e-mail too."),
        "transcript": _("It is on its way to you."),
        "solved": _("Good to hear. Your case is closed; write here if it comes back."),
    }
    if what in done:
        messages.success(request, done[what])
    return True


def _room_context(request: HttpRequest, chat_id: UUID, key: str) -> dict[str, Any]:
    if (room := enter_room(chat_id, key, 0)) is not None:
        mark_seen({chat_id: {str(Chat.Side.CUSTOMER): room.last_seq}})
    chat = Chat.objects.select_related("ticket__customer", "agent").get(pk=chat_id)
    language = request.LANGUAGE_CODE
    watches = request.GET.get("watch") == "1"
    return {
        "chat": chat,
        "ticket": chat.ticket,
        "key": key,
        "said": _told(chat),
        "state": state_in_words(chat),
        "is_over": chat.state == Chat.State.ENDED,
        "asks_address": not chat.ticket.customer.email,
        "case_path": case_path(chat.ticket, language),
        "room": room_path(chat, language, key=key),
        "watches": _LOOKS_EVERY_SECONDS if watches else 0,
        "is_plain": watches or request.GET.get("plain") == "1",
        "config": json.dumps(
            {
                "id": str(chat.pk), "key": key, "socket": socket_path(chat), "api": f"/api/v1/chats/{chat.pk}/",
                "plain": room_path(chat, language, key=key) + "&plain=1", "language": language,
                "texts": window_texts(), "limits": window_limits(), "zone": get_current_timezone_name(),
            }
        ),
    }  # fmt: skip


def _told(chat: Chat) -> list[dict[str, Any]]:
    """Lines, and what happened between them, in one order; of a very long chat its end."""
    notices = notices_of(chat)
    told: list[dict[str, Any]] = []
    for line in lines_after(chat, max(0, chat.last_seq - MOST_LINES)):
        told += [{"notice": one["text"]} for one in notices if one["after"] < (line.chat_seq or 0)]
        notices = [one for one in notices if one["after"] >= (line.chat_seq or 0)]
        told.append({"message": line})
    return told + [{"notice": one["text"]} for one in notices]
