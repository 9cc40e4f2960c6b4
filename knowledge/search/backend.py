"""The haystack engine: Whoosh with one analysis per language, searched through pooled, refreshed searchers."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from haystack.backends import BaseEngine
from haystack.backends.whoosh_backend import WhooshSearchBackend, WhooshSearchQuery
from haystack.constants import DJANGO_CT, DJANGO_ID, ID
from haystack.exceptions import SkipDocument
from haystack.utils import get_identifier
from whoosh import fields, index, query
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.filedb.filestore import FileStorage
from whoosh.searching import Searcher
from whoosh.writing import IndexWriter, LockError

from knowledge.search import analysis
from knowledge.search.languages import LANGUAGES
from knowledge.search.storage import IndexStore

# How much a word counts by where it stands; the folded spelling counts least, so exact letters win.
WEIGHTS = {"title": 4.0, "phrasings": 3.0, "headings": 2.0, "summary": 2.0, "body": 1.0, "folded": 0.4}
_PREFIX_WEIGHT = 2.5
_LOCK_PATIENCE_SECONDS = 15.0


class IndexUnavailable(Exception):
    """There is no index, or it cannot be read: answer from the database."""


@dataclass(frozen=True)
class Hit:
    translation_id: int
    score: float
    matched: frozenset[str]


class _SearcherPool:
    """Open searchers, lent to one thread at a time: opening one costs more than most searches."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[Path, list[Searcher]] = {}

    @contextmanager
    def lend(self, path: Path) -> Iterator[Searcher]:
        searcher = self._take(path)
        yield searcher
        # Not in a `finally`: a searcher that raised may be broken and is not lent again.
        with self._lock:
            self._idle.setdefault(path, []).append(searcher)

    def _take(self, path: Path) -> Searcher:
        with self._lock:
            for old in [known for known in self._idle if known != path]:
                for searcher in self._idle.pop(old):
                    searcher.close()
            idle = self._idle.get(path, [])
            searcher = idle.pop() if idle else None
        if searcher is not None and searcher.up_to_date():
            return searcher
        if searcher is not None:
            # Not `refresh()`: it reuses segment readers, which go on to find documents deleted since.
            searcher.close()
        return FileStorage(str(path)).open_index().searcher()


_pool = _SearcherPool()


def _schema() -> fields.Schema:
    words = SpaceSeparatedTokenizer()
    schema = fields.Schema(
        **{
            ID: fields.ID(stored=True, unique=True),
            DJANGO_CT: fields.ID(stored=True),
            DJANGO_ID: fields.ID(stored=True),
            "topic": fields.ID(),
        }
    )
    for language in LANGUAGES:
        for part in WEIGHTS:
            schema.add(f"{part}_{language}", fields.TEXT(analyzer=words, phrase=False))
        schema.add(f"prefix_{language}", fields.KEYWORD(scorable=False))
    return schema


