"""The index as it is at one moment: what scoring needs in arrays, the rest a look away.

Segments are kept open from one commit to the next; which of their texts are deleted is read anew each time.
"""

from __future__ import annotations

import os
import re
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC
from whoosh.reading import SegmentReader

from knowledge.search import schema
from knowledge.search.highlight import Block
from knowledge.search.languages import LANGUAGES
from knowledge.search.segments import NOWHERE, Postings, Segment, reading

Mask = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float32]

_INDEX_NAME = "MAIN"
_TOC = re.compile(r"_MAIN_(\d+)\.toc")
_ATTEMPTS = 5


@dataclass(frozen=True)
class Audience:
    """The texts that readers of a language get, and the other languages that some of these are in."""

    texts: Mask
    other_languages: tuple[str, ...]


@dataclass(frozen=True)
class Extent:
    """How many texts there are in a language, and how long each part of each text is next to the usual length."""

    count: int
    lengths: Values


class Snapshot:
    """All segments of a generation after one commit. A text is known by its position in it."""

    def __init__(self, path: Path, commit: int, segments: list[Segment], is_live: Mask) -> None:
        self.path = path
        self.commit = commit
        self.segments = segments
        self.is_live = is_live
        self._starts = np.cumsum([0, *(segment.size for segment in segments)])
        self._audiences: dict[str, Audience] = {}
        self._extents: dict[str, Extent] = {}

    @cached_property
    def records(self) -> npt.NDArray[np.void]:
        return np.concatenate([np.empty(0, schema.RECORD), *(segment.records for segment in self.segments)])

    @cached_property
    def topics(self) -> tuple[list[str], npt.NDArray[np.int32]]:
        """The slugs of all topics, and for each text which of them it has; slug 0 is none."""
        slugs = {"": 0}
        codes = [slugs.setdefault(slug, len(slugs)) for segment in self.segments for slug in segment.topics]
        return list(slugs), np.array(codes, np.int32)

    @property
    def size(self) -> int:
        return len(self.is_live)

    def audience(self, language: str) -> Audience:
        if language not in self._audiences:
            texts = self.is_live & ((self.records["shown_to"] & schema.language_bit(language)) != 0)
            names = list(LANGUAGES)
            languages = [names[code] for code in np.unique(self.records["language"][texts]) if code < len(names)]
            others = tuple(name for name in languages if name != language)
            self._audiences[language] = Audience(texts, others)
        return self._audiences[language]

    def extent(self, language: str) -> Extent:
        if language not in self._extents:
            own = self.is_live & (self.records["language"] == schema.language_code(language))
            lengths = self.records["lengths"].astype(np.float32)
            usual = np.array([_mean_of_filled(column) for column in lengths[own].T], np.float32)
            self._extents[language] = Extent(int(np.count_nonzero(own)), lengths / usual)
        return self._extents[language]

    def postings(self, field: str, term: str) -> Postings:
        """Where a term stands, in all segments; among them texts that are not live."""
        found = [
            (segment.postings(field, term), int(start))
            for segment, start in zip(self.segments, self._starts, strict=False)
        ]
        found = [(postings, start) for postings, start in found if len(postings.texts)]
        if not found:
            return NOWHERE
        if len(found) == 1 and not found[0][1]:
            return found[0][0]
        return Postings(
            np.concatenate([postings.texts + np.int32(start) for postings, start in found]),
            np.concatenate([postings.counts for postings, _ in found]),
        )

    def blocks(self, text: int) -> list[Block]:
        """What passages of a text are cut from."""
        place = int(np.searchsorted(self._starts, text, side="right")) - 1
        return self.segments[place].blocks(text - int(self._starts[place]))

    def vocabulary(self, language: str) -> Counter[str]:
        """The words of a language with the number of texts that hold them; deleted texts may still count."""
        total: Counter[str] = Counter()
        for segment in self.segments:
            total.update(segment.vocabulary(language))
        return total

    def words_beginning(self, prefix: str, language: str, most: int) -> list[str]:
        """The most common words of the texts that begin so."""
        found: Counter[str] = Counter()
        for segment in self.segments:
            found.update(segment.words_beginning(prefix, language))
        return [word for word, _ in found.most_common(most)]


def _mean_of_filled(lengths: Values) -> float:
    """The usual length of a part, of those texts that have it; 1 where none has."""
    filled = lengths[lengths > 0]
    return float(filled.mean()) if len(filled) else 1.0


class _Latest:
    """The snapshot that a process searches in: opened anew whenever the index on disk has moved on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None

    def get(self, path: Path) -> Snapshot:
        """The snapshot of the last commit. Raises IndexUnavailable when the files cannot be read."""
        with reading():
            for _ in range(_ATTEMPTS):
                known = self._snapshot
                if known is not None and known.path == path and known.commit == _last_commit(path):
                    return known
                # A commit removes the files of the one before: what was just read as the last may be gone already.
                with suppress(FileNotFoundError):
                    return self._open(path)
            return self._open(path)

    def _open(self, path: Path) -> Snapshot:
        # Not mapped into memory: a file cut short under a map would kill the process instead of raising.
        storage = FileStorage(str(path), supports_mmap=False)
        with self._lock:
            toc = TOC.read(storage, _INDEX_NAME)
            known = self._snapshot
            if known is not None and known.path == path and known.commit == toc.generation:
                return known
            open_already = {one.key: one for one in known.segments} if known and known.path == path else {}
            segments: list[Segment] = []
            live: list[Mask] = []
            for found in toc.segments:
                segment = open_already.get(str(found.segment_id()))
                segments.append(segment or Segment(SegmentReader(storage, toc.schema, found)))
                is_live = np.ones(segments[-1].size, np.bool_)
                is_live[list(found.deleted_docs())] = False
                live.append(is_live)
            mask = np.concatenate([np.empty(0, np.bool_), *live])
            self._snapshot = Snapshot(path, int(toc.generation), segments, mask)
            return self._snapshot

    def forget(self) -> None:
        """As in a process that has not searched yet."""
        self._snapshot = None


def _last_commit(path: Path) -> int:
    """The number of the last commit, from the name of its table of contents; -1 where there is none."""
    return max((int(found[1]) for name in os.listdir(path) if (found := _TOC.fullmatch(name))), default=-1)


latest = _Latest()
