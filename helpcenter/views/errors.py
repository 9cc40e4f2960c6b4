"""Error pages that still help: search and a person are on each of them."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django_ratelimit.exceptions import Ratelimited

from knowledge.problems import CONTENT_TYPE


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if request.path_info.startswith("/api/v1/"):
        # A program asked, and reads the same problem details here as everywhere in the API (RFC 9457).
        problem = {"type": "about:blank", "title": _("Not found."), "status": 404}
        return JsonResponse(problem, status=404, content_type=CONTENT_TYPE)
    return render(request, "errors/404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403; or 429 when somebody asks too often, with what they wrote kept by the browser."""
    if isinstance(exception, Ratelimited):
        response = render(request, "errors/429.html", status=429)
        response["Retry-After"] = "60"
        return response
    return render(request, "errors/403.html", status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A session that ended while somebody wrote, on the staff's pages: what they wrote is shown back to them."""
    fields = (request.POST.get(name, "") for name in ("body", "note", "message"))
    written = [text for text in fields if text.strip()]
    return render(request, "errors/session_over.html", {"written": written}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """500. If even this page cannot be made (no database), a plain one can."""
    try:
        return render(request, "errors/500.html", status=500)
    except Exception:  # noqa: BLE001 - whatever broke, the customer gets a way to reach us
        try:
            # Whatever is broken here, a letter still arrives.
            context = {"support_address": settings.DEFAULT_FROM_EMAIL}
            return HttpResponse(render_to_string("errors/500_plain.html", context), status=500)
        except (TemplateDoesNotExist, TemplateSyntaxError, OSError):
            return HttpResponse("Something went wrong.", status=500, content_type="text/plain; charset=utf-8")