class LanguageBackend(WhooshSearchBackend):
    """Texts arrive analysed (see indexes.py), so that every engine and the matcher agree on what a word is."""

    def __init__(self, connection_alias: str, **options: Any) -> None:
        super().__init__(connection_alias, **options)
        self.store = IndexStore(options["PATH"])

    def setup(self) -> None:
        """Opens the current generation for writing; makes the first one where there is none."""
        path = self.store.current()
        if path is None:
            path = self.store.new_generation()
            FileStorage(str(path)).create_index(_schema())
            self.store.promote(path)
        self.open_for_writing(path)

    def open_for_writing(self, path: Path) -> None:
        self.storage = FileStorage(str(path))
        self.index = self.storage.open_index() if index.exists(self.storage) else self.storage.create_index(_schema())
        self.schema = self.index.schema
        self.content_field_name = f"body_{next(iter(LANGUAGES))}"
        self.path = str(path)

    @contextmanager
    def _writer(self) -> Iterator[IndexWriter]:
        """A writer that waits for the one lock; raises whoosh's LockError when it stays taken."""
        writer = self.index.writer(timeout=_LOCK_PATIENCE_SECONDS)
        try:
            yield writer
        except BaseException:
            writer.cancel()
            raise
        writer.commit()

    def update(self, index: Any, iterable: Iterable[Any], commit: bool = True) -> None:
        self.setup()
        self.write(index, iterable)

    def write(self, search_index: Any, iterable: Iterable[Any]) -> None:
        with self._writer() as writer:
            for obj in iterable:
                try:
                    document = search_index.full_prepare(obj)
                except SkipDocument:
                    writer.delete_by_term(ID, get_identifier(obj))
                    continue
                known = {name: value for name, value in document.items() if name in self.schema and value}
                writer.update_document(**known)

    def remove(self, obj_or_string: Any, commit: bool = True) -> None:
        self.setup()
        with self._writer() as writer:
            writer.delete_by_term(ID, get_identifier(obj_or_string))

    def clear(self, models: Any = None, commit: bool = True) -> None:
        """Starts over with an empty generation beside the current one, then swaps."""
        path = self.store.new_generation()
        FileStorage(str(path)).create_index(_schema())
        self.store.promote(path)
        self.store.prune()

    def search(self, query_string: str, **kwargs: Any) -> dict[str, Any]:
        """Haystack's own door (SearchQuerySet); Svar's pages use `rank`, which knows languages."""
        language = kwargs.get("language") or next(iter(LANGUAGES))
        hits = self.rank(analysis.query_terms(query_string, language), language)
        return {"results": hits, "hits": len(hits)}

    def rank(
        self,
        terms: Iterable[str],
        language: str,
        *,
        typing: str = "",
        topic: str | None = None,
        all_terms: bool = True,
        limit: int = 200,
    ) -> list[Hit]:
        """The best texts of one language for analysed terms; `typing` is a last word not yet finished.

        Raises IndexUnavailable when the index is missing or damaged.
        """
        path = self.store.current()
        if path is None:
            raise IndexUnavailable("there is no index")
        clauses = [_anywhere(term, language) for term in dict.fromkeys(terms)]
        if typing:
            clauses.append(_typed(typing, language))
        if not clauses:
            return []
        wanted: query.Query = query.And(clauses) if all_terms else query.Or(clauses)
        narrow = query.Term("topic", topic) if topic else None
        try:
            with _pool.lend(path) as searcher:
                results = searcher.search(wanted, limit=limit, filter=narrow, terms=not all_terms)
                return [
                    Hit(
                        int(hit[DJANGO_ID]),
                        float(hit.score),
                        frozenset(_text(term) for _, term in hit.matched_terms()) if not all_terms else frozenset(),
                    )
                    for hit in results
                ]
        # A torn file shows itself as whichever error its bytes happen to cause (struct.error, EOFError,
        # KeyError, OSError...): all of them mean the same to a customer who searches.
        except Exception as error:
            raise IndexUnavailable(str(error) or type(error).__name__) from error


def _text(term: bytes | str) -> str:
    return term.decode("utf-8") if isinstance(term, bytes) else term


def _anywhere(term: str, language: str) -> query.Query:
    clauses = [
        query.Term(f"{part}_{language}", term, boost=weight) for part, weight in WEIGHTS.items() if part != "folded"
    ]
    if analysis.fold(term) == term:
        clauses.append(query.Term(f"folded_{language}", term, boost=WEIGHTS["folded"]))
    return query.Or(clauses)


def _typed(word: str, language: str) -> query.Query:
    prefix = query.Term(f"prefix_{language}", word[:15], boost=_PREFIX_WEIGHT)
    return query.Or([prefix, _anywhere(analysis.stem(word, language), language)])


class LanguageEngine(BaseEngine):
    backend = LanguageBackend
    query = WhooshSearchQuery


__all__ = ["Hit", "IndexUnavailable", "LanguageBackend", "LanguageEngine", "LockError"]
