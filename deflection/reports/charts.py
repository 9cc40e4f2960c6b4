"""Geometry for charts that are drawn on the server: plain numbers, which the template puts into SVG attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
