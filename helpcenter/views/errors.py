"""Error pages that still help: search and a person are on each of them, and what somebody wrote is given back."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django_ratelimit.exceptions import Ratelimited

from helpcenter.languages import language_of_path
from knowledge.problems import CONTENT_TYPE

# The fields of our forms in which people write sentences.
_WRITTEN_IN = ("message", "body", "note", "comment")
_NEVER_GIVEN_BACK = ("csrfmiddlewaretoken", "password")


@dataclass(frozen=True)
class Unsent:
    """A form of a customer that was not taken: as it was sent, so that one click sends it again."""

    address: str
    name: str
    """The field that the text was written in."""
    text: str
    others: list[tuple[str, str]]
    has_files: bool


def _unsent(request: HttpRequest) -> Unsent | None:
    """What a customer wrote in the form that led here, if anything; the browser alone may not have it any more."""
    if request.method != "POST" or language_of_path(request.path_info) is None:
        return None
    try:
        sent, has_files = request.POST, bool(request.FILES)
    except (OSError, SuspiciousOperation, BadRequest, MultiPartParserError):
        return None
    name = next((name for name in _WRITTEN_IN if sent.get(name, "").strip()), None)
    if name is None:
        return None
    others = [(key, value) for key, values in sent.lists() for value in values]
    others = [(key, value) for key, value in others if key != name and not key.startswith(_NEVER_GIVEN_BACK)]
    return Unsent(request.get_full_path(), name, sent[name], others, has_files)


def _problem(request: HttpRequest, title: str, status: int) -> HttpResponse | None:
    """For a program, which reads the same problem details here as everywhere in the API (RFC 9457)."""
    if not request.path_info.startswith("/api/v1/"):
        return None
    problem = {"type": "about:blank", "title": title, "status": status}
    return JsonResponse(problem, status=status, content_type=CONTENT_TYPE)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _problem(request, _("Not found."), 404) or render(request, "errors/404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403; or 429 when somebody asks too often, with what they wrote."""
    if isinstance(exception, Ratelimited):
        response = render(request, "errors/429.html", {"unsent": _unsent(request)}, status=429)
        response["Retry-After"] = "60"
        return response
    return render(request, "errors/403.html", status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    title = _("We could not understand that")
    return _problem(request, title, 400) or render(request, "errors/400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A session that ended while somebody wrote, on the staff's pages: what they wrote is shown back to them."""
    fields = (request.POST.get(name, "") for name in _WRITTEN_IN)
    written = [text for text in fields if text.strip()]
    return render(request, "errors/session_over.html", {"written": written}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """500. If even this page cannot be made (no database), a plain one can."""
    if problem := _problem(request, _("Something went wrong on our side"), 500):
        return problem
    unsent = _unsent(request)
    try:
        return render(request, "errors/500.html", {"unsent": unsent}, status=500)
    except Exception:  # noqa: BLE001 - whatever broke, the customer gets a way to reach us
        try:
            # Whatever is broken here, a letter still arrives.
            context = {"support_address": settings.DEFAULT_FROM_EMAIL, "unsent": unsent}
            return HttpResponse(render_to_string("errors/500_plain.html", context), status=500)
        except (TemplateDoesNotExist, TemplateSyntaxError, OSError):
            return HttpResponse("Something went wrong.", status=500, content_type="text/plain; charset=utf-8")
