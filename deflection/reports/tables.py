"""The report's tables: what each counts, in words, and its rows; shown on the page and exported as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from deflection.reports import queries
from deflection.reports.article_tables import articles_table, gaps_table
from deflection.reports.cells import (
    Cell,
    Column,
    Reader,
    Table,
    day_cell,
    list_url,
    local_day,
    number,
    share,
    text,
)
from deflection.reports.queries import CaseCount, Searched
from deflection.reports.scope import Scope
from knowledge.models import Topic
from tickets.models import Ticket

Builder = Callable[[Scope, Reader, int], Table]


# --- By day -------------------------------------------------------------------------------------------


def days_table(rows: Iterable[queries.Day]) -> Table:
    columns = [
        Column(_("Day")),
        *(
            Column(title, is_number=True)
            for title in (
                _("Visits"), _("Contact form opened"), _("Suggestions shown"), _("Suggestion opened"),
                _("Said it was answered"), _("Sent a case"), _("Cases, all channels"),
            )
        ),
    ]  # fmt: skip
    found = [
        [
            day_cell(row.day),
            *(
                number(value)
                for value in (
                    row.visits, row.contact_opened, row.suggestions_shown, row.suggestion_opened, row.answered,
                    row.case_sent, row.cases,
                )
            ),
        ]
        for row in rows
        if row.day is not None
    ]  # fmt: skip
    return Table("days", _("Day by day"), "", columns, found)


def _days(scope: Scope, reader: Reader, limit: int) -> Table:
    return days_table(queries.by_day(scope))


# --- Searches -----------------------------------------------------------------------------------------


def _top_searches(scope: Scope, reader: Reader, limit: int) -> Table:
    columns = [
        Column(_("What was searched")),
        Column(_("Times"), is_number=True),
        Column(_("Opened a result"), is_number=True),
    ]
    rows = [
        [_searched(row, scope), number(row.times), share(row.opened, row.times)]
        for row in queries.grouped(queries.searches(scope), limit)
    ]
    definition = _("Searches by their words. The share is that of the searches after which an article was opened.")
    return Table("searches", _("Top searches"), definition, columns, rows, _("Nobody searched in this period."))


def _searches_without_result(scope: Scope, reader: Reader, limit: int) -> Table:
    rows = queries.grouped(queries.searches_without_result(scope), limit)
    definition = _("Searches that found nothing at all. Each is also gathered into the content gaps.")
    empty = _("Every search in this period found something.")
    return _vain("no-result", _("Searches without a result"), definition, empty, rows, scope)


def _weak_searches(scope: Scope, reader: Reader, limit: int) -> Table:
    rows = queries.grouped(queries.weak_searches(scope), limit)
    definition = _("Searches that found only some of their words, and after which nothing was opened.")
    empty = _("After every weak match something was opened.")
    return _vain("weak", _("Weak matches that nobody opened"), definition, empty, rows, scope)


def _vain(key: str, title: str, definition: str, empty: str, rows: list[Searched], scope: Scope) -> Table:
    columns = [
        Column(_("What was searched")),
        Column(_("Times"), is_number=True),
        Column(_("Last time")),
    ]
    cells = [[_searched(row, scope, key), number(row.times), local_day(row.last_at)] for row in rows]
    return Table(key, title, definition, columns, cells, empty)


def _searched(row: Searched, scope: Scope, kind: str = "") -> Cell:
    return text(row.text, list_url("searches", scope, language=row.language, q=row.text, kind=kind), row.language)


# --- Cases --------------------------------------------------------------------------------------------


def _topics(scope: Scope, reader: Reader, limit: int) -> Table:
    topics = {topic.pk: topic for topic in Topic.objects.with_names()}
    names = {pk: topic.name_in(reader.language) for pk, topic in topics.items()}
    slugs = {pk: topic.slug for pk, topic in topics.items()}
    rows = [
        _case_row(
            row, names.get(row.key, _("No topic chosen")), scope, reader, topic=slugs.get(row.key, "none")  # type: ignore[arg-type]
        )
        for row in queries.count_cases(scope, "topic")[:limit]
    ]  # fmt: skip
    definition = _(
        "Cases that came in during the period, on any channel. Whether an article answered a case is what the agent "
        "or the customer said when it was solved."
    )
    return Table("topics", _("Cases by topic"), definition, _case_columns(_("Topic")), rows, _("No case came in."))


def _statuses(scope: Scope, reader: Reader, limit: int) -> Table:
    names = dict(Ticket.Status.choices)
    rows = [
        _case_row(row, str(names[str(row.key)]), scope, reader, status=str(row.key))
        for row in queries.count_cases(scope, "status")
    ]
    definition = _("Where the cases that came in during the period stand now.")
    return Table("statuses", _("Cases by status"), definition, _case_columns(_("Status")), rows, _("No case came in."))


def _case_columns(first: str) -> list[Column]:
    titles = (_("Cases"), _("Article answered"), _("No article"), _("Not said"))
    return [Column(first), *(Column(title, is_number=True) for title in titles)]


def _case_row(row: CaseCount, name: str, scope: Scope, reader: Reader, **narrowed: str) -> list[Cell]:
    def counted(value: int, answer: str = "") -> Cell:
        cell = number(value)
        if not value or not reader.may_see_cases:
            return cell
        return replace(cell, url=list_url("cases", scope, answer=answer, **narrowed))

    return [
        text(name),
        counted(row.cases),
        counted(row.by_article, "article"),
        counted(row.no_article, "none"),
        counted(row.undecided, "unsaid"),
    ]


BUILDERS: dict[str, Builder] = {
    "days": _days,
    "searches": _top_searches,
    "no-result": _searches_without_result,
    "weak": _weak_searches,
    "gaps": gaps_table,
    "articles": articles_table,
    "topics": _topics,
    "statuses": _statuses,
}
