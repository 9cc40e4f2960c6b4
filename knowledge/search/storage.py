"""Where the index lies on disk: generations side by side, and a pointer to the one that is searched.

A rebuild fills a new generation and then moves the pointer, so that no search ever meets half an index.
"""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

_POINTER = "CURRENT"


class IndexStore:
    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def current(self) -> Path | None:
        """The generation that searches read; None before the first build."""
        try:
            name = (self.root / _POINTER).read_text().strip()
        except OSError:
            return None
        path = self.root / name
        return path if name and path.is_dir() else None

    def new_generation(self) -> Path:
        path = self.root / f"generation-{uuid.uuid4().hex[:12]}"
        path.mkdir(parents=True)
        return path

    def promote(self, generation: Path) -> None:
        """Makes a generation the searched one, in one step that cannot be half done."""
        temporary = self.root / f"{_POINTER}.{uuid.uuid4().hex[:8]}"
        temporary.write_text(generation.name)
        os.replace(temporary, self.root / _POINTER)

    def prune(self, keep: int = 2) -> None:
        """Removes old generations; the one before the current stays for searches that still read it."""
        current = self.current()
        others = sorted(
            (path for path in self.root.glob("generation-*") if path != current),
            key=lambda path: path.stat().st_mtime,
            reverse=True,
        )
        for path in others[keep - 1 :]:
            shutil.rmtree(path, ignore_errors=True)
