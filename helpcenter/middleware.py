"""Request IDs and the language of a page."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from helpcenter.languages import language_of_path, negotiated_language
from helpcenter.logs import request_id

_SAFE_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")
# A machine that asks whether we live gets an answer even when the database, which knows our language, does not.
_FOR_MACHINES = ("/healthz", "/readyz", "/metrics")
# The same for all, whoever asks: no session is looked up, and shared caches may keep it.
_FOR_EVERYBODY = ("/api/", "/widget.", "/widget-panel.")
GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Takes a proxy's X-Request-ID where it is sane, makes one otherwise, and gives it back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        token = request_id.set(given if _SAFE_ID.match(given) else uuid.uuid4().hex[:16])
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)


class LanguageMiddleware:
    """The address decides the language; pages without one in it follow cookie, browser, then the site."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in _FOR_MACHINES:
            language = settings.LANGUAGE_CODE
        else:
            language = language_of_path(request.path_info) or negotiated_language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response


class StaffLanguageMiddleware:
    """The desk, reports and admin are in the language that the person has set."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if language_of_path(request.path_info) is None and not request.path_info.startswith(_FOR_EVERYBODY):
            language = getattr(request.user, "language", "")
            if language in dict(settings.LANGUAGES):
                request.LANGUAGE_CODE = language
                translation.activate(language)
        return self.get_response(request)
