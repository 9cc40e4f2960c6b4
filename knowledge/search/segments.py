"""One segment of the index, read into arrays as it is needed.

Whoosh keeps the postings; its own matchers walk them one by one in Python, which is too slow for six fields and four
words over thousands of texts. Here a term's postings are decoded once and then added up as arrays. A segment never
changes, so what was read of it stays right after an update.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
import numpy.typing as npt
from whoosh.reading import SegmentReader, TermNotFound

from knowledge.search import schema
from knowledge.search.highlight import Block

Positions = npt.NDArray[np.int32]
Counts = npt.NDArray[np.uint8]

# Bytes of postings that a process keeps decoded: about 3 million, all of 10,000 texts.
_KEPT_BYTES = 24 * 1024 * 1024
_BYTES_AN_ENTRY = 200


@dataclass(frozen=True)
class Postings:
    """Where a term stands: positions of texts, and how often in each part of each of them."""

    texts: Positions
    counts: Counts


NOWHERE = Postings(np.empty(0, np.int32), np.empty((0, len(schema.PARTS)), np.uint8))


class _Kept:
    """Decoded postings of all segments, the most recently used ones, up to a number of bytes."""

    def __init__(self, size: int) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[tuple[str, str, str], Postings] = OrderedDict()
        self._free = size

    def get(self, key: tuple[str, str, str]) -> Postings | None:
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
            return found

    def put(self, key: tuple[str, str, str], postings: Postings) -> None:
        with self._lock:
            if key in self._entries:
                return
            self._entries[key] = postings
            self._free -= _size(postings)
            while self._free < 0:
                _, oldest = self._entries.popitem(last=False)
                self._free += _size(oldest)


def _size(postings: Postings) -> int:
    return _BYTES_AN_ENTRY + int(postings.texts.nbytes + postings.counts.nbytes)


_kept = _Kept(_KEPT_BYTES)


class IndexUnavailable(Exception):
    """There is no index, or it cannot be read: answer from the database."""


@contextmanager
def reading() -> Iterator[None]:
    """Around whatever reads the files of the index."""
    try:
        yield
    # A torn file shows itself as whichever error its bytes happen to cause (struct.error, EOFError,
    # KeyError, OSError...): all of them mean the same to a customer who searches.
    except Exception as error:
        raise IndexUnavailable(f"{type(error).__name__}: {error}") from error


class Segment:
    """One segment's files, open. Nothing in it ever changes. Whatever reads them may raise IndexUnavailable."""

    def __init__(self, reader: SegmentReader) -> None:
        self.key = str(reader.segment().segment_id())
        self.size = int(reader.doc_count_all())
        self._reader = reader
        # Whoosh's files have one position for all who read them.
        self._lock = threading.Lock()
        weakref.finalize(self, reader.close)
        self.records = self._read_records()
        self.topics = self._read_topics()
        self._vocabularies: dict[str, dict[str, int]] = {}

    def _read_records(self) -> npt.NDArray[np.void]:
        if not self.size:
            return np.empty(0, schema.RECORD)
        return np.frombuffer(b"".join(self._reader.column_reader("record")), schema.RECORD)

    def _read_topics(self) -> list[str]:
        if not self._reader.has_column("topic"):
            return [""] * self.size
        return [slug.decode() for slug in self._reader.column_reader("topic")]

    def postings(self, field: str, term: str) -> Postings:
        key = (self.key, field, term)
        found = _kept.get(key)
        if found is None:
            found = self._decoded(field, term)
            _kept.put(key, found)
        return found

    def _decoded(self, field: str, term: str) -> Postings:
        texts: list[int] = []
        counts: list[bytes] = []
        with self._lock, reading():
            try:
                matcher = self._reader.postings(field, term.encode())
            except TermNotFound:
                return NOWHERE
            while matcher.is_active():
                texts.append(matcher.id())
                counts.append(matcher.value())
                matcher.next()
            shape = (len(texts), len(schema.PARTS))
            return Postings(np.array(texts, np.int32), np.frombuffer(b"".join(counts), np.uint8).reshape(shape))

    def blocks(self, text: int) -> list[Block]:
        with self._lock, reading():
            return [Block(*block) for block in self._reader.stored_fields(text).get("blocks", [])]

    def vocabulary(self, language: str) -> dict[str, int]:
        """The words of a language as they are written, with the number of texts that hold them."""
        found = self._vocabularies.get(language)
        if found is None:
            found = self._vocabularies[language] = self.words_beginning("", language)
        return found

    def words_beginning(self, prefix: str, language: str) -> dict[str, int]:
        beginning = prefix.encode()
        with self._lock, reading():
            try:
                terms = self._reader.iter_field(schema.words_field(language), beginning)
                near = takewhile(lambda found: found[0].startswith(beginning), terms)
                return {word.decode(): info.doc_frequency() for word, info in near}
            except TermNotFound:
                return {}
