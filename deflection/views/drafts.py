"""What is being written on the contact page, saved by its script while somebody writes."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django_ratelimit.decorators import ratelimit

from deflection.middleware import JourneyOrigin
from deflection.models import ContactDraft, Journey
from deflection.services import drafts, uploads

_MOST_BYTES = 400_000
_OLDEST = timedelta(days=60)


# Anonymous, like the form itself; that only a script of ours writes here, its content type sees to: another site's
# page would have to ask us first (Fetch Standard, CORS-safelisted request headers).
@csrf_exempt
@never_cache
@ratelimit(key="ip", rate="300/m", block=True)
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    """GET tells what is kept; POST `{"values", "base", "age", "forget"}` saves, `{"clear"}` and `{"undo"}` start over
    and take that back. The answer is always what is kept now."""
    origin: JourneyOrigin = request.origin  # type: ignore[attr-defined]
    if request.method == "GET":
        return JsonResponse(_state(drafts.draft_of(origin.journey) if origin.journey else None))
    sent = _read(request)
    if sent is None:
        return HttpResponseBadRequest()
    kept = _change(origin.begin(), sent)
    # What somebody else has written since may have won.
    is_other = kept is not None and "values" in sent and kept.values != drafts.tidied(sent["values"])
    return JsonResponse(_state(kept) | {"is_other": is_other})


def _read(request: HttpRequest) -> dict[str, Any] | None:
    is_json = request.content_type == "application/json"
    if not is_json or int(request.headers.get("Content-Length") or 0) > _MOST_BYTES:
        return None
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return sent if isinstance(sent, dict) else None


def _change(journey: Journey, sent: dict[str, Any]) -> ContactDraft | None:
    if sent.get("clear"):
        drafts.clear(journey)
        uploads.set_aside(journey)
        return None
    if sent.get("undo"):
        uploads.take_back(journey)
    if isinstance(sent.get("forget"), str):
        drafts.forget_other(journey, sent["forget"])
    if not isinstance(sent.get("values"), dict):
        return drafts.draft_of(journey)
    age = timedelta(milliseconds=_number(sent.get("age")))
    written_at = timezone.now() - min(age, _OLDEST)
    return drafts.save(journey, sent["values"], base=_number(sent.get("base")), written_at=written_at)


def _number(value: Any) -> int:
    return int(value) if isinstance(value, (int, float)) and 0 <= value < 2**53 else 0


def _state(kept: ContactDraft | None) -> dict[str, Any]:
    if kept is None:
        return {"version": 0, "values": None, "others": [], "taken": ""}
    return {"version": kept.version, "values": kept.values, "others": kept.others, "taken": kept.taken_as}
