"""Word lists on disk: made once from the installed word data, then mapped into memory, shared by all processes.

The lists as their packages hold them would cost each process 300 MB. A trie file of what is needed costs one or two.
"""

from __future__ import annotations

import importlib
import logging
import subprocess
import sys
import threading
import uuid
from contextlib import suppress
from pathlib import Path

import marisa_trie
from django.conf import settings

logger = logging.getLogger(__name__)

_building = threading.Lock()


def load(kind: str, language: str, made_of: str) -> marisa_trie.BytesTrie:
    """The list of this kind, the name of the module next to this one whose `rows(language)` gives words with values.

    Where there is no file yet this takes some seconds. `made_of` tells one version of the data from another. Where
    no file can be written, the list is kept in memory.
    """
    path = _folder() / f"{language}-{kind}-{made_of}.trie"
    with _building:
        found = _mapped(path)
        if found is None:
            _write(path, kind, language)
            found = _mapped(path)
        return found if found is not None else _made(kind, language)


def are_there() -> bool:
    """Whether any list has been made yet."""
    return any(_folder().glob("*.trie"))


def _folder() -> Path:
    return Path(settings.WORD_FILES)


def _mapped(path: Path) -> marisa_trie.BytesTrie | None:
    if not path.is_file():
        return None
    try:
        return marisa_trie.BytesTrie().mmap(str(path))
    except (OSError, RuntimeError) as error:
        logger.warning("%s cannot be read and is made anew: %s", path, error)
        return None


def _write(path: Path, kind: str, language: str) -> None:
    """Makes the file in a process of its own: the data takes 300 MB, which this one would not get rid of again."""
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}")
    command = [sys.executable, "-m", __name__, kind, language, str(temporary)]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(command, cwd=settings.BASE_DIR, check=True, capture_output=True)  # noqa: S603 - our own words
        temporary.replace(path)
    except (OSError, subprocess.CalledProcessError) as error:
        with suppress(OSError):
            temporary.unlink()
        logger.warning("%s cannot be made, so each process keeps these words in its own memory: %s", path, error)
        return
    for other in path.parent.glob(f"{language}-{kind}-*.trie"):
        if other != path:
            other.unlink(missing_ok=True)


def _made(kind: str, language: str) -> marisa_trie.BytesTrie:
    return marisa_trie.BytesTrie(importlib.import_module(f"knowledge.search.{kind}").rows(language))


if __name__ == "__main__":
    _made(sys.argv[1], sys.argv[2]).save(sys.argv[3])
