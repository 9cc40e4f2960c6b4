"""The desk with many cases: lists, counts and searches, in a process of the site and without HTTP."""

from __future__ import annotations

from typing import Any

from bench.printing import show, summary
from bench.site import Site

_TARGET_MS = 200
_SEARCHES = 100


def measure(site: Site, cases: int) -> None:
    """Makes the cases, builds their index, and prints each list's and search's times."""
    site.seed(cases)
    built: dict[str, Any] = site.inside("bench.desk_inside", {"index": {}})
    show(bench="index of cases", **{name: round(value, 1) for name, value in built.items()})
    for name, seconds in site.inside("bench.desk_inside", {"lists": {}}).items():
        figures = summary(seconds)
        reached = figures["p50_ms"] <= _TARGET_MS
        show(bench="desk list", list=name, cases=cases, **figures, target=_TARGET_MS, reached=reached)
    for name, seconds in site.inside("bench.desk_inside", {"searches": {"count": _SEARCHES}}).items():
        show(bench="desk search", search=name, cases=cases, **summary(seconds), times=len(seconds))
    people = site.inside("bench.people_inside", {"make": {"count": cases}})
    show(bench="records that look like one person", **site.inside("bench.people_inside", {"look": {}}))
    for words, seconds in site.inside("bench.people_inside", {"find": {}}).items():
        show(bench="finding customers", words=words, **people, **summary(seconds))
