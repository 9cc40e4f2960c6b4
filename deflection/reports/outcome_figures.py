"""What was observed of visits, each figure with its definition, and the score that vendors would print beside it."""

from __future__ import annotations

from django.db.models import Count
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from deflection.models import Outcome
from deflection.reports import queries
from deflection.reports.cells import Column, Reader, Table, list_url, number, share, text
from deflection.reports.figures import Figure
from deflection.reports.scope import Scope

Kind = Outcome.Kind


def outcome_figures(scope: Scope, reader: Reader) -> list[Figure]:
    """One query."""
    counted = dict(queries.outcomes(scope).order_by().values_list("kind").annotate(times=Count("pk")))
    total = sum(counted.values())
    definitions = _definitions()
    return [
        Figure(
            str(kind),
            str(Kind(kind).label),
            number_format(counted.get(kind, 0), force_grouping=True),
            definitions[kind],
            share(counted.get(kind, 0), total).text,
            f"{100 * counted.get(kind, 0) / total:.1f}%" if total else "0%",
            list_url("visits", scope, outcome=str(kind)) if reader.may_see_cases and counted.get(kind) else "",
        )
        for kind in definitions
    ]


def _definitions() -> dict[str, str]:
    return {
        Kind.CONFIRMED: _(
            "Visits in which somebody said that an article answered, in the form or under the article, and whose "
            "customer turned to nobody on the same matter within 14 days."
        ),
        Kind.ASSUMED: _(
            "Visits in which an article was read and left, and whose customer turned to nobody, on any channel and on "
            "any matter, within seven days. Some of them were helped, and some gave up."
        ),
        Kind.CONTACTED: _(
            "Visits from which a person was turned to, on any channel; or whose customer had just done so, in the "
            "twelve hours before, or did so within seven days on another matter."
        ),
        Kind.BOUNCED: _(
            "Visits that had been confirmed, or in which an article had been read and left, and whose customer turned "
            "to a person on the same matter within 14 days, guest or not. They are taken back, and the article is "
            "charged."
        ),
        Kind.NOTHING: _(
            "Visits in which nothing was read, and whose customer turned to nobody within seven days. Nobody knows "
            "whether they were helped; we do not count them as answered."
        ),
        Kind.PENDING: _("Visits whose seven days are not over."),
    }


def outcomes_table(scope: Scope, reader: Reader) -> Table:
    """The same figures for a spreadsheet."""
    columns = [Column(_("Outcome")), Column(_("Visits"), is_number=True), Column(_("Share"), is_number=True)]
    counted = dict(queries.outcomes(scope).order_by().values_list("kind").annotate(times=Count("pk")))
    total = sum(counted.values())
    rows = [
        [text(str(Kind(kind).label)), number(counted.get(kind, 0)), share(counted.get(kind, 0), total)]
        for kind in _definitions()
    ]
    return Table("outcomes", _("What was observed of visits"), "", columns, rows)
