"""The haystack engine: Whoosh with one analysis per language, searched through pooled, refreshed searchers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from haystack.backends import BaseEngine
from haystack.backends.whoosh_backend import WhooshSearchBackend, WhooshSearchQuery
from haystack.utils import get_identifier
from whoosh.filedb.filestore import FileStorage

from knowledge.models import ArticleTranslation
from knowledge.search import writing
from knowledge.search.languages import LANGUAGES
from knowledge.search.segments import IndexUnavailable
from knowledge.search.storage import IndexStore

_PATIENCE_SECONDS = 15.0


class LanguageBackend(WhooshSearchBackend):
    """Texts arrive analysed (see indexes.py), so that every engine and the matcher agree on what a word is."""

    def __init__(self, connection_alias: str, **options: Any) -> None:
        super().__init__(connection_alias, **options)
        self.store = IndexStore(options["PATH"], writing.fingerprint())

    def setup(self) -> None:
        """Opens the current generation for haystack's own methods. Raises IndexUnavailable where there is none."""
        self.path = str(self._generation())
        self.storage = FileStorage(self.path)
        self.index = self.storage.open_index()
        self.schema = self.index.schema
        self.content_field_name = f"body_{next(iter(LANGUAGES))}"
        self.setup_complete = True

    def update(self, index: Any, iterable: Iterable[Any], commit: bool = True) -> None:
        """Haystack's door for single objects; Svar's own is `maintenance`, which notes what was indexed."""
        with self.store.writing(_PATIENCE_SECONDS):
            writing.write(self._generation(), writing.documents_of(index, iterable))

    def remove(self, obj_or_string: Any, commit: bool = True) -> None:
        with self.store.writing(_PATIENCE_SECONDS):
            writing.write(self._generation(), {get_identifier(obj_or_string): None})

    def clear(self, models: Any = None, commit: bool = True) -> None:
        """Puts an empty generation in place. The sweeper fills it again: the database is what is true."""
        with self.store.rebuilding(_PATIENCE_SECONDS), self.store.writing(_PATIENCE_SECONDS):
            generation = self.store.new_generation()
            with writing.open_writer(generation):
                pass
            self.store.promote(generation)
        ArticleTranslation.objects.update(indexed_at=None)

    def _generation(self) -> Path:
        generation = self.store.current()
        if generation is None:
            raise IndexUnavailable(self.store.why_unusable())
        return generation

    def search(self, query_string: str, **kwargs: Any) -> dict[str, Any]:
        """Haystack's own door (SearchQuerySet); Svar's pages call `search_articles`, which knows languages."""
        # The search box asks haystack for this backend, so it cannot be imported before it.
        from knowledge.search.query import search_articles

        found = search_articles(query_string, kwargs.get("language") or next(iter(LANGUAGES)))
        return {"results": list(found.results), "hits": found.total}


class LanguageEngine(BaseEngine):
    backend = LanguageBackend
    query = WhooshSearchQuery


__all__ = ["IndexUnavailable", "LanguageBackend", "LanguageEngine"]
