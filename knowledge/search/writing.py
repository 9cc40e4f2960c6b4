"""Putting documents into a generation of the index: one commit for as many as arrive together."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from haystack.constants import ID
from haystack.exceptions import SkipDocument
from haystack.utils import get_identifier
from whoosh import index
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import FileStorage
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

from knowledge.search.schema import schema

logger = logging.getLogger(__name__)

# Documents by the identifier under which haystack knows them; None takes a document out.
Documents = Mapping[str, dict[str, Any] | None]

_KNOWLEDGE = Path(__file__).resolve().parent.parent
# Of the search's modules those that only read the index; what they do is nobody's reason to build it anew.
_READERS = {
    "interpretation.py", "maintenance.py", "query.py", "ranking.py", "respelling.py", "results.py", "snapshot.py",
    "spelling.py", "standing.py", "storage.py", "synonyms.py",
}  # fmt: skip
_LIBRARIES = ("Whoosh-Reloaded", "PyStemmer", "simplemma", "wordfreq")
# How long a commit may take by joining segments: Whoosh needs about a second for so many documents.
_JOIN_AT_MOST_DOCUMENTS = 200
_JOIN_FROM_SEGMENTS = 8
_MEMORY_MB = 64


@cache
def fingerprint() -> str:
    """Changes with whatever makes documents: an index of another fingerprint is built anew after an upgrade.

    It is taken from the code itself, so that nobody has to remember to raise a number. A module that is not known
    to read only counts.
    """
    digest = hashlib.sha256()
    modules = sorted(path for path in (_KNOWLEDGE / "search").glob("*.py") if path.name not in _READERS)
    for path in [*modules, _KNOWLEDGE / "search_indexes.py", _KNOWLEDGE / "rendering.py"]:
        digest.update(path.read_bytes())
    for name in _LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            digest.update(f"{name} {metadata.version(name)}".encode())
    return digest.hexdigest()[:10]


def documents_of(search_index: Any, texts: Iterable[Any]) -> dict[str, dict[str, Any] | None]:
    """What the index is to hold of these texts. One that cannot be prepared is left out, and the log says so."""
    found: dict[str, dict[str, Any] | None] = {}
    for text in texts:
        try:
            found[get_identifier(text)] = search_index.full_prepare(text)
        except SkipDocument:
            found[get_identifier(text)] = None
        except Exception:
            # One text with odd Markdown must not keep all the others out of the index.
            logger.exception("The text %s cannot be indexed.", text.pk)
            found[get_identifier(text)] = None
    return found


@contextmanager
def open_writer(generation: Path) -> Iterator[SegmentWriter]:
    """A writer on a generation, new or old, that commits at the end; whatever goes wrong leaves it as it was.

    Only for whoever holds the store's `writing`, or made this generation.
    """
    storage = FileStorage(str(generation))
    found = storage.open_index() if index.exists(storage) else storage.create_index(schema())
    writer = found.writer(limitmb=_MEMORY_MB, codec=_codec())
    try:
        yield writer
        writer.commit(mergetype=_join_small_segments)
    except BaseException:
        with contextlib.suppress(Exception):
            writer.cancel()
        with contextlib.suppress(Exception):
            # A commit that failed half way, on a full disk for instance, would keep Whoosh's own lock for good.
            writer.writelock.release()
        raise


def _codec() -> W3Codec:
    """Whoosh's own, which would otherwise look for a file of lengths at each posting: ours stand in the record."""
    codec = W3Codec()
    codec.length_stats = False
    return codec


def put(writer: SegmentWriter, documents: Documents, *, is_fresh: bool = False) -> None:
    """Adds or replaces documents. `is_fresh`: the generation holds none of them yet, so none is looked for."""
    for identifier, document in documents.items():
        if not is_fresh:
            writer.delete_by_term(ID, identifier)
        if document is not None:
            known = {name: value for name, value in document.items() if name in writer.schema}
            writer.add_document(**{name: value for name, value in known.items() if value not in (None, "")})


def write(generation: Path, documents: Documents) -> None:
    """Puts documents into a generation in one commit."""
    if documents:
        with open_writer(generation) as writer:
            put(writer, documents)


def count(generation: Path) -> int:
    """How many documents a generation holds."""
    return int(FileStorage(str(generation)).open_index().doc_count())


def check(generation: Path) -> None:
    """Opens every segment. Raises whatever a missing or torn file happens to cause."""
    reader = FileStorage(str(generation)).open_index().reader()
    try:
        for _ in reader.all_doc_ids():
            break
        for field in reader.indexed_field_names():
            next(iter(reader.lexicon(field)), None)
    finally:
        reader.close()


def _join_small_segments(writer: SegmentWriter, segments: list[Any]) -> list[Any]:
    """Whoosh's merge policy, bounded: no commit is ever held up by segments that took minutes to write.

    Small segments are joined with what is being written; large ones are left to the nightly rebuild.
    Returns the segments that stay.
    """
    small: list[Any] = []
    total = 0
    for segment in sorted(segments, key=lambda one: int(one.doc_count_all())):
        total += segment.doc_count_all()
        if total > _JOIN_AT_MOST_DOCUMENTS:
            break
        small.append(segment)
    if len(small) < _JOIN_FROM_SEGMENTS:
        return segments
    for segment in small:
        reader = SegmentReader(writer.storage, writer.schema, segment)
        writer.add_reader(reader)
        reader.close()
    return [segment for segment in segments if segment not in small]
