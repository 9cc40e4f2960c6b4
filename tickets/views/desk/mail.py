"""Letters at the desk: those that are in no case, with what can be made of them, and any letter as it came."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tickets.channels.email import deciding, inbound
from tickets.channels.email.letters import letter_page
from tickets.errors import TicketError
from tickets.models import InboundMail, Ticket
from tickets.models.mail import InboundMailQuerySet
from tickets.views.desk.door import DeskRequest, at_the_desk
from tickets.views.desk.rail import Rail, rail_for

PAGE_SIZE = 20


@dataclass(frozen=True)
class Shelf:
    """One kind of letters that are in no case."""

    key: str
    title: Promise
    empty: Promise

    def rows(self) -> InboundMailQuerySet:
        mails = InboundMail.objects.all()
        return {"decide": mails.unheard, "automatic": mails.automatic, "aside": mails.left_aside}[self.key]()


SHELVES = {
    shelf.key: shelf
    for shelf in (
        Shelf("decide", gettext_lazy("To decide"), gettext_lazy("Every letter has found its case.")),
        Shelf(
            "automatic",
            gettext_lazy("From machines"),
            gettext_lazy("Automatic answers, lists and returned letters stand here."),
        ),
        Shelf("aside", gettext_lazy("Left aside"), gettext_lazy("What somebody decided not to take stands here.")),
    )
}


@never_cache
@require_safe
@at_the_desk
def set_aside(request: DeskRequest) -> HttpResponse:
    """Letters that are in no case, the newest first, with what can be done about each."""
    shelf = SHELVES.get(request.GET.get("shelf", ""), SHELVES["decide"])
    rows = shelf.rows().defer("raw").select_related("ticket", "decided_by").order_by("-received_at", "-pk")
    page: Page[InboundMail] = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    tabs = [(one, one.rows().count(), one is shelf) for one in SHELVES.values()]
    context = {"rail": _rail(request), "shelf": shelf, "tabs": tabs, "page": page}
    return render(request, "desk/mail.html", context)


@never_cache
@require_safe
@at_the_desk
def letter(request: DeskRequest, pk: int) -> HttpResponse:
    """One letter as it came, made safe; pictures from elsewhere only when asked for."""
    with_images = request.GET.get("images") == "1"
    shown = letter_page(_mail(pk), with_remote_images=with_images)
    context = {"rail": _rail(request), "shown": shown, "mail": shown.mail, "with_images": with_images}
    response = render(request, "desk/mail_letter.html", context)
    if with_images:
        response._csp_update = {"img-src": ["https:"]}  # type: ignore[attr-defined]
    return response


@never_cache
@require_safe
@at_the_desk
def raw(request: DeskRequest, pk: int) -> HttpResponse:
    """The letter byte for byte, to be kept or looked into; never shown as a page."""
    mail = _mail(pk)
    response = HttpResponse(bytes(mail.raw), content_type="message/rfc822")
    response["Content-Disposition"] = f'attachment; filename="letter-{mail.pk}.eml"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@at_the_desk
def retry(request: DeskRequest, pk: int) -> HttpResponse:
    try:
        mail = inbound.retry(_mail(pk), by=request.user)
    except TicketError as error:
        messages.error(request, str(error))
        return _back(request)
    if mail.outcome in (InboundMail.Outcome.HELD, InboundMail.Outcome.UNREADABLE):
        messages.warning(request, _("It still cannot be taken: %(cause)s.") % {"cause": mail.get_cause_display()})
    elif mail.ticket is not None and mail.message is not None:
        messages.success(request, _("The letter is in the case %(case)s now.") % {"case": mail.ticket.reference})
        return redirect(mail.ticket.get_absolute_url())
    else:
        messages.success(request, mail.get_outcome_display())
    return _back(request)


@require_POST
@at_the_desk
def open_case(request: DeskRequest, pk: int) -> HttpResponse:
    try:
        ticket = deciding.open_case(_mail(pk), by=request.user)
    except TicketError as error:
        messages.error(request, str(error))
        return _back(request)
    messages.success(request, _("The letter has become case %(case)s.") % {"case": ticket.reference})
    return redirect(ticket.get_absolute_url())


@require_POST
@at_the_desk
def add_to_case(request: DeskRequest, pk: int) -> HttpResponse:
    reference = " ".join(request.POST.get("case", "").replace("\x00", "").split()).upper()
    ticket = Ticket.objects.visible_to(request.user).filter(reference=reference).first() if reference else None
    if ticket is None:
        messages.error(request, _("There is no case “%(case)s”. Its number looks like SV-10001.") % {"case": reference})
        return _back(request)
    try:
        message = deciding.add_to_case(_mail(pk), ticket, by=request.user)
    except TicketError as error:
        messages.error(request, str(error))
        return _back(request)
    messages.success(request, _("The letter is in the case %(case)s now.") % {"case": message.ticket.reference})
    return redirect(message.ticket.get_absolute_url())


@require_POST
@at_the_desk
def leave_aside(request: DeskRequest, pk: int) -> HttpResponse:
    try:
        deciding.leave_aside(_mail(pk), by=request.user)
    except TicketError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The letter has been left aside. It stays here and can be taken at any time."))
    return _back(request)


def _rail(request: DeskRequest) -> Rail:
    """The rail with no list of cases as the current one."""
    rail = rail_for(request)
    return replace(rail, links=[replace(link, is_current=False) for link in rail.links])


def _mail(pk: int) -> InboundMail:
    rows: Any = InboundMail.objects.select_related("ticket", "message", "decided_by")
    found: InboundMail = get_object_or_404(rows, pk=pk)
    return found


def _back(request: DeskRequest) -> HttpResponse:
    """To the same page of the same shelf."""
    kept = {name: request.GET[name] for name in ("shelf", "page") if request.GET.get(name)}
    return redirect(reverse("desk:mail") + (f"?{urlencode(kept)}" if kept else ""))
