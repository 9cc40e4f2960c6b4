"""The customer's side of call-backs: book one, see it, give it another time, cancel it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST
from django_ratelimit.decorators import ratelimit

from knowledge.models import Topic
from knowledge.origins import origin_of
from tickets.callback_forms import CallbackForm, MoveForm
from tickets.errors import TicketError
from tickets.models import Callback, ChannelKind
from tickets.services import callbacks, history
from tickets.services.callback_links import callback_path, came_by_letter, read_key
from tickets.services.callback_slots import CallingHours, calling_hours, free_days, slot_value
from tickets.services.callback_words import city_of, clock, day_in_words, moment_in_words, state_in_words
from tickets.services.channel_policy import ChannelOffer, ways_to_reach_us
from tickets.services.customer_logins import customer_of
from tickets.services.intake import VisitContext
from tickets.services.links import KeyState, case_path
from tickets.services.phone_numbers import shown
from tickets.signals import customer_recognised


@dataclass(frozen=True)
class SlotChoice:
    value: str
    label: str


@dataclass(frozen=True)
class DayChoice:
    title: str
    slots: list[SlotChoice]


@dataclass(frozen=True)
class Times:
    """When one can be called, as the forms show it."""

    days: list[DayChoice]
    unfolded: DayChoice | None
    is_open: bool
    soonest: str
    """The next opening in words, where nobody is there now."""
    city: str


def _times(hours: CallingHours, now: datetime, chosen: str, kept: Callback | None = None) -> Times:
    """The free quarters. The one that somebody has already is among them, also where nobody else could book it."""
    found = {day.day: day.slots for day in free_days(hours, now)}
    if kept is not None and kept.is_booked and kept.slot_at is not None:
        own = kept.slot_at.astimezone(hours.zone)
        found[own.date()] = sorted({*found.get(own.date(), []), own})
    days = [
        DayChoice(
            day_in_words(slots[0], hours.zone), [SlotChoice(slot_value(one), clock(one, hours.zone)) for one in slots]
        )
        for _day, slots in sorted(found.items())
    ]
    unfolded = next((day for day in days if chosen in [one.value for one in day.slots]), days[0] if days else None)
    soonest = hours.soonest(now)
    is_open = soonest == now
    closed_until = "" if is_open else moment_in_words(soonest, hours.zone)
    return Times(days, unfolded, is_open, closed_until, city_of(hours.zone))


def _offer(topic: Topic | None) -> ChannelOffer | None:
    return next((one for one in ways_to_reach_us(topic) if one.kind == ChannelKind.CALLBACK), None)


def _is_closed(offer: ChannelOffer | None) -> bool:
    """By the managers' policy. Hours close nothing here: the call then comes after the next opening."""
    return offer is not None and not offer.is_offered


# Anonymous, as the contact form is: it acts in nobody's name, and no lost cookie can cost anybody what they wrote.
@csrf_exempt
@never_cache
@ratelimit(key="ip", rate="30/m", method="POST", block=True)
@ratelimit(key="ip", rate="120/m", method="GET", block=True)
@require_http_methods(["GET", "HEAD", "POST"])
def callback(request: HttpRequest) -> HttpResponse:
    """The form. The first valid POST books the call; anything else comes back with all that was written."""
    if _is_closed(offer := _offer(None)):
        written = request.POST.get("message", "")
        context = {"offer": offer, "written": written}
        return render(request, "tickets/callback_closed.html", context, status=422 if request.POST else 200)
    topics = [(topic, topic.name_in(request.LANGUAGE_CODE)) for topic in Topic.objects.visible().with_names()]
    if request.method == "POST":
        form = CallbackForm(request.POST, topics=topics)
        if form.is_valid() and (booked := _book(request, form)):
            return HttpResponseRedirect(callback_path(booked, request.LANGUAGE_CODE) + "&booked=1")
    else:
        form = CallbackForm(topics=topics, initial=_known_of(request))
    chosen = next((topic for topic, _name in topics if topic.slug == form["topic"].value()), None)
    request.topic = chosen  # type: ignore[attr-defined]
    times = _times(calling_hours(), timezone.now(), form.chosen_slot)
    page: dict[str, object] = {"form": form, "times": times, "wait": getattr(offer, "wait", "")}
    return render(request, "tickets/callback.html", page, status=422 if form.is_bound else 200)


