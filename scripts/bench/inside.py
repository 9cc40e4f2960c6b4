"""Runs within a process of the site: the work without HTTP (to set beside other engines), and single edits."""

from __future__ import annotations

import time

import django

django.setup()

from bench.printing import answer  # noqa: E402
from knowledge.models import ArticleTranslation  # noqa: E402
from knowledge.search.query import search_articles  # noqa: E402
from knowledge.services.publishing import publish, save_text  # noqa: E402


def search(language: str, short: list[str], typed: list[str], long: list[str]) -> dict[str, list[float]]:
    """Seconds of each query, the first five texts and their passages included."""
    return {
        "short": [_search(text, language, is_typing=False) for text in short],
        "typed": [_search(text, language, is_typing=True) for text in typed],
        "long": [_suggest(text, language) for text in long],
    }


def _search(text: str, language: str, *, is_typing: bool) -> float:
    started = time.perf_counter()
    for result in search_articles(text, language, is_typing=is_typing).results[:5]:
        assert result.passage is not None
    return time.perf_counter() - started


def _suggest(text: str, language: str) -> float:
    from deflection.services.suggestions import suggest

    started = time.perf_counter()
    suggest(text, language)
    return time.perf_counter() - started


def edit(language: str, number: int) -> dict[str, str]:
    """Publishes a text with a word that was nowhere before."""
    text = ArticleTranslation.objects.in_language(language).order_by("pk")[number]
    word = f"nyord{number}x{time.time_ns() % 1_000_000}"
    publish(save_text(article=text.article, language=language, title=f"{text.title[:100]} {word}", body=text.body))
    return {"word": word}


def train() -> dict[str, float]:
    """Learns the site for suggestions, as the worker does; returns the seconds."""
    from deflection.matching import matcher

    started = time.perf_counter()
    matcher.retrain()
    return {"seconds": time.perf_counter() - started}


if __name__ == "__main__":
    answer({"search": search, "edit": edit, "train": train})
