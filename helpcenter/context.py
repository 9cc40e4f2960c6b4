"""What every template may use: the organisation, the languages, and the assets' version."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from helpcenter.languages import same_page_in
from knowledge.models import Organisation


def _organisation() -> Organisation:
    try:
        return Organisation.current()
    except DatabaseError:
        return Organisation()


def _language(request: HttpRequest, code: str, name: str, *, is_current: bool) -> dict[str, Any]:
    """A language for menus and links. A page whose address differs by more than the language sets `alternates`."""
    url = getattr(request, "alternates", {}).get(code) or same_page_in(request, code)
    return {"code": code, "name": name, "url": url, "address": settings.SITE_URL + url, "is_current": is_current}


def site(request: HttpRequest) -> dict[str, Any]:
    current = translation.get_language() or settings.LANGUAGE_CODE
    return {
        "organisation": SimpleLazyObject(_organisation),
        "current_language": current,
        "languages": SimpleLazyObject(
            lambda: [_language(request, code, name, is_current=code == current) for code, name in settings.LANGUAGES]
        ),
        "demo": settings.DEMO,
    }
