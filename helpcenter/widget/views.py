"""What another site includes, and what that loads."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_safe

from helpcenter.widget.sources import FILES, version

# A page of another site names no version: what we mend arrives within minutes. A named one stays what it is.
_KEPT_SECONDS = 300
_NAMED_SECONDS = 7 * 24 * 3600


def _etag(request: HttpRequest, name: str) -> str:
    return f'"{version(name)}"'


@gzip_page
@require_safe
@condition(etag_func=_etag)
def widget_file(request: HttpRequest, name: str) -> HttpResponse:
    text, mime = FILES[name]
    response = HttpResponse(text(), content_type=f"{mime}; charset=utf-8")
    seconds = _NAMED_SECONDS if request.GET.get("v") == version(name) else _KEPT_SECONDS
    patch_cache_control(response, public=True, max_age=seconds)
    # For sites that are isolated (Cross-Origin-Embedder-Policy: require-corp).
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def widget_demo(request: HttpRequest) -> HttpResponse:
    """A made-up shop with the widget in it, to try it by hand; only where Svar itself is being tried."""
    if not settings.DEMO:
        raise Http404
    return render(request, "widget_demo.html", {"theme": request.GET.get("theme", "auto")})