def _book(request: HttpRequest, form: CallbackForm) -> Callback | None:
    """The call-back, or None with the reason in the form."""
    data = form.cleaned_data
    if data["topic"] is not None and _is_closed(offer := _offer(data["topic"])):
        assert offer is not None
        form.add_error("topic", _("We do not call back about that. %(reason)s") % {"reason": offer.detail})
        return None
    asked = callbacks.Asked(
        number=data["phone"],
        slot=data["slot"],
        language=request.LANGUAGE_CODE,
        body=data["message"],
        name=data["name"],
        email=data["email"],
        topic=data["topic"],
    )
    try:
        return callbacks.book(
            asked,
            visit=VisitContext(origin=origin_of(request).ensure()),
            idempotency_key=data["key"] or None,
            is_suspected_spam=form.looks_like_spam,
        )
    except callbacks.SlotGone as error:
        form.add_error("slot", str(error))
    except TicketError as error:
        form.add_error(None, str(error))
    return None


def _known_of(request: HttpRequest) -> dict[str, str]:
    """What a customer who has logged in need not write again."""
    known = {"topic": request.GET.get("topic", "")[:60]}
    customer = customer_of(request.user)
    if customer is None:
        return known
    numbers = [one.value for one in customer.identities.all() if one.kind == one.Kind.PHONE]
    if not numbers:
        last = Callback.objects.filter(ticket__customer=customer).order_by("-booked_at").first()
        numbers = [last.number] if last else []
    return known | {
        "phone": shown(numbers[0]) if numbers else "",
        "name": customer.name,
        "email": getattr(request.user, "email", ""),
    }


@dataclass(frozen=True)
class Visit:
    """Somebody at the page of a call-back, let in by its key."""

    callback: Callback
    key: str

    def path(self, language: str) -> str:
        return callback_path(self.callback, language, key=self.key)


def _with_key(view: Callable[[HttpRequest, Visit], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """404 for whoever has no key to it; one that has ended is told so, and shown nothing else."""

    @wraps(view)
    def inside(request: HttpRequest, pk: UUID) -> HttpResponseBase:
        found = get_object_or_404(Callback.objects.select_related("ticket__customer"), pk=pk)
        key = request.POST.get("key") or request.GET.get("key", "")
        state = read_key(found, key)
        if state is KeyState.ENDED:
            return render(request, "tickets/callback_link_ended.html", status=404)
        if state is not KeyState.OPENS:
            raise Http404
        if came_by_letter(found, key):
            customer_recognised.send(Callback, request=request, customer=found.ticket.customer, ticket=found.ticket)
        return view(request, Visit(found, key))

    return inside


@never_cache
@ratelimit(key="ip", rate="120/m", block=True)
@require_http_methods(["GET", "HEAD"])
@_with_key
def booked(request: HttpRequest, visit: Visit) -> HttpResponse:
    return _page(request, visit)


def _page(request: HttpRequest, visit: Visit, form: MoveForm | None = None) -> HttpResponse:
    one, hours, now = visit.callback, calling_hours(), timezone.now()
    request.topic = one.ticket.topic  # type: ignore[attr-defined]
    request.alternates = {code: visit.path(code) for code, _name in settings.LANGUAGES}  # type: ignore[attr-defined]
    if form is None:
        slot = slot_value(one.slot_at) if one.slot_at and one.is_booked else ""
        form = MoveForm(initial={"phone": shown(one.number), "slot": slot})
    context = {
        "callback": one,
        "key": visit.key,
        "state": state_in_words(one, hours),
        "number": shown(one.number),
        "case_path": case_path(one.ticket, request.LANGUAGE_CODE),
        "form": form,
        "times": _times(hours, now, form.chosen_slot, kept=one) if one.can_be_moved else None,
        "is_changing": form.is_bound or one.state == Callback.State.UNREACHED,
    }
    return render(request, "tickets/callback_booked.html", context, status=422 if form.is_bound else 200)


@csrf_exempt
@never_cache
@ratelimit(key="ip", rate="30/m", block=True)
@require_POST
@_with_key
def move(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Another time or number. The link from before ends; the page goes on under the new one."""
    form = MoveForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            moved = callbacks.move(visit.callback, slot=data["slot"], number=data["phone"], by=history.CUSTOMER)
        except callbacks.SlotGone as error:
            form.add_error("slot", str(error))
        except TicketError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("It is changed. Links from before do not work any more."))
            return HttpResponseRedirect(callback_path(moved, request.LANGUAGE_CODE))
    return _page(request, visit, form)


@csrf_exempt
@never_cache
@ratelimit(key="ip", rate="30/m", block=True)
@require_POST
@_with_key
def cancel(request: HttpRequest, visit: Visit) -> HttpResponse:
    try:
        callbacks.cancel(visit.callback, by=history.CUSTOMER)
    except TicketError as error:
        messages.warning(request, str(error))
    return HttpResponseRedirect(visit.path(request.LANGUAGE_CODE))
