"""The figures at the top of the report, each with the definition that is printed below it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from deflection.reports.cells import Reader, day_cell, list_url, share
from deflection.reports.charts import LineChart, line_chart
from deflection.reports.queries import Day
from deflection.reports.scope import Scope


@dataclass(frozen=True)
class Figure:
    key: str
    title: str
    value: str
    definition: str
    share: str = ""
    """Of all visits, for the reader; and as a width for the bar."""
    width: str = "0%"
    url: str = ""


def figures(total: Day) -> list[Figure]:
    """What visits came to, and the cases; in the order in which a visit goes."""
    steps = [
        (
            "visits",
            _("Visits"),
            total.visits,
            _("Somebody searched or opened the contact page. A visit ends after twelve hours of rest."),
        ),
        (
            "contact",
            _("Contact form opened"),
            total.contact_opened,
            _("Visits that opened the contact page, whether they wrote or not."),
        ),
        (
            "shown",
            _("Suggestions shown"),
            total.suggestions_shown,
            _("Visits that saw at least one article suggested while they wrote."),
        ),
        (
            "opened",
            _("Suggestion opened"),
            total.suggestion_opened,
            _("Visits that opened one of the articles suggested."),
        ),
        (
            "answered",
            _("Said it was answered"),
            total.answered,
            _("Visits that said an article answered the question, and sent no case."),
        ),
        (
            "sent",
            _("Sent a case"),
            total.case_sent,
            _("Visits that ended with a case."),
        ),
    ]
    return [
        Figure(key, title, _count(value), definition, share(value, total.visits).text, _width(value, total.visits))
        for key, title, value, definition in steps
    ]


def cases_figure(total: Day, scope: Scope, reader: Reader) -> Figure:
    url = list_url("cases", scope) if reader.may_see_cases and total.cases else ""
    definition = _(
        "All cases that came in, on any channel, also from people who asked not to be counted as a visit. "
        "Suspected spam is left out."
    )
    return Figure("cases", _("Cases, all channels"), _count(total.cases), definition, url=url)


def vendor_score(total: Day) -> Figure:
    """The score that vendors print. It is shown beside what we count, so that nobody has to ask for it."""
    value = f"{number_format(total.visits / total.cases, 1)} : 1" if total.cases else "–"
    definition = _(
        "Visits for each case, as some vendors measure self-service. It flatters: who gave up, who phoned, and who "
        "searched three times in vain all make it better, and so does every obstacle before the contact form. "
        "It says nothing of how many were helped."
    )
    return Figure("score", _("Vendor-style self-service score"), value, definition)


def day_chart(days: list[Day]) -> LineChart:
    series = [
        (_("Contact form opened"), [day.contact_opened for day in days]),
        (_("Cases, all channels"), [day.cases for day in days]),
        (_("Said it was answered"), [day.answered for day in days]),
    ]
    return line_chart(series, [day_cell(day.day).text for day in days if day.day])


def _count(value: int) -> str:
    return number_format(value, force_grouping=True)


def _width(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "0%"
