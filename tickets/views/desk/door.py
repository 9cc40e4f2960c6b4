"""Who gets to the desk."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from tickets.errors import TicketError
from tickets.models import Ticket

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User


class DeskRequest(HttpRequest):
    """A request of somebody who may work with cases."""

    user: User
    htmx: HtmxDetails
    LANGUAGE_CODE: str


def at_the_desk(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Strangers log in first; colleagues who do not work with cases get 403.

    A form sent after the session had ended leads back to its case, whose page still has the draft, and never to
    the action itself, which could not be opened. So does an action that a rule refuses, with its reason.
    """

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            if request.headers.get("HX-Request"):
                # A login page must not be swapped into a corner of the desk.
                return HttpResponse(status=401)
            return redirect_to_login(_way_back(request, kwargs))
        if not request.user.has_perm("tickets.work_cases"):
            raise PermissionDenied
        try:
            return view(request, *args, **kwargs)
        except TicketError as error:
            # What a page that was opened earlier still offers may not be possible any more.
            if request.method != "POST" or "reference" not in kwargs:
                raise
            messages.error(request, str(error))
            return redirect(_way_back(request, kwargs))

    return checked


def _way_back(request: HttpRequest, named: dict[str, Any]) -> str:
    """Back to the page that was asked for; after a form to the page of what it was about."""
    query = request.META.get("QUERY_STRING", "")
    if request.method not in ("GET", "HEAD"):
        if "reference" in named:
            return resolve_url("desk:case", named["reference"]) + (f"?{query}" if query else "")
        if "chat_id" in named:
            return resolve_url("desk:chat", named["chat_id"])
        if "callback_id" in named:
            return resolve_url("desk:callbacks")
        if "pk" in named:
            return resolve_url("desk:customer", named["pk"])
    return request.get_full_path()


def back_to_case(request: DeskRequest, ticket: Ticket) -> HttpResponse:
    """To the case again, beside the list that it was opened from."""
    query = request.META.get("QUERY_STRING", "")
    return redirect(reverse("desk:case", args=[ticket.reference]) + (f"?{query}" if query else ""))


def ticket_or_404(request: DeskRequest, reference: str) -> Ticket:
    tickets = Ticket.objects.visible_to(request.user).select_related(
        "customer", "topic", "team", "assignee", "answered_by", "root_cause", "root_cause_guess"
    )
    return get_object_or_404(tickets, reference=reference)
