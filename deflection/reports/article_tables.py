"""The report's tables of answers: what is missing, and what is read, credited and charged."""

from __future__ import annotations

from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from deflection.reports import queries
from deflection.reports.cells import Cell, Column, Reader, Table, list_url, local_day, number, share, text
from deflection.reports.scope import Scope


def gaps_table(scope: Scope, reader: Reader, limit: int) -> Table:
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


def articles_table(scope: Scope, reader: Reader, limit: int) -> Table:
    columns = [
        Column(_("Article")),
        Column(_("Read"), is_number=True),
        Column(_("Helpful"), is_number=True),
        Column(_("Verdicts"), is_number=True),
        Column(_("Credited"), is_number=True),
        Column(_("Taken back"), is_number=True),
    ]
    rows = [
        [
            text(row.text.title, _article_url(row), row.text.language),
            number(row.views),
            share(row.helpful, row.verdicts),
            number(row.verdicts),
            _visits(row.credited, row, scope, reader, "answered"),
            _visits(row.charged, row, scope, reader, "bounced"),
        ]
        for row in queries.most_read(scope, limit)
    ]
    definition = _(
        "Times read, a reload within half an hour counted once. Helpful is the share of those readers who said "
        "whether the article answered their question; most say nothing. Credited are visits that it answered, "
        "confirmed or assumed; taken back are those whose customer turned to us on the same matter within 14 days."
    )
    return Table("articles", _("Most read articles"), definition, columns, rows, _("Nobody read an article."))


def _article_url(row: queries.ReadArticle) -> str:
    if not row.text.is_public():
        return ""
    with override(row.text.language):
        return row.text.get_absolute_url()


def _visits(value: int, row: queries.ReadArticle, scope: Scope, reader: Reader, outcome: str) -> Cell:
    if not value or not reader.may_see_cases:
        return number(value)
    narrowed = {"language": row.text.language, "outcome": outcome, "article": str(row.text.article_id)}
    return replace(number(value), url=list_url("visits", scope, **narrowed))
