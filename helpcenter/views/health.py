"""For machines: alive, ready, and figures."""

from __future__ import annotations

import hmac
import math

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from prometheus_client import Gauge

from knowledge.models import ArticleTranslation
from knowledge.search import maintenance
from tickets.models import FetchPosition, OutboxMessage
from tickets.search import upkeep

_index_usable = Gauge("svar_search_index_usable", "1 while searches are answered from the index, 0 from the database.")
_texts_to_index = Gauge("svar_texts_to_index", "Texts that changed and are not in the search index yet.")
_outbox_due = Gauge("svar_outbox_due", "Letters that should have left.")
_outbox_failed = Gauge("svar_outbox_failed", "Letters that were given up, until somebody sends them again.")
_case_index_usable = Gauge("svar_case_index_usable", "1 while cases are searched in their index.")
_mailboxes_failing = Gauge("svar_mailboxes_failing", "Mail folders of which the last reading failed.")


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
    problem = maintenance.problem()
    return JsonResponse(
        {
            "status": "ok",
            "database": "ok",
            "search_index": "degraded" if problem else "ok",
            "search_index_problem": problem,
            "case_index": "degraded" if (case_problem := upkeep.problem()) else "ok",
            "case_index_problem": case_problem,
            "texts_to_index": ArticleTranslation.objects.needs_indexing().count(),
            "outbox_due": OutboxMessage.objects.due(timezone.now()).count(),
            "mailboxes_failing": FetchPosition.objects.failing().count(),
        }
    )


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics; outside DEBUG only with `Authorization: Bearer METRICS_TOKEN`."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    token = settings.METRICS_TOKEN.encode()
    if not settings.DEMO and not (token and hmac.compare_digest(given, token)):
        raise Http404
    _measure()
    response: HttpResponse = ExportToDjangoView(request)
    return response


def _measure() -> None:
    """What has to be looked up for each reading. Without a database there is no figure, rather than the last one."""
    _index_usable.set(0 if maintenance.problem() else 1)
    _case_index_usable.set(0 if upkeep.problem() else 1)
    try:
        _texts_to_index.set(ArticleTranslation.objects.needs_indexing().count())
        _outbox_due.set(OutboxMessage.objects.due(timezone.now()).count())
        _outbox_failed.set(OutboxMessage.objects.filter(status=OutboxMessage.Status.FAILED).count())
        _mailboxes_failing.set(FetchPosition.objects.failing().count())
    except DatabaseError:
        _texts_to_index.set(math.nan)
        for gauge in (_outbox_due, _outbox_failed, _mailboxes_failing):
            gauge.set(math.nan)
