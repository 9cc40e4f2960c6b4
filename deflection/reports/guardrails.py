"""The hold-out's guardrails: what must not get worse, and what the effect hangs on, by group."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from deflection.models import Assignment
from deflection.models.holdout import AssignmentQuerySet
from deflection.reports.cells import Cell, Column, Reader, Table, number, per_hundred, text
from deflection.reports.comparisons import interval_cells, linked, people_url
from deflection.services.effect import Comparison, Guardrail, MedianGuardrail, guardrails, time_to_a_person
from deflection.services.statistics import Interval

Arm = Assignment.Arm


def guardrails_table(units: AssignmentQuerySet, narrowed: dict[str, str], reader: Reader) -> Table:
    titles = _guardrail_titles()
    columns = [
        Column(_("What")),
        *(
            Column(title, is_number=True)
            for title in (
                _("Without"),
                _("counted"),
                _("With"),
                _("counted"),
                _("With minus without"),
                _("from"),
                _("to"),
            )
        ),
    ]
    rows = [_guardrail_row(one, titles[one.key], narrowed, reader) for one in guardrails(units)]
    rows.insert(2, _time_row(time_to_a_person(units)))
    definition = _(
        "What must not get worse while contacts go down, and what the effect hangs on. Shares are of 100, times in "
        "hours; from and to are the ends of a 95 per cent interval. One that holds zero shows no difference."
    )
    return Table("guardrails", _("Guardrails"), definition, columns, rows)


def _guardrail_titles() -> dict[str, str]:
    return {
        "gave_up": _("Left without writing and without reading anything"),
        "repeat": _("Turned to us more than once"),
        "satisfied": _("Satisfied (4 or 5 of 5), of those who said"),
        "phone": _("Chose the phone, and no call was matched"),
        "known": _("Known customers, whose letters and calls we can match"),
    }


def _guardrail_row(one: Guardrail, title: str, narrowed: dict[str, str], reader: Reader) -> list[Cell]:
    comparison: Comparison = one.comparison
    control = people_url(reader, **narrowed, arm=Arm.CONTROL, guardrail=one.key)
    treated = people_url(reader, **narrowed, arm=Arm.TREATED, guardrail=one.key)
    return [
        text(title),
        linked(per_hundred(comparison.control.share), control),
        number(comparison.control.of),
        linked(per_hundred(comparison.treated.share), treated),
        number(comparison.treated.of),
        *interval_cells(_turned(comparison.interval)),
    ]


def _turned(interval: Interval | None) -> Interval | None:
    """With minus without, where the effect is without minus with."""
    return Interval(-interval.estimate, -interval.high, -interval.low) if interval else None


def _time_row(one: MedianGuardrail) -> list[Cell]:
    turned = _turned(one.interval)
    ends = (turned.estimate, turned.low, turned.high) if turned else (None, None, None)
    return [
        text(_("Hours until a person answered, the middle one of those who wrote")),
        _hours(one.control),
        number(one.control_count),
        _hours(one.treated),
        number(one.treated_count),
        *(_hours(value, is_signed=True) for value in ends),
    ]


def _hours(seconds: float | None, *, is_signed: bool = False) -> Cell:
    if seconds is None:
        return per_hundred(None)
    hours = round(seconds / 3600, 1) + 0.0
    sign = ("+" if hours > 0 else "−" if hours < 0 else "") if is_signed else ""
    return Cell(round(seconds / 3600, 2), sign + number_format(abs(hours), 1), is_number=True)
