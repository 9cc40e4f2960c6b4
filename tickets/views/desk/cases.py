"""The desk's pages: the list, one case beside it, and the fragments that they refresh."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tickets.desk_forms import AnsweredByForm, AssignForm, NoteForm, ReplyForm, StatusForm
from tickets.models import Message, Ticket
from tickets.services import mentions, presence, undo
from tickets.services.bulk_actions import ACTIONS
from tickets.services.case_file import article_choices, file_for_agent, suggested_articles
from tickets.views.desk.box import Step, box_for, over_for
from tickets.views.desk.door import DeskRequest, at_the_desk, ticket_or_404
from tickets.views.desk.elsewhere import rail_elsewhere
from tickets.views.desk.filter_bar import bar_for
from tickets.views.desk.listing import listing_for
from tickets.views.desk.rail import rail_for
from tickets.views.desk.side import Refused, side_for


@never_cache
@require_safe
@at_the_desk
def case_list(request: DeskRequest) -> HttpResponse:
    """The cases of a view, a team or a search, in the order in which they are to be worked through."""
    listing = listing_for(request)
    context = {"listing": listing, "rail": listing.rail, "bar": bar_for(listing.rail), "actions": ACTIONS.values()}
    return render(request, "desk/list.html", context)


@never_cache
@require_safe
@at_the_desk
def rail(request: DeskRequest) -> HttpResponse:
    """The views with their counts, for a page that has been open for a while."""
    at = request.GET.get("elsewhere", "")[:60]
    found = rail_elsewhere(request) if at else rail_for(request)
    return render(request, "desk/parts/rail.html", {"rail": found, "rail_at": at})


@never_cache
@require_safe
@at_the_desk
def case(request: DeskRequest, reference: str) -> HttpResponse:
    return case_page(request, ticket_or_404(request, reference))


@never_cache
@require_safe
@at_the_desk
def articles(request: DeskRequest, reference: str) -> HttpResponse:
    """The articles that may be picked as the answer, while the agent types what to look for."""
    ticket = ticket_or_404(request, reference)
    words, chosen = request.GET.get("find", ""), request.GET.get("article", "")
    choices = article_choices(ticket, suggested_articles(ticket), words, chosen)
    context = {"choices": choices, "words": words, "chosen": chosen, "is_over": request.GET.get("over") == "1"}
    return render(request, "desk/parts/articles.html", context)


def case_page(
    request: DeskRequest,
    ticket: Ticket,
    *,
    reply: ReplyForm | None = None,
    note: NoteForm | None = None,
    news: Sequence[Message] = (),
    conflict: str = "",
    step: Step | None = None,
    afterwards: AnsweredByForm | None = None,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    """The case, with what the agent was writing when something stood in the way."""
    now = timezone.now()
    presence.arrive(ticket, user=request.user, at=now)
    mentions.mark_seen(ticket, user=request.user, at=now)
    listing = listing_for(request)
    file = file_for_agent(ticket, Ticket.objects.visible_to(request.user), at=now)
    held = undo.undoable(ticket, request.user, now)
    context = {
        "listing": listing,
        "rail": listing.rail,
        "ticket": ticket,
        "topic": ticket.topic.name_in(request.LANGUAGE_CODE) if ticket.topic else "",
        "file": file,
        "side": side_for(request, ticket, refused),
        "box": box_for(request, ticket, file, reply=reply, note=note, step=step, is_news=bool(news)),
        "over": over_for(ticket, file, afterwards) if ticket.is_settled else None,
        "held": held,
        "undo_left": undo.seconds_left(held, now) if held else 0,
        "others": presence.others(ticket, user=request.user, at=now),
        "status_form": StatusForm(initial={"status": ticket.status}),
        "assign_form": AssignForm(initial={"to": ticket.assignee_id or request.user.pk}),
        "conflict": conflict,
        "new_messages": {message.pk for message in news},
    }
    return render(request, "desk/case.html", context, status=status)
