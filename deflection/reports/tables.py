"""The report's tables: what each counts, in words, and its rows; shown on the page and exported as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from deflection.reports import queries
from deflection.reports.queries import CaseCount, Searched
from deflection.reports.scope import Scope
from knowledge.models import Topic
from tickets.models import Ticket

ON_PAGE = 10
IN_EXPORT = 10_000


@dataclass(frozen=True)
class Column:
    title: str
    is_number: bool = False


@dataclass(frozen=True)
class Cell:
    """`value` is what an export holds, `text` what a reader sees."""

    value: str | int | float | None
    text: str
    url: str = ""
    language: str = ""
    """Of a text that customers wrote or read, where it need not be the page's."""
    is_number: bool = False


@dataclass(frozen=True)
class Table:
    key: str
    title: str
    definition: str
    columns: list[Column]
    rows: list[list[Cell]] = field(default_factory=list)
    empty: str = ""


@dataclass(frozen=True)
class Reader:
    """Who looks at the report: in which language, and which other pages are open to them."""

    language: str
    may_see_cases: bool = False
    may_see_gaps: bool = False


Builder = Callable[[Scope, Reader, int], Table]


def number(value: int) -> Cell:
    return Cell(value, number_format(value, force_grouping=True), is_number=True)


def share(part: int, whole: int) -> Cell:
    """A percentage; nothing where there is nothing to take it of."""
    if not whole:
        return Cell(None, "–", is_number=True)
    percentage = _("%(number)s %%") % {"number": round(100 * part / whole)}
    return Cell(round(part / whole, 4), percentage, is_number=True)


def text(value: str, url: str = "", language: str = "") -> Cell:
    return Cell(value, value, url, language)


def moment(value: datetime) -> Cell:
    local = timezone.localtime(value)
    return Cell(local.strftime("%Y-%m-%d %H:%M"), date_format(local, "SHORT_DATETIME_FORMAT"))


def day_cell(value: date) -> Cell:
    return Cell(value.isoformat(), date_format(value, "SHORT_DATE_FORMAT"))


def local_day(value: datetime) -> Cell:
    return day_cell(timezone.localtime(value).date())


def list_url(name: str, scope: Scope, **more: str) -> str:
    """The page that lists what a figure counted."""
    return f"{reverse(f'reports:{name}')}?{scope.query(**more)}"


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


# --- Articles and gaps --------------------------------------------------------------------------------


def _gaps(scope: Scope, reader: Reader, limit: int) -> Table:
    columns = [
        Column(_("What customers ask")),
        Column(_("Cases"), is_number=True),
        Column(_("Searches"), is_number=True),
        Column(_("Last time")),
    ]
    rows = [
        [
            text(
                gap.title,
                reverse("admin:knowledge_contentgap_change", args=[gap.pk]) if reader.may_see_gaps else "",
                gap.language,
            ),
            number(gap.case_count),
            number(gap.search_count),
            local_day(gap.last_asked_at),
        ]
        for gap in queries.gaps(scope)[:limit]
    ]
    definition = _(
        "Questions that no article answered, gathered by what they are about, and that nobody is writing about yet. "
        "Cases and searches are counted since the question first came up."
    )
    title = _("Questions without an answer")
    return Table("gaps", title, definition, columns, rows, _("No question is waiting for an article."))


def _articles(scope: Scope, reader: Reader, limit: int) -> Table:
    columns = [
        Column(_("Article")),
        Column(_("Read"), is_number=True),
        Column(_("Helpful"), is_number=True),
        Column(_("Verdicts"), is_number=True),
    ]
    rows = [
        [
            text(row.text.title, _article_url(row), row.text.language),
            number(row.views),
            share(row.helpful, row.verdicts),
            number(row.verdicts),
        ]
        for row in queries.most_read(scope, limit)
    ]
    definition = _(
        "Times read, a reload within half an hour counted once. Helpful is the share of those readers who said "
        "whether the article answered their question; most say nothing."
    )
    return Table("articles", _("Most read articles"), definition, columns, rows, _("Nobody read an article."))


def _article_url(row: queries.ReadArticle) -> str:
    if not row.text.is_public():
        return ""
    with override(row.text.language):
        return row.text.get_absolute_url()


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
    "gaps": _gaps,
    "articles": _articles,
    "topics": _topics,
    "statuses": _statuses,
}
