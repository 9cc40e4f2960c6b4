"""Where the index lies on disk: generations side by side, a pointer to the one that is searched, and two locks.

A rebuild fills a new generation and then moves the pointer, so that no search ever meets half an index. The locks
belong to open files: the kernel frees them in the instant in which their holder dies, so none is ever stuck.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POINTER = "CURRENT"
_FORMER = "FORMER"
_NAME = re.compile(r"generation-(?P<fingerprint>[0-9a-z]+)-[0-9a-f]{12}")


class IndexBusy(Exception):
    """Somebody else is writing. What was to be written is still noted in the database: try again later."""


class IndexStore:
    """The folder of an index. `fingerprint` tells generations that other code made, which nobody may search."""

    def __init__(self, root: Path | str, fingerprint: str = "0") -> None:
        self.root = Path(root)
        self.fingerprint = fingerprint

    def current(self) -> Path | None:
        """The generation that searches read; None where there is none that this code can read."""
        name = self._pointed_at(_POINTER)
        if name is None or self.is_foreign():
            return None
        path = self.root / name[0]
        return path if path.is_dir() else None

    def is_foreign(self) -> bool:
        """Whether the index was made by another version of the code than this one."""
        name = self._pointed_at(_POINTER)
        return name is not None and name["fingerprint"] != self.fingerprint

    def why_unusable(self) -> str:
        """Why `current` is None, in a sentence for operators."""
        if self._pointed_at(_POINTER) is None:
            return "There is no index."
        if self.is_foreign():
            return "The index was made by another version."
        return "The folder of the index is gone."

    def _pointed_at(self, pointer: str) -> re.Match[str] | None:
        try:
            return _NAME.fullmatch((self.root / pointer).read_bytes().decode("ascii", "replace").strip())
        except OSError:
            return None

    def age(self) -> float:
        """Seconds since the current generation was put in place; infinite where there is none."""
        try:
            return max(0.0, time.time() - (self.root / _POINTER).stat().st_mtime)
        except OSError:
            return float("inf")

    def new_generation(self) -> Path:
        path = self.root / f"generation-{self.fingerprint}-{uuid.uuid4().hex[:12]}"
        path.mkdir(parents=True)
        return path

    def promote(self, generation: Path) -> None:
        """Makes a generation the searched one, in one step that cannot be half done, nor be lost in a power cut."""
        for path in (*generation.rglob("*"), generation):
            _force_to_disk(path)
        if former := self._pointed_at(_POINTER):
            self._point(_FORMER, former[0])
        self._point(_POINTER, generation.name)

    def _point(self, pointer: str, name: str) -> None:
        temporary = self.root / f"{pointer}.{uuid.uuid4().hex[:8]}"
        temporary.write_text(name)
        _force_to_disk(temporary)
        os.replace(temporary, self.root / pointer)
        _force_to_disk(self.root)

    def prune(self) -> None:
        """Removes old generations and what dead processes left half built. Only for whoever holds `rebuilding`.

        The one before the current stays for searches that have read the pointer and not yet opened the files.
        """
        kept = {name[0] for pointer in (_POINTER, _FORMER) if (name := self._pointed_at(pointer))}
        for path in self.root.glob("generation-*"):
            if path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)
        for pointer in (_POINTER, _FORMER):
            for path in self.root.glob(f"{pointer}.*"):
                path.unlink(missing_ok=True)

    @contextmanager
    def writing(self, patience: float) -> Iterator[None]:
        """The right to change the current generation or to put another in its place.

        Raises IndexBusy when somebody else keeps it for longer than `patience` seconds.
        """
        with self._lock("write.lock", patience):
            yield

    @contextmanager
    def rebuilding(self, patience: float) -> Iterator[None]:
        """The right to build a generation beside the current one; may be held together with `writing`."""
        with self._lock("rebuild.lock", patience):
            yield

    @contextmanager
    def _lock(self, name: str, patience: float) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.root / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            deadline = time.monotonic() + patience
            while not _taken(descriptor):
                if time.monotonic() >= deadline:
                    raise IndexBusy(f"{self.root / name} is held by another process.")
                time.sleep(0.05)
            yield
        finally:
            os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        # Not a record lock: those do not keep threads of one process apart.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _force_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
