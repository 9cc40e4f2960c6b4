"""The phone page: the number first, and the reference with which whoever answers sees what came before."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_ratelimit.decorators import ratelimit

from deflection.middleware import origin_of
from deflection.models import Journey, JourneyEvent
from deflection.services import journeys, spoken
from knowledge.models import Topic
from tickets.models import ChannelKind
from tickets.services.channel_policy import ChannelOffer, ways_to_reach_us


@never_cache
@ratelimit(key="ip", rate="30/m", block=True)
@require_safe
def phone(request: HttpRequest) -> HttpResponse:
    """Number, hours and state for everybody; a reference for this visit, which begins here where there is none yet."""
    request.topic = Topic.objects.visible().filter(slug=request.GET.get("topic", "")[:60]).first()  # type: ignore[attr-defined]
    offer = _phone(request)
    context: dict[str, object] = {"offer": offer, "number": offer.url.removeprefix("tel:") if offer else ""}
    if offer is not None and request.method == "GET" and (origin := origin_of(request)) is not None:
        journey = origin.begin()
        _note_choice(journey)
        if (reference := spoken.current(journey)) is not None:
            context |= {
                "reference": spoken.shown(reference.code),
                "spelled": spoken.spelled(reference.code),
                "valid_until": reference.expires_at,
            }
    return render(request, "deflection/phone.html", context)


def _phone(request: HttpRequest) -> ChannelOffer | None:
    """The phone as it is offered on this page, or None where nobody answers any."""
    topic = request.topic  # type: ignore[attr-defined]
    found = next((offer for offer in ways_to_reach_us(topic) if offer.kind == ChannelKind.PHONE), None)
    return found if found is not None and found.is_offered else None


def _note_choice(journey: Journey) -> None:
    chosen = JourneyEvent.Kind.CHANNEL_CHOSEN
    if not journey.events.filter(kind=chosen, channel=ChannelKind.PHONE).exists():
        journeys.note(journey, chosen, channel=ChannelKind.PHONE)
