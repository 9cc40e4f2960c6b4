"""For machines: alive, ready, and figures."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView

from knowledge.search import maintenance
from tickets.models import OutboxMessage


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers (503 otherwise). A broken index is told, but does not make the site unready."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": "down"}, status=503)
    return JsonResponse(
        {
            "status": "ok",
            "database": "ok",
            "search_index": "ok" if maintenance.is_healthy() else "degraded",
            "outbox_due": OutboxMessage.objects.due(timezone.now()).count(),
        }
    )


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics; outside DEBUG only with `Authorization: Bearer METRICS_TOKEN`."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    token = settings.METRICS_TOKEN.encode()
    if not settings.DEMO and not (token and hmac.compare_digest(given, token)):
        raise Http404
    response: HttpResponse = ExportToDjangoView(request)
    return response
