"""Geometry for charts that are drawn on the server: plain numbers, which the template puts into SVG attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deflection.services.statistics import Interval

# The drawing is stretched to the width of the page, so that its lines are in hundredths of both sides.
_SIDE = 100.0
_MOST_DOTS = 31


@dataclass(frozen=True)
class Dot:
    x: str
    y: str


@dataclass(frozen=True)
class Line:
    """One series. `style` names its colour and dashes, so that it is told apart without colour too."""

    name: str
    style: str
    points: str
    dots: list[Dot]


@dataclass(frozen=True)
class Tick:
    value: int
    y: str


@dataclass(frozen=True)
class LineChart:
    lines: list[Line]
    ticks: list[Tick]
    labels: list[str]
    """What stands below the drawing, evenly spread from its first point to its last."""


def line_chart(series: Sequence[tuple[str, Sequence[int]]], labels: Sequence[str]) -> LineChart:
    """Lines over the same points in time; `labels` are all points' names, of which a few are shown."""
    highest = _rounded_up(max((value for _, values in series for value in values), default=0))
    lines = []
    for number, (name, values) in enumerate(series, start=1):
        dots = [Dot(_x(place, len(values)), _y(value, highest)) for place, value in enumerate(values)]
        points = " ".join(f"{dot.x},{dot.y}" for dot in dots)
        lines.append(Line(name, f"series-{number}", points, dots if len(dots) <= _MOST_DOTS else []))
    ticks = [Tick(value, _y(value, highest)) for value in (highest, highest // 2, 0)]
    return LineChart(lines, ticks, _spread(labels))


def _x(place: int, count: int) -> str:
    return f"{_SIDE * place / (count - 1):.2f}" if count > 1 else f"{_SIDE / 2:.2f}"


def _y(value: int, highest: int) -> str:
    return f"{_SIDE * (1 - value / highest):.2f}"


def _rounded_up(value: int) -> int:
    """The next even number that reads well: 2, 4, 6, 8, 10, 20, 40, 60, ..."""
    step = 2
    while step * 5 < value:
        step *= 10
    return max(step, -(-value // step) * step)


def _spread(labels: Sequence[str]) -> list[str]:
    if len(labels) < 3:
        return list(labels)
    return [labels[0], labels[(len(labels) - 1) // 2], labels[-1]]


@dataclass(frozen=True)
class Bar:
    """An estimate with its interval on the line from one side to the other."""

    name: str
    low: str
    high: str
    point: str
    is_clear: bool
    """Whether the interval leaves zero out, for a stronger line."""
    language: str = ""


@dataclass(frozen=True)
class IntervalChart:
    bars: list[Bar]
    ticks: list[tuple[str, str]]
    """Numbers of a hundred with their signs, and where they stand."""


_STEPS = (1, 2, 5, 10, 15, 20, 30, 50, 100)


def interval_chart(rows: Sequence[tuple[str, Interval, str]]) -> IntervalChart:
    """Differences of shares, each a name, an interval and the name's language, around a zero line in the middle."""
    widest = max((max(abs(row.low), abs(row.high)) for _name, row, _language in rows), default=0)
    end = next((step for step in _STEPS if step >= 100 * widest - 1e-9), 100)

    def place(value: float) -> str:
        return f"{_SIDE / 2 * (1 + 100 * value / end):.2f}"

    bars = [
        Bar(name, place(row.low), place(row.high), place(row.estimate), row.low > 0 or row.high < 0, language)
        for name, row, language in rows
    ]
    return IntervalChart(bars, [(f"−{end}", place(-end / 100)), ("0", place(0)), (f"+{end}", place(end / 100))])
