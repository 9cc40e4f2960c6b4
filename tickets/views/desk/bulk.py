"""Changing many cases at a time: choose them in a list, say what is to become of them, watch it happen."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Max, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from knowledge.forms import without_nul
from tickets.bulk_forms import FORMS, BulkForm
from tickets.errors import TicketError
from tickets.models import BulkJob, Ticket
from tickets.services import bulk, undo
from tickets.services.bulk_actions import ACTIONS, EVERY_ACTION, text_for
from tickets.views.desk.asked import all_that_match
from tickets.views.desk.door import DeskRequest, at_the_desk
from tickets.views.desk.rail import rail_for

_SHOWN = 5
_LONGEST_NUMBER = 16
# What customers are written to about.
GOES_OUT = ("reply", "solve")


@never_cache
@require_POST
@at_the_desk
def choose(request: DeskRequest) -> HttpResponse:
    """The cases are chosen; what exactly is to be done with them is asked for."""
    action = request.POST.get("action", "")
    query = request.POST.get("query", "")[:2000]
    stopped = _stopped(request)
    if stopped is not None:
        action, numbers = stopped.action, stopped.untouched
    elif "all" in request.POST:
        numbers = all_that_match(request, QueryDict(query), bulk.MOST_CASES + 1)
    else:
        numbers = _numbers(request.POST.getlist("case"))
    if problem := _problem(request, action, numbers):
        messages.error(request, problem)
        return redirect(reverse("desk:list") + f"?{query}")
    form = FORMS[action](
        user=request.user, language=request.LANGUAGE_CODE, numbers=numbers, initial=stopped.values if stopped else None
    )
    return _form_page(request, action, form, numbers, query)


def _stopped(request: DeskRequest) -> BulkJob | None:
    """The job that is to be changed and started again, with the cases that it has left as they were."""
    try:
        number = UUID(request.POST.get("again", ""))
    except ValueError:
        return None
    return _own_jobs(request).filter(pk=number, status=BulkJob.Status.STOPPED).first()


def _problem(request: DeskRequest, action: str, numbers: list[int]) -> str:
    if action not in FORMS:
        return _("Choose what is to be done.")
    if not Ticket.objects.visible_to(request.user).filter(pk__in=numbers[:_SHOWN]).exists():
        return _("Choose at least one case.")
    if len(numbers) > bulk.MOST_CASES:
        return _("At most %(limit)s cases at a time. Narrow the list first.") % {"limit": bulk.MOST_CASES}
    return ""


@never_cache
@require_POST
@at_the_desk
def start(request: DeskRequest) -> HttpResponse:
    """Hands the job to the worker, or with `preview` shows what the first customer would read."""
    data = without_nul(request.POST) or QueryDict()
    action = data.get("action", "")
    numbers = _numbers(data.get("cases", "").split(","))
    query = data.get("query", "")[:2000]
    if problem := _problem(request, action, numbers):
        messages.error(request, problem)
        return redirect(reverse("desk:list") + f"?{query}")
    form = FORMS[action](data, user=request.user, language=request.LANGUAGE_CODE, numbers=numbers)
    if "look" in data:
        # Looking for an article is a step on the way: all that was filled in stays.
        form = FORMS[action](user=request.user, language=request.LANGUAGE_CODE, numbers=numbers, initial=data.dict())
        return _form_page(request, action, form, numbers, query)
    if not form.is_valid():
        return _form_page(request, action, form, numbers, query, status=422)
    if "preview" in data:
        return _form_page(request, action, form, numbers, query, preview=_preview(request, numbers, form))
    try:
        job = bulk.start(request.user, action, numbers, form.values())
    except TicketError as error:
        form.add_error(None, str(error))
        return _form_page(request, action, form, numbers, query, status=422)
    return redirect(reverse("desk:bulk_job", args=[job.pk]) + f"?{query}")


def _preview(request: DeskRequest, numbers: list[int], form: BulkForm) -> dict[str, Any] | None:
    first = Ticket.objects.visible_to(request.user).select_related("customer").filter(pk__in=numbers[:1]).first()
    if first is None:
        return None
    try:
        text, _macro = text_for(first, request.user, form.values())
    except TicketError as error:
        text = str(error)
    return {"ticket": first, "text": text}


def _form_page(
    request: DeskRequest,
    action: str,
    form: BulkForm,
    numbers: list[int],
    query: str,
    *,
    preview: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = Ticket.objects.visible_to(request.user).filter(pk__in=numbers[:_SHOWN]).select_related("customer")
    context = {
        "rail": rail_for(request, QueryDict(query)),
        "action": ACTIONS[action],
        "form": form,
        "cases": ",".join(map(str, numbers)),
        "count": len(numbers),
        "shown": shown.prefetch_related("customer__identities", "messages"),
        "more": len(numbers) - _SHOWN,
        "query": query,
        "preview": preview,
        "goes_out": action in GOES_OUT,
        "undo_seconds": settings.UNDO_BULK_SECONDS,
    }
    return render(request, "desk/bulk.html", context, status=status)


@never_cache
@require_safe
@at_the_desk
def job(request: DeskRequest, job_id: UUID) -> HttpResponse:
    """How far a job has come; the page asks for its part of that again until it is over."""
    found = get_object_or_404(_own_jobs(request), pk=job_id)
    now = timezone.now()
    held = found.held(now).aggregate(count=Count("pk"), until=Max("until"))
    context = {
        "job": found,
        "action": EVERY_ACTION.get(found.action),
        "can_take_tags_back": bulk.can_take_tags_back(found),
        "query": request.META.get("QUERY_STRING", ""),
        "held": held["count"],
        "seconds": max(0, round((held["until"] - undo.GRACE - now).total_seconds())) if held["until"] else 0,
        "is_live": found.is_going_on or held["count"],
        "goes_out": found.action in GOES_OUT,
    }
    if request.htmx:
        return render(request, "desk/parts/bulk_progress.html", context)
    return render(request, "desk/bulk_job.html", context | {"rail": rail_for(request)})


@require_POST
@at_the_desk
def stop(request: DeskRequest, job_id: UUID) -> HttpResponse:
    bulk.stop(get_object_or_404(_own_jobs(request), pk=job_id))
    query = request.META.get("QUERY_STRING", "")
    return redirect(reverse("desk:bulk_job", args=[job_id]) + (f"?{query}" if query else ""))


@require_POST
@at_the_desk
def take_tags_back(request: DeskRequest, job_id: UUID) -> HttpResponse:
    """Begins a job that undoes another one's tags, and shows it."""
    done = get_object_or_404(_own_jobs(request), pk=job_id)
    try:
        job_id = bulk.take_tags_back(done).pk
    except TicketError as error:
        messages.error(request, str(error))
    query = request.META.get("QUERY_STRING", "")
    return redirect(reverse("desk:bulk_job", args=[job_id]) + (f"?{query}" if query else ""))


def _own_jobs(request: DeskRequest) -> QuerySet[BulkJob]:
    return BulkJob.objects.filter(user=request.user)


def _numbers(values: list[str]) -> list[int]:
    return [int(one) for one in values if one.isascii() and one.isdigit() and len(one) < _LONGEST_NUMBER]
