"""The same texts and queries in other engines, each as its documentation says: no analysis of ours.

Times are within the process, five results a query. Svar's own beside them include the texts from the database, the
passages and the wording of the query in every language, which the others do not do.
"""

from __future__ import annotations

import importlib
import re
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from bench.corpus import Article, Queries
from bench.printing import show, summary
from bench.site import Site

_WORD = re.compile(r"\w+")
_RESULTS = 5
_WARM_UP = 20
# Stock haystack takes seconds for sixty words, and minutes for building, where articles are many.
_LONG_QUERIES_OF_HAYSTACK = 50
_MOST_ARTICLES_FOR_HAYSTACK = 3000


class Engine(Protocol):
    """Finds articles by all words (`short`), by the beginning of a title (`typed`), by any of many words (`long`)."""

    name: str

    def build(self, articles: Sequence[Article]) -> None: ...
    def short(self, text: str) -> int: ...
    def typed(self, text: str) -> int: ...
    def long(self, text: str) -> int: ...


class Fts5:
    name = "SQLite FTS5"

    def __init__(self, folder: Path) -> None:
        self._database = sqlite3.connect(folder / "fts5.sqlite3")

    def build(self, articles: Sequence[Article]) -> None:
        self._database.execute("CREATE VIRTUAL TABLE articles USING fts5(id UNINDEXED, title, body)")
        rows = [(article.id, article.title, article.body) for article in articles]
        self._database.executemany("INSERT INTO articles VALUES (?, ?, ?)", rows)
        self._database.commit()

    def short(self, text: str) -> int:
        return self._ask(" ".join(f'"{word}"' for word in _WORD.findall(text)))

    def typed(self, text: str) -> int:
        return self._ask(" ".join(f'title:"{word}"*' for word in _WORD.findall(text)))

    def long(self, text: str) -> int:
        return self._ask(" OR ".join(f'"{word}"' for word in _WORD.findall(text)))

    def _ask(self, query: str) -> int:
        sql = "SELECT id FROM articles WHERE articles MATCH ? ORDER BY bm25(articles, 0, 4, 1) LIMIT ?"
        return len(self._database.execute(sql, [query, _RESULTS]).fetchall())


class Tantivy:
    name = "tantivy"

    def __init__(self, folder: Path) -> None:
        self._tantivy = importlib.import_module("tantivy")
        builder = self._tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True)
        builder.add_text_field("title")
        builder.add_text_field("body")
        self._schema = builder.build()
        self._index = self._tantivy.Index(self._schema, path=str(folder))

    def build(self, articles: Sequence[Article]) -> None:
        writer = self._index.writer(num_threads=1)
        for article in articles:
            writer.add_document(self._tantivy.Document(id=article.id, title=article.title, body=article.body))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def short(self, text: str) -> int:
        return self._ask(" ".join(f"+{word}" for word in _WORD.findall(text)))

    def typed(self, text: str) -> int:
        query, occur = self._tantivy.Query, self._tantivy.Occur
        words = _WORD.findall(text.lower())
        parts = [query.term_query(self._schema, "title", word) for word in words[:-1]]
        parts += [query.regex_query(self._schema, "title", f"{re.escape(word)}.*") for word in words[-1:]]
        return self._count(query.boolean_query([(occur.Must, part) for part in parts]))

    def long(self, text: str) -> int:
        return self._ask(" ".join(_WORD.findall(text)))

    def _ask(self, text: str) -> int:
        return self._count(self._index.parse_query(text, ["title", "body"], field_boosts={"title": 4.0}))

    def _count(self, query: Any) -> int:
        hits = self._searcher.search(query, _RESULTS).hits
        return len([self._searcher.doc(address)["id"] for _, address in hits])


class Bm25s:
    name = "bm25s"

    def __init__(self, folder: Path) -> None:
        self._bm25s = importlib.import_module("bm25s")

    def build(self, articles: Sequence[Article]) -> None:
        self._count = min(_RESULTS, len(articles))
        self._engine = self._bm25s.BM25()
        self._engine.index(self._tokens([article.text for article in articles]), show_progress=False)

    def short(self, text: str) -> int:
        _, scores = self._engine.retrieve(self._tokens([text]), k=self._count, show_progress=False)
        return int((scores > 0).sum())

    def typed(self, text: str) -> int:
        """It knows no prefixes: what is measured is the whole words."""
        return self.short(text)

    def long(self, text: str) -> int:
        return self.short(text)

    def _tokens(self, texts: list[str]) -> Any:
        return self._bm25s.tokenize(texts, stopwords=None, show_progress=False)


ENGINES: dict[str, Callable[[Path], Engine]] = {"SQLite FTS5": Fts5, "tantivy": Tantivy, "bm25s": Bm25s}


def measure(site: Site, articles: Sequence[Article], queries: Queries) -> None:
    """Svar first, then each of the others with how many times as long it takes as Svar (p50 and p95)."""
    asked = {"short": queries.short, "typed": queries.typed, "long": queries.long}
    inside = {"search": {"language": site.language, **asked}}
    # Sent twice: the first time warms up.
    site.inside("bench.inside", inside, SVAR_SEMANTIC="off")
    own = site.inside("bench.inside", inside, SVAR_SEMANTIC="off")
    svar = {kind: summary(seconds) for kind, seconds in own.items()}
    for kind, figures in svar.items():
        show(bench="side by side", engine="Svar, in process", articles=len(articles), kind=kind, **figures)
    for name, make in ENGINES.items():
        try:
            with tempfile.TemporaryDirectory() as folder:
                engine = make(Path(folder))
                started = time.perf_counter()
                engine.build(articles)
                built = time.perf_counter() - started
                times = {kind: _times(getattr(engine, kind), texts) for kind, texts in asked.items()}
        except ImportError as error:
            show(bench="side by side", engine=name, articles=len(articles), skipped=str(error))
            continue
        _compare(name, len(articles), built, times, svar)
    _measure_haystack(site, len(articles), asked, svar)


def _measure_haystack(
    site: Site, articles: int, asked: dict[str, list[str]], svar: dict[str, dict[str, float]]
) -> None:
    name = "haystack + Whoosh, unmodified"
    if articles > _MOST_ARTICLES_FOR_HAYSTACK:
        reason = f"building takes many minutes above {_MOST_ARTICLES_FOR_HAYSTACK} articles"
        show(bench="side by side", engine=name, articles=articles, skipped=reason)
        return
    what = asked | {"long": asked["long"][:_LONG_QUERIES_OF_HAYSTACK]}
    found = site.inside("bench.stock.measuring", what, DJANGO_SETTINGS_MODULE="bench.stock.settings")
    _compare(name, articles, found.pop("built"), found, svar)


def _times(ask: Callable[[str], int], texts: Sequence[str]) -> list[float]:
    for text in texts[:_WARM_UP]:
        ask(text)
    seconds = []
    for text in texts:
        started = time.perf_counter()
        ask(text)
        seconds.append(time.perf_counter() - started)
    return seconds


def _compare(
    name: str, articles: int, built: float, times: dict[str, list[float]], svar: dict[str, dict[str, float]]
) -> None:
    show(bench="side by side", engine=name, articles=articles, kind="index build", seconds=round(built, 2))
    for kind, seconds in times.items():
        figures = summary(seconds)
        ratios = {
            f"{figure.removesuffix('_ms')}_to_svar": float(f"{figures[figure] / svar[kind][figure]:.2g}")
            for figure in ("p50_ms", "p95_ms")
        }
        show(bench="side by side", engine=name, articles=articles, kind=kind, times=len(seconds), **figures, **ratios)
