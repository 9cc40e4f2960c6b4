"""Customers at the desk: finding one, and all that is known of them."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge.forms import row_number, without_nul
from tickets.customer_forms import AddressForm, CustomerForm
from tickets.errors import TicketError
from tickets.models import Company, Customer, Identity, Ticket
from tickets.services import customers
from tickets.services.customer_search import MOST_FOUND, find_customers, numbers_found, record_of
from tickets.services.duplicates import lookalikes, open_pairs
from tickets.views.desk.door import DeskRequest, at_the_desk
from tickets.views.desk.elsewhere import rail_elsewhere

PAGE_SIZE = 25


@never_cache
@require_safe
@at_the_desk
def customer_list(request: DeskRequest) -> HttpResponse:
    """Customers by what is known of them, the newest first."""
    words = " ".join(request.GET.get("find", "").replace("\x00", "").split())
    numbers = numbers_found(words) if words else Customer.objects.order_by("-pk").values_list("pk", flat=True)
    page = Paginator(numbers, PAGE_SIZE).get_page(request.GET.get("page"))
    people = find_customers("").filter(pk__in=list(page))
    totals = Customer.objects.filter(pk__in=list(page)).annotate(total=Count("tickets"))
    counts = dict(totals.order_by().values_list("pk", "total"))
    context = {
        "rail": rail_elsewhere(request),
        "words": words,
        "page": page,
        "total": f"{MOST_FOUND}+" if words and page.paginator.count == MOST_FOUND else page.paginator.count,
        "rows": [(one, counts.get(one.pk, 0)) for one in people],
        "pairs": open_pairs().count(),
    }
    return render(request, "desk/customers.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@at_the_desk
def customer(request: DeskRequest, pk: int) -> HttpResponse:
    """One person; a POST changes name, company, region, language and notes."""
    found = get_object_or_404(Customer.objects.select_related("company"), pk=pk)
    form = CustomerForm(without_nul(request.POST) or None, instance=get_object_or_404(Customer, pk=pk))
    if request.method == "POST" and form.is_valid():
        if customers.change_customer(found, form.values, by=request.user):
            messages.success(request, _("The record has been changed."))
        return redirect("desk:customer", found.pk)
    return _page(request, found, form=form, status=422 if request.method == "POST" else 200)


def _page(
    request: DeskRequest,
    found: Customer,
    *,
    form: CustomerForm | None = None,
    address: AddressForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "rail": rail_elsewhere(request),
        "record": record_of(found, Ticket.objects.visible_to(request.user)),
        "form": form or CustomerForm(instance=found),
        "address": address or AddressForm(),
        "companies": Company.objects.values_list("name", flat=True)[:200],
        "lookalikes": lookalikes(found),
        "topic_language": request.LANGUAGE_CODE,
    }
    return render(request, "desk/customer.html", context, status=status)


@require_POST
@at_the_desk
def change_addresses(request: DeskRequest, pk: int) -> HttpResponse:
    """Adds an address, or does with one what the button says."""
    found = get_object_or_404(Customer.objects.select_related("company"), pk=pk)
    for verb, act in _ACTIONS.items():
        if verb in request.POST:
            identity = get_object_or_404(found.identities, pk=row_number(request.POST[verb]))
            try:
                messages.success(request, act(identity, request))
            except TicketError as error:
                messages.error(request, str(error))
            return redirect("desk:customer", found.pk)
    form = AddressForm(without_nul(request.POST))
    if form.is_valid():
        try:
            customers.add_identity(found, form.cleaned_data["kind"], form.cleaned_data["value"], by=request.user)
            messages.success(request, _("It has been added."))
            return redirect("desk:customer", found.pk)
        except TicketError as error:
            form.add_error("value", str(error))
    return _page(request, found, address=form, status=422)


def _remove(identity: Identity, request: DeskRequest) -> str:
    customers.remove_identity(identity, by=request.user)
    return _("%(value)s has been removed.") % {"value": identity.value}


def _verify(identity: Identity, request: DeskRequest) -> str:
    customers.set_verified(identity, True, by=request.user)
    return _("%(value)s counts as theirs for certain.") % {"value": identity.value}


def _doubt(identity: Identity, request: DeskRequest) -> str:
    customers.set_verified(identity, False, by=request.user)
    return _("%(value)s does not count as theirs for certain any more.") % {"value": identity.value}


def _works(identity: Identity, request: DeskRequest) -> str:
    customers.clear_bounce(identity, by=request.user)
    return _("Letters go to %(value)s again.") % {"value": identity.value}


_ACTIONS = {"remove": _remove, "verify": _verify, "doubt": _doubt, "works": _works}
