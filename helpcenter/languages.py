"""Which language a page is in, and where the same page is in another."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest

from knowledge.models import Organisation


def language_of_path(path: str) -> str | None:
    """The language that an address names ("/sv/..."), or None."""
    first = path.lstrip("/").split("/", 1)[0]
    return first if first in dict(settings.LANGUAGES) else None


def negotiated_language(request: HttpRequest) -> str:
    """By cookie, then Accept-Language, then the organisation's default."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in dict(settings.LANGUAGES):
        return chosen
    if request.headers.get("Accept-Language"):
        wanted = _first_known(request.headers["Accept-Language"])
        if wanted:
            return wanted
    return Organisation.current().default_language


def _first_known(header: str) -> str | None:
    """The best language of an Accept-Language header (RFC 9110, 12.5.4) that Svar speaks."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(header[:500].split(",")):
        tag, _, parameters = part.strip().partition(";")
        try:
            quality = float(parameters.strip().removeprefix("q=")) if parameters else 1.0
        except ValueError:
            quality = 0.0
        ranked.append((-quality, place, tag.strip().lower()))
    for negative, _place, tag in sorted(ranked):
        code = tag.split("-")[0]
        # Norwegian browsers say "no" or "nn" as well as "nb".
        code = "nb" if code in ("no", "nn") else code
        if negative < 0 and code in dict(settings.LANGUAGES):
            return code
    return None


def same_page_in(request: HttpRequest, language: str) -> str:
    """The address of this page in another language, with its query."""
    if language_of_path(request.path_info) is None:
        return request.get_full_path()  # it follows the chosen language by itself
    parts = urlsplit(request.get_full_path())
    rest = parts.path.lstrip("/").split("/", 1)
    tail = rest[1] if len(rest) > 1 else ""
    return urlunsplit(("", "", f"/{language}/{tail}", parts.query, ""))
