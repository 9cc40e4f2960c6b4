"""The way back to a case: the list of one's own after login, and for everybody else a letter with the link."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django_ratelimit.decorators import ratelimit

from knowledge.background import enqueue
from knowledge.forms import without_nul
from tickets.forms import FollowForm
from tickets.services import my_cases as cases
from tickets.services.customer_logins import customer_of
from tickets.services.link_notices import send_link_if_theirs
from tickets.tasks import send_case_link_if_theirs

_A_PAGE = 20


def _address(_group: str, request: HttpRequest) -> str:
    return request.POST.get("email", "").strip().lower()


# Asking for a link acts in nobody's name: whoever asks, the letter goes to the address on file alone.
@csrf_exempt
@never_cache
@ratelimit(key="ip", rate="30/h", method="POST", block=True)
@ratelimit(group="case-link", key=_address, rate="5/h", method="POST", block=False)
@require_http_methods(["GET", "HEAD", "POST"])
def my_cases(request: HttpRequest) -> HttpResponse:
    """All cases of a customer who is logged in; and the form that sends the link to one."""
    form = FollowForm(without_nul(request.POST) or None)
    if request.method == "POST" and form.is_valid():
        _ask_for_link(request, form.cleaned_data["reference"], form.cleaned_data["email"])
        return HttpResponseRedirect(reverse("my_cases") + "?sent=1")
    context = {"form": form, "is_sent": bool(request.GET.get("sent")), "login_address": _login_address(request)}
    status = 422 if form.is_bound else 200
    customer = customer_of(request.user)
    if customer is None:
        return render(request, "tickets/follow.html", context, status=status)
    page = Paginator(cases.of_customer(customer), _A_PAGE).get_page(request.GET.get("page"))
    context |= {"page": page, "cases": cases.told(page.object_list, customer)}
    return render(request, "tickets/my_cases.html", context, status=status)


def _login_address(request: HttpRequest) -> str:
    """The login by code, in the language of this page and back to it: its own address has no language."""
    login = f"{reverse('account_request_login_code')}?{urlencode({'next': reverse('my_cases')})}"
    return f"{reverse('switch_language', args=[request.LANGUAGE_CODE])}?{urlencode({'next': login})}"


def _ask_for_link(request: HttpRequest, reference: str, email: str) -> None:
    """Leaves the looking up to the worker: this answer takes as long, and reads the same, whatever is found."""
    if getattr(request, "limited", False):
        return
    if not enqueue(send_case_link_if_theirs, reference, email):
        send_link_if_theirs(reference, email)
