"""The haystack connection `cases`: an engine of our own over SQLite's full-text tables (see docs/adr/0008)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from haystack.backends import BaseEngine, BaseSearchBackend
from haystack.backends.simple_backend import SimpleSearchQuery

from knowledge.search.storage import IndexStore
from tickets.models import Ticket

CONNECTION = "cases"
# Of the shape of documents and columns. Another number makes every process build the index anew.
VERSION = "1"
_PATIENCE_SECONDS = 15.0


class CaseBackend(BaseSearchBackend):
    def __init__(self, connection_alias: str, **options: Any) -> None:
        super().__init__(connection_alias, **options)
        self.store = IndexStore(options["PATH"], VERSION)

    def setup(self) -> None:
        self.setup_complete = True

    def update(self, index: Any, iterable: Iterable[Ticket], commit: bool = True) -> None:
        from tickets.search.upkeep import index_cases

        index_cases([one.pk for one in iterable])

    def remove(self, obj_or_string: Any, commit: bool = True) -> None:
        from tickets.search.upkeep import index_cases

        number = obj_or_string.pk if isinstance(obj_or_string, Ticket) else int(str(obj_or_string).rsplit(".", 1)[-1])
        index_cases([number], are_gone=True)

    def clear(self, models: Any = None, commit: bool = True) -> None:
        """Puts an empty index in place; the sweep fills it again, for the database is what is true."""
        from tickets.search import index_file

        with self.store.rebuilding(_PATIENCE_SECONDS), self.store.writing(_PATIENCE_SECONDS):
            generation = self.store.new_generation()
            index_file.create(generation)
            self.store.promote(generation)

    def search(self, query_string: str, **kwargs: Any) -> dict[str, Any]:
        """Haystack's own door (SearchQuerySet). Without a `user` among the arguments nothing is found."""
        from tickets.search.searching import find_cases

        found = find_cases(kwargs.get("user") or AnonymousUser(), query_string)
        return {"results": list(found), "hits": len(found)}


class CaseEngine(BaseEngine):
    backend = CaseBackend
    query = SimpleSearchQuery
