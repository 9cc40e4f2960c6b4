"""What stands behind a figure: the cases or the searches that it counted, one a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.translation import gettext as _

from deflection.reports import queries
from deflection.reports.cells import Cell, Column, Table, moment, number, text
from deflection.reports.scope import Scope
from knowledge.models import Article
from tickets.models import Ticket
from tickets.services.queues import first_messages

PAGE_SIZE = 50
_RESOLUTIONS: dict[str, str] = {
    "article": Ticket.Resolution.ARTICLE,
    "none": Ticket.Resolution.NO_ARTICLE,
    "unsaid": "",
}


@dataclass(frozen=True)
class Listing:
    table: Table
    page: Page[Any]
    narrowed: dict[str, str]
    """What was asked for beyond the scope, for the addresses of other pages."""
    words: list[str]
    """The same for the reader."""


def cases(scope: Scope, parameters: Mapping[str, str], language: str) -> Listing:
    """The cases of the period, narrowed by status, by answer, or to those without a topic."""
    found = queries.cases(scope)
    narrowed: dict[str, str] = {}
    words: list[str] = []
    if (status := parameters.get("status", "")) in Ticket.Status.values:
        narrowed["status"] = status
        words.append(str(Ticket.Status(status).label))
        found = found.filter(status=status)
    if (answer := parameters.get("answer", "")) in _RESOLUTIONS:
        narrowed["answer"] = answer
        words.append(_answers()[answer])
        found = found.filter(resolution=_RESOLUTIONS[answer])
    if parameters.get("topic") == "none":
        narrowed["topic"] = "none"
        words.append(_("no topic chosen"))
        found = found.filter(topic__isnull=True)
    found = found.select_related("topic", "answered_by").prefetch_related(
        "topic__translations", "answered_by__translations", first_messages()
    )
    page = Paginator(found.order_by("-created_at", "-pk"), PAGE_SIZE).get_page(parameters.get("page"))
    columns = [Column(_("Case")), Column(_("About")), Column(_("Topic")), Column(_("Status")), Column(_("Answered by"))]
    rows = [_case_row(ticket, language) for ticket in page]
    table = Table("cases", _("Cases"), "", [Column(_("Received")), *columns], rows, _("No case is counted here."))
    return Listing(table, page, narrowed, words)


def _answers() -> dict[str, str]:
    return {"article": _("an article answered"), "none": _("no article answered"), "unsaid": _("answer not said")}


def _case_row(ticket: Ticket, language: str) -> list[Cell]:
    return [
        moment(ticket.created_at),
        text(ticket.reference or "", reverse("desk:case", args=[ticket.reference])),
        text(ticket.headline, language=ticket.language),
        text(ticket.topic.name_in(language) if ticket.topic else "–"),
        text(ticket.get_status_display()),
        article_cell(ticket.answered_by, language) if ticket.answered_by else text(_answer(ticket)),
    ]


def _answer(ticket: Ticket) -> str:
    return _("No article") if ticket.resolution == Ticket.Resolution.NO_ARTICLE else "–"


def article_cell(article: Article, language: str) -> Cell:
    found = article.text_in(language)
    return text(found.title, language=found.language) if found else text(article.key)


def searches(scope: Scope, parameters: Mapping[str, str], language: str) -> Listing:
    """The searches of the period, narrowed to a text, or to those in vain."""
    narrowed: dict[str, str] = {}
    words: list[str] = []
    kind = parameters.get("kind", "")
    if kind == "no-result":
        words.append(_("without a result"))
        found = queries.searches_without_result(scope)
    elif kind == "weak":
        words.append(_("weak matches that nobody opened"))
        found = queries.weak_searches(scope)
    else:
        found, kind = queries.searches(scope), ""
    if kind:
        narrowed["kind"] = kind
    if text_asked := parameters.get("q", ""):
        narrowed["q"] = text_asked
        found = found.filter(normalised=text_asked)
    found = found.select_related("opened").prefetch_related("opened__translations").order_by("-created_at", "pk")
    page = Paginator(found, PAGE_SIZE).get_page(parameters.get("page"))
    rows = [
        [
            moment(search.created_at),
            text(search.text, language=search.language),
            number(search.result_count),
            article_cell(search.opened, language) if search.opened else text("–"),
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
    return Listing(table, page, narrowed, words)
