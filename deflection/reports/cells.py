"""What a table of a report is made of: columns, and cells that are read on the page and exported as they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from deflection.reports.scope import Scope

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


def number(value: int) -> Cell:
    return Cell(value, number_format(value, force_grouping=True), is_number=True)


def share(part: int, whole: int) -> Cell:
    """A percentage; nothing where there is nothing to take it of."""
    if not whole:
        return Cell(None, "–", is_number=True)
    percentage = _("%(number)s %%") % {"number": round(100 * part / whole)}
    return Cell(round(part / whole, 4), percentage, is_number=True)


def per_hundred(value: float | None, *, is_signed: bool = False) -> Cell:
    """A share as so many of a hundred people, with one decimal; with its sign where it is a difference."""
    if value is None:
        return Cell(None, "–", is_number=True)
    rounded = round(100 * value, 1) + 0.0
    shown = number_format(abs(rounded), 1)
    sign = ("+" if rounded > 0 else "−" if rounded < 0 else "") if is_signed else ""
    return Cell(round(100 * value, 2), sign + shown, is_number=True)


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
