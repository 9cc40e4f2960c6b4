"""Who takes part in a case, and what it hangs together with: people on copy, links, merging, splitting, following."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from knowledge.forms import row_number
from tickets.errors import TicketError
from tickets.models import Customer, Message, Ticket
from tickets.search.similar import similar_open
from tickets.services import history
from tickets.services.linking import follow, link, unfollow, unlink
from tickets.services.links import revoke
from tickets.services.merging import check_merge, merge, unmerge
from tickets.services.participants import add_participant, remove_participant
from tickets.services.queues import first_messages
from tickets.services.references import reference_in
from tickets.services.splitting import check_split, messages_from, split
from tickets.views.desk.door import DeskRequest, at_the_desk, ticket_or_404
from tickets.views.desk.elsewhere import rail_elsewhere
from tickets.views.desk.properties import attempt, done, sent

_MOST_NEAR = 5


@require_POST
@at_the_desk
def change_people(request: DeskRequest, reference: str) -> HttpResponse:
    """Puts somebody on copy, or takes somebody off."""
    ticket = ticket_or_404(request, reference)
    data, by = sent(request), history.agent(request.user)
    if gone := row_number(data.get("remove", "")):
        person = get_object_or_404(Customer, pk=gone, participations__ticket=ticket)
        said = _("They get no more copies.")
        return attempt(request, ticket, "people", lambda: remove_participant(ticket, person, by=by), said)
    email, name = data.get("email", ""), data.get("name", "")
    said = _("From now on they get a copy of each answer.")
    return attempt(request, ticket, "people", lambda: add_participant(ticket, email, name, by=by), said)


@require_POST
@at_the_desk
def change_links(request: DeskRequest, reference: str) -> HttpResponse:
    """Links the case with another, or takes a link away."""
    ticket = ticket_or_404(request, reference)
    data, by = sent(request), history.agent(request.user)
    if gone := data.get("remove", ""):
        said = _("The link has been removed.")
        return attempt(request, ticket, "links", lambda: unlink(ticket, _case_named(request, gone), by=by), said)
    typed = data.get("case", "")
    said = _("The cases are linked.")
    return attempt(request, ticket, "links", lambda: link(ticket, _case_named(request, typed), by=by), said)


def _case_named(request: DeskRequest, typed: str) -> Ticket:
    """A case that the agent may see. Raises TicketError with a sentence for what names none."""
    found = Ticket.objects.visible_to(request.user).filter(reference=reference_in(typed) or None)
    ticket = found.select_related("customer", "merged_into").prefetch_related(first_messages()).first()
    if ticket is None:
        raise TicketError(_("There is no case “%(case)s”.") % {"case": typed.strip()[:40]})
    return ticket


@require_POST
@at_the_desk
def change_following(request: DeskRequest, reference: str) -> HttpResponse:
    ticket = ticket_or_404(request, reference)
    if request.POST.get("follow") == "no":
        unfollow(ticket, request.user)
        return done(request, ticket, _("You do not follow the case any more."))
    follow(ticket, request.user)
    return done(request, ticket, _("You follow the case. It stands in your view “Followed”."))


@require_POST
@at_the_desk
def revoke_links(request: DeskRequest, reference: str) -> HttpResponse:
    """For a link that has come into wrong hands."""
    ticket = ticket_or_404(request, reference)
    revoke(ticket, by=history.agent(request.user))
    return done(request, ticket, _("Every link sent so far is invalid. A new one can be asked for on the case page."))


@dataclass(frozen=True)
class Near:
    """Cases that may be picked to merge with, for one reason."""

    title: str
    cases: list[Ticket]


@dataclass(frozen=True)
class MergeQuestion:
    """What is asked before two cases become one."""

    ticket: Ticket
    into: Ticket | None
    typed: str
    error: str
    messages: int = 0

    @property
    def kept_customer(self) -> Customer | None:
        return self.into.customer if self.into else None

    @property
    def kept_name(self) -> str:
        return _name_and_address(self.into.customer) if self.into else ""

    @property
    def gone_name(self) -> str:
        return _name_and_address(self.ticket.customer)


def _name_and_address(customer: Customer) -> str:
    """Two people may have one name."""
    return f"{customer.name} ({customer.email})" if customer.name and customer.email else str(customer)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@at_the_desk
def merge_case(request: DeskRequest, reference: str) -> HttpResponse:
    """Shows what merging into the case that was named means; a POST does it."""
    ticket = ticket_or_404(request, reference)
    typed = sent(request).get("into", "") if request.method == "POST" else request.GET.get("into", "")
    question = _merge_question(request, ticket, typed.replace("\x00", ""))
    if request.method == "POST" and question.into is not None and not question.error:
        try:
            kept = merge(
                ticket,
                into=question.into,
                by=history.agent(request.user),
                may_share=request.POST.get("may_share") == "yes",
            )
            messages.success(request, _("%(case)s goes on in this case.") % {"case": ticket.reference})
            return redirect("desk:case", kept.reference)
        except TicketError as error:
            question = MergeQuestion(ticket, question.into, typed, str(error), question.messages)
    context = {
        "ticket": ticket,
        "question": question,
        "rail": rail_elsewhere(request),
        "near": _near(request, ticket) if question.into is None else [],
    }
    return render(request, "desk/merge.html", context, status=422 if request.method == "POST" else 200)


def _merge_question(request: DeskRequest, ticket: Ticket, typed: str) -> MergeQuestion:
    if not typed.strip():
        return MergeQuestion(ticket, None, "", "")
    try:
        into = _case_named(request, typed)
    except TicketError as error:
        return MergeQuestion(ticket, None, typed, str(error))
    try:
        check_merge(ticket, into)
    except TicketError as error:
        return MergeQuestion(ticket, None, typed, str(error))
    return MergeQuestion(ticket, into, typed, "", ticket.messages.count())


def _near(request: DeskRequest, ticket: Ticket) -> list[Near]:
    """The cases that are most likely meant: what else the customer asks, what others ask in the same words, and what
    the customer asked before."""
    visible = Ticket.objects.visible_to(request.user)
    own = visible.unmerged().filter(customer=ticket.customer_id).exclude(pk=ticket.pk)
    own = own.select_related("customer").prefetch_related(first_messages()).order_by("-updated_at")
    alike = similar_open(ticket, visible.exclude(customer=ticket.customer_id), _MOST_NEAR)
    found = (
        Near(_("Open cases of the same customer"), list(own.unsettled()[:_MOST_NEAR])),
        Near(_("Open cases of others that are alike"), alike),
        Near(_("What the same customer asked before"), list(own.settled()[:_MOST_NEAR])),
    )
    return [one for one in found if one.cases]


@require_POST
@at_the_desk
def unmerge_case(request: DeskRequest, reference: str) -> HttpResponse:
    ticket = ticket_or_404(request, reference)
    try:
        unmerge(ticket, by=history.agent(request.user))
    except TicketError as error:
        messages.error(request, str(error))
        return redirect("desk:case", ticket.reference)
    return done(request, ticket, _("The case stands by itself again."))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@at_the_desk
def split_case(request: DeskRequest, reference: str, message_id: int) -> HttpResponse:
    """Shows what becomes a case of its own; a POST makes it one."""
    ticket = ticket_or_404(request, reference)
    message = get_object_or_404(ticket.messages.select_related("customer", "ticket__customer"), pk=message_id)
    data = sent(request)
    error = ""
    if request.method == "POST":
        with_following = data.get("which") == "following"
        try:
            by = history.agent(request.user)
            new = split(message, by=by, with_following=with_following, subject=data.get("subject", ""))
            messages.success(request, _("This is a case of its own now."))
            return redirect("desk:case", new.reference)
        except TicketError as refused:
            error = str(refused)
    context = {
        "ticket": ticket,
        "message": message,
        "following": messages_from(message).exclude(pk=message.pk).count(),
        "error": error or _why_not(message),
        "typed": data,
        "rail": rail_elsewhere(request),
    }
    return render(request, "desk/split.html", context, status=422 if request.method == "POST" else 200)


def _why_not(message: Message) -> str:
    """Why the message cannot be split off; "" where it can."""
    try:
        check_split(message)
    except TicketError as error:
        return str(error)
    return ""
