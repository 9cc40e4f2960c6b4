"""Gives every request its visit: `request.origin`, which begins a journey only where one is needed.

The cookie holds the journey's ID. Where somebody was recognised by a signed link before there was any journey, it
holds who that was, signed, until one begins: reading a case page alone is no journey.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.http import HttpRequest, HttpResponse

from deflection.models import Journey
from deflection.models.journeys import REST
from deflection.services import joining, journeys
from tickets.models import Customer, Ticket
from tickets.services.customer_logins import customer_of

COOKIE = "svar_journey"
_RECOGNISED = TimestampSigner(salt="deflection.recognised", sep="~")


@dataclass(frozen=True)
class _Recognised:
    """Who followed a signed link, and to which case (0: to none), after which journey of this browser ("": none)."""

    customer: int
    case: int
    last_journey: str

    def __str__(self) -> str:
        return _RECOGNISED.sign(f"{self.customer}.{self.case}.{self.last_journey}")

    @classmethod
    def read(cls, cookie: str) -> _Recognised:
        """A cookie that holds no more than a journey names nobody, and neither does one from before the last rest."""
        is_young = True
        try:
            value = _RECOGNISED.unsign(cookie, max_age=REST)
        except SignatureExpired:
            is_young, value = False, _RECOGNISED.unsign(cookie)
        except BadSignature:
            return cls(0, 0, cookie)
        customer, case, last_journey = value.split(".")
        return cls(int(customer), int(case), last_journey) if is_young else cls(0, 0, last_journey)


class JourneyOrigin:
    """The journey behind a request, looked up when first asked for (see knowledge.origins.Origin)."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        # A page of another site sends no cookie; it names the visit in the address of the API.
        self._is_named = request.path_info.startswith("/api/") and "journey" in request.GET
        self._cookie = request.GET["journey"] if self._is_named else request.COOKIES.get(COOKIE, "")
        self._journey: Journey | None = None
        self._looked = False
        self._new_cookie: str | None = None
        """What the cookie is to hold from now on: None as before, "" nothing any more."""
        self._clears_drafts = False
        self.is_measured = not journeys.asks_not_to_be_counted(request.headers)

    @property
    def journey(self) -> Journey | None:
        if not self._looked:
            self._looked = True
            self._journey = journeys.running(self._cookie)
            if self._journey is not None and not self.is_measured:
                journeys.leave_out(self._journey)
        return self._journey

    def begin(self) -> Journey:
        """The running journey, or a new one, which goes on from the last one of this browser."""
        if self.journey is not None:
            return self.journey
        known = _Recognised.read(self._cookie)
        customer = Customer.objects.filter(pk=known.customer).first() if known.customer else None
        begun = journeys.begin(
            language=getattr(self._request, "LANGUAGE_CODE", settings.LANGUAGE_CODE),
            # Agents who try the pages are no customers.
            is_measured=self.is_measured and not self._request.user.has_perm("tickets.work_cases"),
            after=journeys.find(known.last_journey),
            customer=customer or customer_of(self._request.user),
        )
        if begun.customer is not None:
            case = Ticket.objects.filter(pk=known.case).first() if known.case else None
            begun = joining.join_customer(begun, begun.customer, case=case)
        return self._go_on_with(begun)

    def recognise(self, customer: Customer, ticket: Ticket | None = None) -> None:
        """Somebody has shown who they are: by a signed link (to `ticket`), or by logging in."""
        if self._request.user.has_perm("tickets.work_cases"):
            # An agent who looks at what a customer sees.
            return
        if self.journey is None:
            last = _Recognised.read(self._cookie).last_journey
            self._cookie = str(_Recognised(customer.pk, ticket.pk if ticket else 0, last))
            self._new_cookie = self._cookie
        elif self.journey.customer_id != customer.pk or self._may_go_on_from(ticket):
            self._go_on_with(joining.join_customer(self.journey, customer, case=ticket))

    def _may_go_on_from(self, ticket: Ticket | None) -> bool:
        """Whether a case's own link leads back to an attempt that this journey is not joined to."""
        assert self.journey is not None
        origin = ticket.origin if ticket else ""
        return bool(origin) and origin != str(self.journey.pk) and self.journey.continues_id is None

    def forget(self, *, with_drafts: bool = False) -> None:
        """Whoever comes next to this browser is somebody else; they read nothing that was begun here either."""
        self._clears_drafts = with_drafts
        self._looked, self._journey, self._cookie, self._new_cookie = True, None, "", ""

    def _go_on_with(self, journey: Journey) -> Journey:
        if str(journey.pk) != self._cookie:
            self._new_cookie = str(journey.pk)
        self._looked, self._journey = True, journey
        return journey

    def current(self) -> str:
        return str(self.journey.pk) if self.journey else ""

    def ensure(self) -> str:
        return str(self.begin().pk)

    def write_cookie(self, response: HttpResponse) -> None:
        if self._is_named:
            return
        if self._new_cookie == "":
            response.delete_cookie(COOKIE, samesite="Lax")
            if self._clears_drafts:
                # W3C Clear Site Data: what our scripts keep in the browser.
                response["Clear-Site-Data"] = '"storage"'
        elif self._new_cookie is not None:
            response.set_cookie(
                COOKIE,
                self._new_cookie,
                max_age=settings.JOURNEY_DAYS * 24 * 3600,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )


def origin_of(request: HttpRequest | None) -> JourneyOrigin | None:
    """None for what reached us by no browser, such as a login made by a program."""
    origin = getattr(request, "origin", None)
    return origin if isinstance(origin, JourneyOrigin) else None


class JourneyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        origin = JourneyOrigin(request)
        request.origin = origin  # type: ignore[attr-defined]
        response = self.get_response(request)
        origin.write_cookie(response)
        return response
