"""Handing out and erasing what is kept of a person: by themselves on their page, by managers at the desk."""

from __future__ import annotations

from typing import IO

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_ratelimit.decorators import ratelimit

from deflection.services import personal_data as service
from tickets.models import Customer
from tickets.services.customer_logins import customer_of
from tickets.views.desk.door import DeskRequest, at_the_desk
from tickets.views.desk.elsewhere import rail_elsewhere


@never_cache
@ratelimit(key="user_or_ip", rate="10/h", method="POST", block=True)
@require_POST
def my_data(request: HttpRequest) -> FileResponse:
    """Everything that is kept of whoever has logged in, without what agents noted among themselves."""
    customer = customer_of(request.user)
    if customer is None or not request.user.is_authenticated:
        raise Http404
    return _archive(service.export(customer, by=request.user, with_notes=False))


def _archive(content: IO[bytes]) -> FileResponse:
    name = f"data-{timezone.localdate():%Y-%m-%d}.zip"
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/zip")


def _customer(request: DeskRequest, pk: int) -> Customer:
    if not request.user.has_perm(service.PERMISSION):
        raise PermissionDenied
    return get_object_or_404(Customer, pk=pk)


@never_cache
@require_safe
@at_the_desk
def personal_data(request: DeskRequest, pk: int) -> HttpResponse:
    """What there is of a customer, and the two things that can be done with it."""
    return _page(request, _customer(request, pk))


def _page(request: DeskRequest, customer: Customer, *, error: str = "", status: int = 200) -> HttpResponse:
    context = {
        "rail": rail_elsewhere(request),
        "customer": customer,
        "is_nobody": not customer.name and not customer.identities.exists(),
        "held": service.counts(customer),
        "error": error,
    }
    return render(request, "desk/personal_data.html", context, status=status)


@never_cache
@require_POST
@at_the_desk  # type: ignore[arg-type] # a file is a response too
def hand_out(request: DeskRequest, pk: int) -> FileResponse:
    """All of it, with the notes of agents where they are asked for."""
    customer = _customer(request, pk)
    return _archive(service.export(customer, by=request.user, with_notes="notes" in request.POST))


@never_cache
@require_POST
@at_the_desk
def erase(request: DeskRequest, pk: int) -> HttpResponse:
    """Erases, once the name has been typed; anything else asks again."""
    customer = _customer(request, pk)
    if request.POST.get("name", "").strip() != str(customer):
        error = _("Type “%(name)s” to show that you mean it.") % {"name": customer}
        return _page(request, customer, error=error, status=422)
    service.erase(customer, by=request.user)
    messages.success(request, _("Everything about them has been erased. What is left is counted, and is nobody's."))
    return redirect("desk:customer", customer.pk)
