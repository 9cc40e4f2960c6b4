"""Runs within a process of its own: builds haystack's index and times its queries. JSON in, JSON out."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import django

django.setup()

from haystack import connections  # noqa: E402
from haystack.query import SearchQuerySet  # noqa: E402

from bench.stock.search_indexes import StockIndex  # noqa: E402

_RESULTS = 5


def _short(text: str) -> Any:
    return SearchQuerySet().auto_query(text)[:_RESULTS]


def _typed(text: str) -> Any:
    return SearchQuerySet().autocomplete(title_auto=text)[:_RESULTS]


def _long(text: str) -> Any:
    return SearchQuerySet().filter(content__in=text.split())[:_RESULTS]


def _times(ask: Callable[[str], Any], texts: Sequence[str]) -> list[float]:
    seconds = []
    for text in texts:
        started = time.perf_counter()
        for result in ask(text):
            assert result.pk
        seconds.append(time.perf_counter() - started)
    return seconds


def main() -> None:
    asked: dict[str, list[str]] = json.loads(sys.stdin.read())
    index = StockIndex()
    started = time.perf_counter()
    connections["default"].get_backend().update(index, index.index_queryset())
    built = time.perf_counter() - started
    ways = {"short": _short, "typed": _typed, "long": _long}
    answer = {kind: _times(ways[kind], texts) for kind, texts in asked.items()}
    sys.stdout.write(json.dumps(answer | {"built": built}) + "\n")


if __name__ == "__main__":
    main()
