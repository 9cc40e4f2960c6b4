"""A case told to its customer: where it stands, what happened, what comes next. Nothing internal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from knowledge.models import ArticleTranslation
from tickets.models import Message, Ticket, TicketEvent
from tickets.services.channel_policy import expected_reply

_SHOWN = {
    TicketEvent.Kind.RECEIVED,
    TicketEvent.Kind.CUSTOMER_WROTE,
    TicketEvent.Kind.REPLIED,
    TicketEvent.Kind.ASSIGNED,
    TicketEvent.Kind.STATUS_CHANGED,
    TicketEvent.Kind.SOLVED,
    TicketEvent.Kind.REOPENED,
    TicketEvent.Kind.CLOSED_BY_CUSTOMER,
}


@dataclass(frozen=True)
class Happening:
    text: str
    at: datetime


@dataclass(frozen=True)
class Step:
    text: str
    is_done: bool
    is_current: bool


@dataclass(frozen=True)
class CaseStory:
    status: str
    steps: list[Step]
    next_step: str
    next_detail: str
    messages: list[Message]
    history: list[Happening]
    suggestions: list[ArticleTranslation]
    answer: ArticleTranslation | None
    answered_by_name: str


def story_for_customer(ticket: Ticket) -> CaseStory:
    """Everything that the case page shows, in the reader's language. Notes and full names stay inside."""
    language = get_language() or ticket.language
    events = list(ticket.events.select_related("actor"))
    messages = list(
        ticket.messages.exclude(kind=Message.Kind.NOTE).select_related("author").prefetch_related("attachments")
    )
    suggestions = []
    if not ticket.is_settled and ticket.first_response_at is None:
        rows = ticket.suggestions.select_related("article").prefetch_related("article__translations")
        suggestions = [text for row in rows if (text := row.article.text_in(language))]
    next_step, next_detail = _next(ticket, language)
    return CaseStory(
        status=ticket.customer_status,
        steps=_steps(ticket),
        next_step=next_step,
        next_detail=next_detail,
        messages=messages,
        history=[one for event in events if (one := _happening(event))],
        suggestions=suggestions,
        answer=ticket.answered_by.text_in(language) if ticket.answered_by else None,
        answered_by_name=_public_name(ticket.assignee),
    )


def _public_name(user: object) -> str:
    return str(user.get_short_name()) if user is not None and hasattr(user, "get_short_name") else ""


def _steps(ticket: Ticket) -> list[Step]:
    names = [_("Received"), _("Being worked on"), _("Answered"), _("Solved")]
    if ticket.is_settled:
        reached = 4
    elif ticket.first_response_at and ticket.status != Ticket.Status.OPEN:
        reached = 2
    elif ticket.status != Ticket.Status.NEW:
        reached = 1
    else:
        reached = 0
    return [Step(name, place < reached or place == 0, place == reached) for place, name in enumerate(names)]


def _next(ticket: Ticket, language: str) -> tuple[str, str]:
    """What comes next and a promise that we can keep; no promise is made up."""
    promise = expected_reply(language)
    match ticket.status:
        case Ticket.Status.NEW:
            return _("Next: a person reads your case"), promise
        case Ticket.Status.OPEN:
            return _("Next: you hear from us"), promise
        case Ticket.Status.WAITING_CUSTOMER:
            return _("Next: we wait for your answer"), _("Write below, or answer the e-mail that we sent.")
        case Ticket.Status.WAITING_THIRD_PARTY:
            return _("Next: we wait for somebody outside, and write to you when they answer"), ""
        case _:
            return _("The case is finished"), _("Write below if it is not, and it opens again.")


def _happening(event: TicketEvent) -> Happening | None:
    if event.kind not in _SHOWN:
        return None
    name = _public_name(event.actor)
    text = {
        TicketEvent.Kind.RECEIVED: _("We received your case"),
        TicketEvent.Kind.CUSTOMER_WROTE: _("You wrote"),
        TicketEvent.Kind.REPLIED: _("%(name)s answered") % {"name": name} if name else _("We answered"),
        TicketEvent.Kind.ASSIGNED: _("A person has taken your case"),
        TicketEvent.Kind.SOLVED: _("We marked the case as solved"),
        TicketEvent.Kind.REOPENED: _("The case was opened again"),
        TicketEvent.Kind.CLOSED_BY_CUSTOMER: _("You closed the case"),
        TicketEvent.Kind.STATUS_CHANGED: _status_text(str(event.data.get("now", ""))),
    }[TicketEvent.Kind(event.kind)]
    return Happening(text, event.created_at) if text else None


def _status_text(status: str) -> str:
    if status == Ticket.Status.WAITING_THIRD_PARTY:
        return _("Waiting for somebody outside")
    if status == Ticket.Status.WAITING_CUSTOMER:
        return _("Waiting for your answer")
    return ""
