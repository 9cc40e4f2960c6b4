"""The public status page, and the page of every way to reach a person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tickets.models import ChannelPolicy


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """What is wrong for many, now and before."""
    return render(request, "tickets/status.html")


@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """Every way to reach a person, with hours and state now."""
    request.place = ChannelPolicy.Place.CHANNELS  # type: ignore[attr-defined]
    return render(request, "tickets/channels.html")
