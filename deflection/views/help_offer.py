"""The one offer of help in context that a visit may get, asked for by the page's script when a rule says so."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django_ratelimit.decorators import ratelimit

from deflection.middleware import origin_of
from deflection.services import help_rules
from knowledge.forms import row_number
from knowledge.models import Topic


# Anonymous: nothing is done in anybody's name.
@csrf_exempt
@never_cache
@ratelimit(key="ip", rate="60/m", method="POST", block=True)
@require_POST
def help_offer(request: HttpRequest) -> HttpResponse:
    """`what=offer` gives the panel, or 204 where there is nothing to offer; `taken` and `dismissed` are noted."""
    rule = row_number(request.POST.get("rule", ""))
    origin = origin_of(request)
    if not rule or origin is None:
        return HttpResponse(status=204)
    if request.POST.get("what") != "offer":
        if origin.journey is not None:
            help_rules.note_answer(origin.journey, rule, is_taken=request.POST.get("what") == "taken")
        return HttpResponse(status=204)
    slug = request.POST.get("topic", "")[:60]
    topic = Topic.objects.visible().filter(slug=slug).select_related("parent").first() if slug else None
    offer = help_rules.offer(rule, page=request.POST.get("page", "")[:10], topic=topic, journey=origin.begin())
    if offer is None:
        return HttpResponse(status=204)
    return render(request, "deflection/parts/help_offer.html", {"offer": offer})
