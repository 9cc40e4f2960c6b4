"""One JSON object a line: what was measured, and what it was to be."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

# 95th percentiles in milliseconds, unless the name says otherwise, by the number of articles.
TARGETS: dict[str, dict[int, float]] = {
    "as you type": {300: 15, 3000: 15},
    "search box": {300: 25, 3000: 25},
    "suggestions without semantic": {300: 20, 3000: 20, 30_000: 60},
    "suggestions with semantic": {300: 45, 3000: 45, 30_000: 60},
    "article updated to findable": {300: 5000, 3000: 5000, 30_000: 5000},
    "memory of a web worker (MB)": {300: 350, 3000: 350},
}


def show(**values: object) -> None:
    sys.stdout.write(json.dumps(values, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    return {
        "p50_ms": round(ordered[len(ordered) // 2] * 1000, 2),
        "p95_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] * 1000, 2),
        "max_ms": round(ordered[-1] * 1000, 2),
    }


def show_measured(name: str, articles: int, value: float, **details: object) -> None:
    """A figure with its target; `value` is what the target speaks of."""
    line: dict[str, object] = {"bench": name, "articles": articles, **details}
    target = TARGETS.get(name, {}).get(articles)
    if target is not None:
        line |= {"target": target, "reached": value <= target}
    show(**line)


def show_times(name: str, articles: int, seconds: Sequence[float], **details: object) -> dict[str, float]:
    figures = summary(seconds)
    show_measured(name, articles, figures["p95_ms"], **figures, times=len(seconds), **details)
    return figures


def answer(done_here: Mapping[str, Callable[..., object]]) -> None:
    """One JSON object a line in, one out, so that a measurement need not wait for a process to start."""
    for line in sys.stdin:
        what: dict[str, Any] = json.loads(line)
        ((name, details),) = what.items()
        sys.stdout.write(json.dumps(done_here[name](**details)) + "\n")
        sys.stdout.flush()
