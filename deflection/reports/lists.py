"""What stands behind a figure: the cases or the searches that it counted, one a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.translation import gettext as _

from deflection.reports import queries
from deflection.reports.scope import Scope
from deflection.reports.tables import Cell, Column, Table, number, text, when
from knowledge.models import Article, SearchEvent
from tickets.models import Ticket
from tickets.models.tickets import TicketQuerySet
from tickets.services.queues import first_messages

PAGE_SIZE = 50


@dataclass(frozen=True)
class Listing:
    table: Table
    page: Page[Ticket] | Page[SearchEvent]
    narrowed: dict[str, str]
    """What was asked for beyond the scope, for the addresses of other pages."""


def cases(scope: Scope, parameters: Mapping[str, str], language: str) -> Listing:
    """The cases of the period, narrowed by status, by answer, or to those without a topic."""
    found = queries.cases(scope)
    narrowed = {}
    if (status := parameters.get("status", "")) in Ticket.Status.values:
        narrowed["status"] = status
        found = found.filter(status=status)
    if (answer := parameters.get("answer", "")) in ("article", "none", "unsaid"):
        narrowed["answer"] = answer
        found = _by_answer(found, answer)
    if parameters.get("topic") == "none":
        narrowed["topic"] = "none"
        found = found.filter(topic__isnull=True)
    found = found.select_related("topic", "answered_by").prefetch_related(
        "topic__translations", "answered_by__translations", first_messages()
    )
    page = Paginator(found.order_by("-created_at", "-pk"), PAGE_SIZE).get_page(parameters.get("page"))
    columns = [Column(_("Case")), Column(_("About")), Column(_("Topic")), Column(_("Status")), Column(_("Answered by"))]
    rows = [_case_row(ticket, language) for ticket in page]
    table = Table("cases", _("Cases"), "", [Column(_("Received")), *columns], rows, _("No case is counted here."))
    return Listing(table, page, narrowed)


def _by_answer(found: TicketQuerySet, answer: str) -> TicketQuerySet:
    resolution = {"article": Ticket.Resolution.ARTICLE, "none": Ticket.Resolution.NO_ARTICLE, "unsaid": ""}[answer]
    return found.filter(resolution=resolution)


def _case_row(ticket: Ticket, language: str) -> list[Cell]:
    return [
        when(ticket.created_at),
        text(ticket.reference or "", reverse("desk:case", args=[ticket.reference])),
        text(ticket.headline, language=ticket.language),
        text(ticket.topic.name_in(language) if ticket.topic else "–"),
        text(ticket.get_status_display()),
        _article(ticket.answered_by, language) if ticket.answered_by else text(_answer(ticket)),
    ]


def _answer(ticket: Ticket) -> str:
    return _("No article") if ticket.resolution == Ticket.Resolution.NO_ARTICLE else "–"


def _article(article: Article, language: str) -> Cell:
    found = article.text_in(language)
    return text(found.title, language=found.language) if found else text(article.key)


def searches(scope: Scope, parameters: Mapping[str, str], language: str) -> Listing:
    """The searches of the period, narrowed to a text, or to those in vain."""
    narrowed = {}
    kind = parameters.get("kind", "")
    if kind == "no-result":
        found = queries.searches_without_result(scope)
    elif kind == "weak":
        found = queries.weak_searches(scope)
    else:
        found, kind = queries.searches(scope), ""
    if kind:
        narrowed["kind"] = kind
    if words := parameters.get("q", ""):
        narrowed["q"] = words
        found = found.filter(normalised=words)
    found = found.select_related("opened").prefetch_related("opened__translations").order_by("-created_at", "pk")
    page = Paginator(found, PAGE_SIZE).get_page(parameters.get("page"))
    rows = [
        [
            when(search.created_at),
            text(search.text, language=search.language),
            number(search.result_count),
            _article(search.opened, language) if search.opened else text("–"),
        ]
        for search in page
    ]
    columns = [
        Column(_("When")),
        Column(_("What was searched")),
        Column(_("Results"), is_number=True),
        Column(_("Opened")),
    ]
    table = Table("searches", _("Searches"), "", columns, rows, _("No search is counted here."))
    return Listing(table, page, narrowed)
