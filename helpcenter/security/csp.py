"""A strict Content-Security-Policy everywhere, with more room only where a library needs it."""

from __future__ import annotations

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

# The admin theme is driven by Alpine, which evaluates expressions, and sets styles inline.
_ADMIN = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}
# Swagger UI sets styles inline.
_API_DOCS = {"style-src": [SELF, UNSAFE_INLINE]}


class RoomyAdminCSPMiddleware(CSPMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if isinstance(response, HttpResponse):
            if request.path_info.startswith("/admin/"):
                response._csp_replace = _ADMIN  # type: ignore[attr-defined]
            elif request.path_info == "/api/docs/":
                response._csp_replace = _API_DOCS  # type: ignore[attr-defined]
        return super().process_response(request, response)
