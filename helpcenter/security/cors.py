"""Which answers of ours pages of other sites may read: the public API, without cookies, and nothing else.

Fetch standard, "CORS protocol". No answer allows credentials, so a foreign page never acts in a visitor's name; what
a signed key or a token opens is open to whoever shows it, as it always was.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

_UUID = r"[0-9a-f-]{36}"
# Reading and changing cases with a token is done by programs, not by pages.
_OPEN = [
    (re.compile(rf"^/api/v1/{address}$"), method)
    for address, method in (
        ("search/", "GET"),
        ("topics/", "GET"),
        ("articles/", "GET"),
        (r"articles/\d+/", "GET"),
        ("widget/", "GET"),
        ("suggestions/", "POST"),
        ("journeys/", "POST"),
        (rf"journeys/{_UUID}/events/", "POST"),
        ("tickets/", "POST"),
        ("chats/", "POST"),
        (rf"chats/{_UUID}/", "GET"),
        (rf"chats/{_UUID}/(messages|wishes)/", "POST"),
    )
]
_FILES = re.compile(r"^/widget(-panel)?\.(js|css)$")
_HEADERS = "Content-Type, Idempotency-Key, Chat-Key"
# What browsers keep at most (Chromium: two hours).
_PREFLIGHT_SECONDS = "7200"


def may_be_read(path: str, method: str) -> bool:
    """Whether pages of other sites may send such a request and read the answer."""
    if _FILES.match(path):
        return method in ("GET", "HEAD")
    return any(address.match(path) and method == allowed for address, allowed in _OPEN)


class CrossOriginMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wanted = request.headers.get("Access-Control-Request-Method", "")
        is_preflight = request.method == "OPTIONS" and bool(wanted)
        method = wanted if is_preflight else str(request.method)
        if not may_be_read(request.path_info, method):
            return self.get_response(request)
        response = HttpResponse(status=204) if is_preflight else self.get_response(request)
        self._allow(request, response)
        if is_preflight and "Access-Control-Allow-Origin" in response:
            response["Access-Control-Allow-Methods"] = method
            response["Access-Control-Allow-Headers"] = _HEADERS
            response["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
        return response

    def _allow(self, request: HttpRequest, response: HttpResponse) -> None:
        """Everybody, or only the sites that WIDGET_ORIGINS names."""
        allowed = settings.WIDGET_ORIGINS
        origin = request.headers.get("Origin", "")
        if allowed:
            patch_vary_headers(response, ["Origin"])
        if not allowed or origin in allowed:
            response["Access-Control-Allow-Origin"] = origin if allowed else "*"
            response["Access-Control-Expose-Headers"] = "Retry-After"
