"""Gives every request its visit: `request.origin`, which begins a journey only where one is needed."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from deflection.models import Journey
from deflection.services import journeys

COOKIE = "svar_journey"
_COOKIE_SECONDS = 30 * 24 * 3600


class JourneyOrigin:
    """The journey behind a request, looked up when first asked for (see knowledge.origins.Origin)."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._journey: Journey | None = None
        self._looked = False
        self.is_new = False
        self.is_measured = not journeys.asks_not_to_be_counted(request.headers)

    @property
    def journey(self) -> Journey | None:
        if not self._looked:
            self._looked = True
            self._journey = journeys.running(self._request.COOKIES.get(COOKIE, ""))
        return self._journey

    def begin(self) -> Journey:
        """The running journey, or a new one."""
        if self.journey is None:
            self._journey = journeys.begin(
                language=getattr(self._request, "LANGUAGE_CODE", settings.LANGUAGE_CODE),
                is_measured=self.is_measured,
            )
            self.is_new = True
        assert self._journey is not None
        return self._journey

    def current(self) -> str:
        return str(self.journey.pk) if self.journey else ""

    def ensure(self) -> str:
        return str(self.begin().pk)


class JourneyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        origin = JourneyOrigin(request)
        request.origin = origin  # type: ignore[attr-defined]
        response = self.get_response(request)
        if origin.is_new:
            response.set_cookie(
                COOKIE,
                origin.current(),
                max_age=_COOKIE_SECONDS,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return response
