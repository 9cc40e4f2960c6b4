"""Calling back, at the desk: what is due, who takes it, what came of each call; and a word before it is time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tickets.callback_forms import TryForm
from tickets.errors import TicketError
from tickets.models import Callback, CallbackTry, Ticket
from tickets.models.callbacks import CallbackQuerySet
from tickets.services import callback_calls, callbacks, history
from tickets.services.callback_words import moment_in_words
from tickets.services.case_file import JourneyStep, journey_steps
from tickets.services.merging import kept_case
from tickets.services.phone_numbers import home_region, region_for, shown
from tickets.services.queues import first_messages
from tickets.views.desk.door import DeskRequest, at_the_desk
from tickets.views.desk.elsewhere import rail_elsewhere

PAGE_SIZE = 25
_STEPS = 3


@dataclass(frozen=True)
class CallRow:
    """One call-back as the list shows it."""

    callback: Callback
    case: Ticket
    """The case in which it goes on."""
    number: str
    who: str
    topic: str
    minutes: int
    """Until it is due; below zero since then."""
    is_late: bool
    is_due: bool
    is_today: bool
    is_mine: bool
    journey: list[JourneyStep]
    form: TryForm | None = None
    """What was written about a call and could not be taken."""

    @property
    def late_minutes(self) -> int:
        return -self.minutes


@never_cache
@require_safe
@at_the_desk
def call_list(request: DeskRequest) -> HttpResponse:
    """What is to be called, the latest first of all; or what is over."""
    return _list(request)


def _list(request: DeskRequest, refused: tuple[UUID, TryForm] | None = None) -> HttpResponse:
    now = timezone.now()
    is_over = request.GET.get("shelf") == "over" and refused is None
    # What is due comes first by itself: it is the oldest promise.
    rows = Callback.objects.over().order_by("-due_at", "-pk") if is_over else Callback.objects.promised()
    page: Page[Any] = Paginator(_with_details(rows), PAGE_SIZE).get_page(request.GET.get("page"))
    found = [_row(request, one, now, refused) for one in page]
    context = {
        "rail": rail_elsewhere(request),
        "page": page,
        "is_over": is_over,
        "outcomes": CallbackTry.Outcome.choices,
        "due": [one for one in found if one.is_due],
        "next": [one for one in found if not one.is_due],
    }
    return render(request, "desk/callbacks.html", context, status=422 if refused else 200)


def _with_details(rows: CallbackQuerySet) -> CallbackQuerySet:
    """In a fixed number of queries."""
    related = ("agent", "ticket__customer", "ticket__topic", "ticket__merged_into__customer")
    return rows.select_related(*related).prefetch_related(
        "log__agent",
        "ticket__customer__identities",
        "ticket__topic__translations",
        *[_of(name) for name in ("ticket", "ticket__merged_into")],
    )


def _of(name: str) -> Any:
    first = first_messages()
    first.add_prefix(name)
    return first


def _row(request: DeskRequest, one: Callback, now: datetime, refused: tuple[UUID, TryForm] | None) -> CallRow:
    case = kept_case(one.ticket)
    minutes = round((one.due_at - now).total_seconds() / 60)
    # Titles are in the summary; the articles themselves are on the page of the case.
    steps = [{**step, "article": None} for step in one.ticket.journey_summary if isinstance(step, dict)]
    return CallRow(
        callback=one,
        case=case,
        number=shown(one.number, region_for(request.LANGUAGE_CODE) or home_region()),
        who=one.name or str(case.customer),
        topic=one.ticket.topic.name_in(request.LANGUAGE_CODE) if one.ticket.topic else "",
        minutes=minutes,
        is_late=one.is_late(now),
        is_due=one.is_booked and one.due_at <= now,
        is_today=timezone.localdate(one.due_at) == timezone.localdate(now),
        is_mine=one.agent_id == request.user.pk,
        journey=journey_steps(steps, one.language)[-_STEPS:],
        form=refused[1] if refused and refused[0] == one.pk else None,
    )


@never_cache
@require_safe
@at_the_desk
def soon(request: DeskRequest) -> HttpResponse:
    """The calls of this agent, and those that nobody has taken, that are due or will be within minutes; and whatever is
    late, for whoever has taken it may be away."""
    now = timezone.now()
    late = Q(pk__in=Callback.objects.late(now).values("pk"))
    theirs = Callback.objects.due_soon(now).filter(Q(agent=request.user) | Q(agent=None) | late).order_by("due_at")
    found = list(theirs.select_related("ticket__customer").prefetch_related("ticket__customer__identities")[:4])
    rows = [
        {
            "callback": one,
            "who": one.name or str(one.ticket.customer),
            "number": shown(one.number),
            "minutes": max(0, round((one.due_at - now).total_seconds() / 60)),
        }
        for one in found[:3]
    ]
    return render(request, "desk/parts/callbacks_soon.html", {"rows": rows, "has_more": len(found) > len(rows)})


@require_POST
@at_the_desk
def take(request: DeskRequest, callback_id: UUID) -> HttpResponse:
    try:
        callback_calls.take(_callback(callback_id), agent=request.user, is_over=request.POST.get("over") == "1")
    except TicketError as error:
        messages.error(request, str(error))
    return redirect("desk:callbacks")


@require_POST
@at_the_desk
def log_try(request: DeskRequest, callback_id: UUID) -> HttpResponse:
    """What came of a call. Reached: on to the case, to solve it."""
    callback = _callback(callback_id)
    form = TryForm(request.POST)
    if not form.is_valid():
        return _list(request, (callback.pk, form))
    try:
        called = callback_calls.log_try(callback, agent=request.user, **form.cleaned_data)
    except TicketError as error:
        messages.error(request, str(error))
        return redirect("desk:callbacks")
    if called.state == Callback.State.DONE:
        messages.success(request, _("Noted. Is it solved? Then say so here."))
        return redirect(f"{kept_case(called.ticket).get_absolute_url()}#then")
    messages.success(request, _what_next(called))
    return redirect("desk:callbacks")


def _what_next(callback: Callback) -> str:
    if callback.is_booked:
        when = moment_in_words(callback.due_at, ZoneInfo(settings.TIME_ZONE))
        return _("Noted. It is due again on %(when)s.") % {"when": when}
    if callback.ticket.customer.email:
        return _("Noted. The customer is asked by e-mail for another time; the case stays open.")
    return _("Noted. We know no e-mail address to ask for another time; the case stays open.")


@require_POST
@at_the_desk
def call_off(request: DeskRequest, callback_id: UUID) -> HttpResponse:
    try:
        callbacks.cancel(_callback(callback_id), by=history.agent(request.user))
        messages.success(request, _("The call-back is cancelled. The case stays as it is."))
    except TicketError as error:
        messages.error(request, str(error))
    return redirect("desk:callbacks")


def _callback(callback_id: UUID) -> Callback:
    found: Callback = get_object_or_404(Callback.objects.select_related("ticket__customer"), pk=callback_id)
    return found
