"""Who gets to a case on the customer's side: whoever holds its key, or is logged in as somebody who takes part in it.

To read it, being logged in is enough. A change always needs the key: these views check no CSRF token, and a foreign
site can make a browser send the session's cookie, but knows no key. The page gives those who take part a key for
its forms; an agent who looks at it gets none, since what is written there counts as written by the customer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language

from tickets.forms import FollowForm
from tickets.models import Customer, Ticket
from tickets.services.customer_logins import customer_of
from tickets.services.links import KeyState, case_key, case_path, read_key
from tickets.signals import customer_recognised


@dataclass(frozen=True)
class Visit:
    """Somebody at a case page, let in."""

    ticket: Ticket
    key: str
    """With which the forms of the page are sent; "" for who may only read."""
    viewer: Customer | None
    """For whom the key was made, or who has logged in; None for an agent who looks."""
    is_recognised: bool
    """Whether it is certainly the viewer: by login, or by a key that a letter brought them."""

    @property
    def is_customer(self) -> bool:
        return self.viewer is not None and self.viewer.pk == self.ticket.customer_id

    def path(self) -> str:
        return case_path(self.ticket, get_language(), key=self.key)


class _LinkHasEnded(Exception):
    def __init__(self, ticket: Ticket) -> None:
        super().__init__()
        self.ticket = ticket


class _GoesOnElsewhere(Exception):
    """Their case was merged into one in which they take no part."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__()
        self.ticket = ticket


View = Callable[..., HttpResponseBase]


def with_visit(view: Callable[[HttpRequest, Visit], HttpResponseBase]) -> View:
    """Calls a view with the visit for the reference in its address; 404 for whoever has no business there."""

    @wraps(view)
    def inside(request: HttpRequest, reference: str) -> HttpResponseBase:
        try:
            visit = _enter(request, reference)
        except _LinkHasEnded as ended:
            return _say(request, ended.ticket, "tickets/link_ended.html", status=404)
        except _GoesOnElsewhere as moved:
            return _say(request, moved.ticket, "tickets/case_moved.html", status=200)
        if visit.viewer is not None and visit.is_recognised:
            customer_recognised.send(Visit, request=request, customer=visit.viewer, ticket=visit.ticket)
        if visit.ticket.reference != reference and request.method in ("GET", "HEAD"):
            return HttpResponseRedirect(visit.path())
        return view(request, visit)

    return inside


def _say(request: HttpRequest, ticket: Ticket, template: str, *, status: int) -> HttpResponse:
    """A page that lets nobody in, and gives back what they wrote."""
    written = request.POST.get("message", "") or request.POST.get("comment", "")
    form = FollowForm(initial={"reference": ticket.reference})
    return render(request, template, {"ticket": ticket, "form": form, "written": written}, status=status)


def _enter(request: HttpRequest, reference: str) -> Visit:
    ticket = get_object_or_404(
        Ticket.objects.select_related("customer", "topic", "answered_by", "merged_into__customer"), reference=reference
    )
    given = request.POST.get("key") or request.GET.get("key", "")
    reading = read_key(ticket, given)
    if reading.state is KeyState.OPENS and reading.holder is not None:
        return _by_key(ticket, given, reading.holder, came_by_letter=reading.came_by_letter)
    if request.method in ("GET", "HEAD") and Ticket.objects.visible_to(request.user).filter(pk=ticket.pk).exists():
        return _by_login(request, ticket)
    if reading.state is KeyState.ENDED:
        raise _LinkHasEnded(ticket)
    raise Http404


def _by_key(ticket: Ticket, key: str, holder: Customer, *, came_by_letter: bool) -> Visit:
    kept = ticket.merged_into
    if kept is None:
        return Visit(ticket, key, holder, came_by_letter)
    if not _takes_part(kept, holder):
        raise _GoesOnElsewhere(ticket)
    return Visit(kept, case_key(kept, holder), holder, came_by_letter)


def _by_login(request: HttpRequest, ticket: Ticket) -> Visit:
    customer = customer_of(request.user)
    kept = ticket.merged_into
    if customer is not None and _takes_part(kept or ticket, customer):
        ticket = kept or ticket
        return Visit(ticket, case_key(ticket, customer), customer, True)
    if request.user.has_perm("tickets.work_cases"):
        return Visit(ticket, "", None, False)
    raise _GoesOnElsewhere(ticket)


def _takes_part(ticket: Ticket, customer: Customer) -> bool:
    return ticket.customer_id == customer.pk or ticket.participants.filter(customer=customer).exists()
