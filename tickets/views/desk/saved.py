"""Keeping a list of cases under a name, and changing or dropping one that was kept."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from knowledge.forms import without_nul
from tickets.errors import TicketError
from tickets.filter_forms import SavedFilterForm
from tickets.models import SavedFilter
from tickets.services import saved_filters
from tickets.services.case_filters import Choices
from tickets.views.desk.door import DeskRequest, at_the_desk
from tickets.views.desk.rail import rail_for


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@at_the_desk
def save(request: DeskRequest) -> HttpResponse:
    """A name for the list that the address asks for."""
    query = saved_filters.kept_query(dict(request.GET.lists()), Choices(request.user, request.LANGUAGE_CODE))
    form = SavedFilterForm(without_nul(request.POST) if request.method == "POST" else None, user=request.user)
    if form.is_bound and _is_kept(request, form, query, None):
        return redirect(f"{reverse('desk:list')}?{query}")
    return _page(request, form, None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@at_the_desk
def edit(request: DeskRequest, pk: int) -> HttpResponse:
    """Another name or other readers. Only the owner gets here."""
    known = get_object_or_404(SavedFilter, pk=pk, owner=request.user)
    data = without_nul(request.POST) if request.method == "POST" else None
    form = SavedFilterForm(data, user=request.user, known=known)
    if form.is_bound and _is_kept(request, form, known.query, known):
        return redirect(f"{reverse('desk:list')}?{known.query}")
    return _page(request, form, SavedFilter.objects.get(pk=pk))


@require_POST
@at_the_desk
def delete(request: DeskRequest, pk: int) -> HttpResponse:
    known = get_object_or_404(SavedFilter, pk=pk, owner=request.user)
    known.delete()
    messages.success(request, _("The view “%(name)s” is gone. Its cases are where they were.") % {"name": known.name})
    return redirect("desk:list")


def _is_kept(request: DeskRequest, form: SavedFilterForm, query: str, known: SavedFilter | None) -> bool:
    if not form.is_valid():
        return False
    try:
        row = saved_filters.save(
            owner=request.user,
            name=form.cleaned_data["name"],
            query=query,
            is_shared=form.is_shared,
            team=form.team,
            known=known,
        )
    except TicketError as error:
        form.add_error("name", str(error))
        return False
    messages.success(request, _("“%(name)s” is kept among the views.") % {"name": row.name})
    return True


def _page(request: DeskRequest, form: SavedFilterForm, known: SavedFilter | None) -> HttpResponse:
    back = QueryDict(known.query if known else request.META.get("QUERY_STRING", "")).urlencode()
    context = {"rail": rail_for(request, QueryDict(back)), "form": form, "known": known, "back": back}
    return render(request, "desk/saved_filter.html", context, status=422 if form.errors else 200)
