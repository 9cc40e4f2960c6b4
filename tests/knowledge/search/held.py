"""The index of a test, read from its files and asked through the search."""

from __future__ import annotations

from pathlib import Path

from haystack import connections
from haystack.constants import ID
from whoosh.filedb.filestore import FileStorage

from knowledge.search.query import search_articles
from knowledge.search.storage import IndexStore


def texts_in(generation: Path) -> list[int]:
    """The ids of the texts in an index, in order, each as often as the index holds it."""
    reader = FileStorage(str(generation)).open_index().reader()
    try:
        return sorted(
            int(term.decode().rpartition(".")[2])
            for term in reader.lexicon(ID)
            if reader.doc_frequency(ID, term)
            for _ in reader.postings(ID, term).all_ids()
        )
    finally:
        reader.close()


def segments_of(generation: Path) -> int:
    return len(FileStorage(str(generation)).open_index()._segments())


def store() -> IndexStore:
    found: IndexStore = connections["default"].get_backend().store
    return found


def generation() -> Path:
    current = store().current()
    assert current is not None
    return current


def generation_name() -> str:
    return (store().root / "CURRENT").read_text()


def held() -> list[int]:
    """The texts that the index holds, each as often as it holds it."""
    return texts_in(generation())


def titles(query: str) -> list[str]:
    found = search_articles(query, "en")
    assert not found.is_degraded
    return [result.translation.title for result in found.results]
