"""What agents do with a case: each a POST, one service call, a message, and back to the case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from knowledge.forms import without_nul
from knowledge.models import Article
from tickets.desk_forms import NO_ARTICLE, AnsweredByForm, AssignForm, NoteForm, ReplyForm, StatusForm
from tickets.errors import TicketError
from tickets.models import Ticket
from tickets.services import answering, drafts, judging, lifecycle, outbox, spam
from tickets.views.desk.box import keep_writing, resumed, step_of
from tickets.views.desk.cases import case_page
from tickets.views.desk.door import DeskRequest, at_the_desk, back_to_case, ticket_or_404

# The page forgets the draft of a text when it sees one of these on a message.
REPLY_SENT, NOTE_SENT = "reply-sent", "note-sent"


@require_POST
@at_the_desk
def reply(request: DeskRequest, reference: str) -> HttpResponse:
    """Sends the answer, or solves the case; what was written comes back whenever that does not work."""
    ticket = ticket_or_404(request, reference)
    data = without_nul(request.POST) or request.POST
    form = ReplyForm(data, request.FILES)
    if step := step_of(data):
        # Without scripts, a macro, a link or looking for an article is a round trip that keeps all and sends nothing.
        keep_writing(request, ticket, form)
        return case_page(request, ticket, reply=ReplyForm(initial=resumed(request, ticket, data)), step=step)
    if not form.is_valid():
        return _not_sent(request, ticket, form, status=422)
    try:
        text = _send(request, ticket, form)
    except answering.WrittenMeanwhile as meanwhile:
        return _not_sent(request, ticket, form, news=meanwhile.messages, conflict=str(meanwhile), status=409)
    except TicketError as error:
        form.add_error(None, str(error))
        return _not_sent(request, ticket, form, status=422)
    messages.success(request, text, extra_tags=REPLY_SENT)
    return back_to_case(request, ticket)


def _not_sent(request: DeskRequest, ticket: Ticket, form: ReplyForm, **page: Any) -> HttpResponse:
    keep_writing(request, ticket, form)
    return case_page(request, ticket, reply=form, **page)


def _send(request: DeskRequest, ticket: Ticket, form: ReplyForm) -> str:
    """Says what was done."""
    given = form.cleaned_data
    written = replace(form.written, kept_files=drafts.files_of(ticket, request.user, given["kept"]))
    if form.is_solving:
        article = given["article"] if isinstance(given["article"], Article) else None
        answering.answer_and_solve(
            ticket,
            agent=request.user,
            written=written,
            article=article,
            seen=given["seen"],
            root_cause=given["root_cause"],
            demand_type=given["demand_type"],
        )
        return _("The case is solved, and the customer is told.")
    answering.answer(ticket, agent=request.user, written=written, then=given["then"], seen=given["seen"])
    return _("Your answer is on its way.")


@require_POST
@at_the_desk
def add_note(request: DeskRequest, reference: str) -> HttpResponse:
    ticket = ticket_or_404(request, reference)
    form = NoteForm(without_nul(request.POST))
    if not form.is_valid():
        return case_page(request, ticket, note=form, status=422)
    named = answering.add_note(ticket, agent=request.user, body=form.cleaned_data["note"])
    messages.success(request, _("The note has been added. Only agents see it."), extra_tags=NOTE_SENT)
    if named and named.people:
        names = get_text_list([str(one) for one in named.people], _("and"))
        messages.success(request, _("%(names)s will see that you mentioned them.") % {"names": names})
    for name in named.unclear if named else []:
        messages.warning(
            request,
            _("Several colleagues answer to @%(name)s, so nobody was told. Use the whole name.") % {"name": name},
        )
    return back_to_case(request, ticket)


@require_POST
@at_the_desk
def change_status(request: DeskRequest, reference: str) -> HttpResponse:
    ticket = ticket_or_404(request, reference)
    form = StatusForm(request.POST)
    if form.is_valid():
        lifecycle.change_status(ticket, form.cleaned_data["status"], agent=request.user)
        messages.success(request, _("The status has been changed."))
    else:
        messages.error(request, _("That status is not set by hand."))
    return back_to_case(request, ticket)


@require_POST
@at_the_desk
def say_afterwards(request: DeskRequest, reference: str) -> HttpResponse:
    """Says of a case that is over what answered it and why it arose, or says the latter better."""
    ticket = ticket_or_404(request, reference)
    data = without_nul(request.POST) or request.POST
    if "look" in data:
        return case_page(request, ticket, afterwards=AnsweredByForm(initial=data.dict()))
    form = AnsweredByForm(data)
    if not form.is_valid():
        return case_page(request, ticket, afterwards=form, status=422)
    given = form.cleaned_data
    try:
        judging.say_afterwards(
            ticket,
            agent=request.user,
            article=given["article"] if isinstance(given["article"], Article) else None,
            is_missing=given["article"] == NO_ARTICLE,
            root_cause=given["root_cause"],
            demand_type=given["demand_type"],
        )
        messages.success(request, _("It has been noted. Nobody was written to."))
    except TicketError as error:
        messages.error(request, str(error))
    return back_to_case(request, ticket)


@require_POST
@at_the_desk
def take(request: DeskRequest, reference: str) -> HttpResponse:
    ticket = ticket_or_404(request, reference)
    lifecycle.assign(ticket, to=request.user, by=request.user)
    messages.success(request, _("The case is yours."))
    return back_to_case(request, ticket)


@require_POST
@at_the_desk
def assign(request: DeskRequest, reference: str) -> HttpResponse:
    ticket = ticket_or_404(request, reference)
    form = AssignForm(request.POST)
    if form.is_valid():
        colleague = form.cleaned_data["to"]
        lifecycle.assign(ticket, to=colleague, by=request.user)
        messages.success(request, _("%(name)s has the case now.") % {"name": colleague})
    else:
        messages.error(request, _("Only agents can be given cases."))
    return back_to_case(request, ticket)


@require_POST
@at_the_desk
def unassign(request: DeskRequest, reference: str) -> HttpResponse:
    ticket = ticket_or_404(request, reference)
    lifecycle.unassign(ticket, by=request.user)
    messages.success(request, _("The case is back among the unassigned."))
    return back_to_case(request, ticket)


@require_POST
@at_the_desk
def mark_as_spam(request: DeskRequest, reference: str) -> HttpResponse:
    ticket = ticket_or_404(request, reference)
    spam.mark_as_spam(ticket, agent=request.user)
    messages.success(request, _("The case is among the suspected spam now. “Not spam” brings it back."))
    return back_to_case(request, ticket)


@require_POST
@at_the_desk
def not_spam(request: DeskRequest, reference: str) -> HttpResponse:
    ticket = ticket_or_404(request, reference)
    lifecycle.clear_of_spam(ticket, agent=request.user)
    messages.success(request, _("The case has joined the others, and the customer gets a confirmation."))
    return back_to_case(request, ticket)


@require_POST
@at_the_desk
def retry_delivery(request: DeskRequest, reference: str, outbox_id: str) -> HttpResponse:
    """Another round for a message that could not be delivered."""
    ticket = ticket_or_404(request, reference)
    outbox.retry(get_object_or_404(ticket.outbox, pk=outbox_id))
    messages.success(request, _("We try to deliver it again."))
    return back_to_case(request, ticket)
