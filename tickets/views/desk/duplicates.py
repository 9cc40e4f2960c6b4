"""Records that look like one person: merging two, saying that they are two, and undoing a merge."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge.forms import row_number
from tickets.errors import TicketError
from tickets.models import Customer, CustomerMerge
from tickets.services.customer_merging import MergePreview, merge_customers, preview, undo_merge
from tickets.services.customer_search import find_customers
from tickets.services.duplicates import not_the_same, open_pairs, reasons_in_words
from tickets.views.desk.door import DeskRequest, at_the_desk
from tickets.views.desk.elsewhere import rail_elsewhere

PAGE_SIZE = 20
_OFFERED = 10


@never_cache
@require_safe
@at_the_desk
def pairs(request: DeskRequest) -> HttpResponse:
    """Pairs that nobody has decided about."""
    page = Paginator(open_pairs(), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(one.first, one.second, reasons_in_words(one)) for one in page]
    return render(request, "desk/duplicates.html", {"rail": rail_elsewhere(request), "page": page, "rows": rows})


@dataclass(frozen=True)
class MergeQuestion:
    """What is asked before two records become one: which stays, which goes, and what moves."""

    kept: Customer
    gone: Customer | None
    preview: MergePreview | None
    words: str
    found: list[Customer]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@at_the_desk
def merge(request: DeskRequest, pk: int) -> HttpResponse:
    """Shows what merging another record into this one moves; a POST does it."""
    people = Customer.objects.select_related("company").prefetch_related("identities")
    kept = get_object_or_404(people, pk=pk)
    data = request.POST if request.method == "POST" else request.GET
    chosen = row_number(data.get("with", ""))
    gone = get_object_or_404(people.exclude(pk=kept.pk), pk=chosen) if chosen else None
    if request.method == "POST" and gone is not None:
        try:
            merge_customers(kept, gone, by=request.user)
            messages.success(request, _("The two records are one now. It can be undone on this page."))
            return redirect("desk:customer", kept.pk)
        except TicketError as error:
            messages.error(request, str(error))
            return redirect("desk:customers")
    words = " ".join(data.get("find", "").replace("\x00", "").split())
    found = list(find_customers(words).exclude(pk=kept.pk)[:_OFFERED]) if words and gone is None else []
    question = MergeQuestion(kept, gone, preview(kept, gone) if gone else None, words, found)
    context = {"rail": rail_elsewhere(request), "question": question}
    return render(request, "desk/customer_merge.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@at_the_desk
def two_people(request: DeskRequest, pk: int) -> HttpResponse:
    """The two only look alike; back to where it was said."""
    one = get_object_or_404(Customer, pk=pk)
    other = get_object_or_404(Customer.objects.exclude(pk=pk), pk=row_number(request.POST.get("other", "")))
    not_the_same(one, other, by=request.user)
    messages.success(request, _("They are two people. You are not asked about them again."))
    return redirect("desk:duplicates") if request.POST.get("from") == "list" else redirect("desk:customer", one.pk)


@require_POST
@at_the_desk
def undo(request: DeskRequest, merge_id: int) -> HttpResponse:
    found = get_object_or_404(CustomerMerge, pk=merge_id)
    try:
        undone = undo_merge(found, by=request.user)
    except TicketError as error:
        messages.error(request, str(error))
        return redirect("desk:customer", found.kept_id)
    messages.success(request, _("They are two records again. This is the one that had gone."))
    for sentence in undone.left:
        messages.warning(request, sentence)
    return redirect("desk:customer", undone.customer.pk)
