"""The words that the published texts of a site use, with how often: what spelling and compounds are judged by.

A small file a language beside the index. The writer of the index keeps it; readers see a new one at once.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from django.conf import settings

logger = logging.getLogger(__name__)

_NOTHING: Mapping[str, int] = MappingProxyType({})
_read: dict[Path, tuple[int, Mapping[str, int]]] = {}


def known(language: str) -> Mapping[str, int]:
    """Every word (lower case) with how often it stands in the texts; empty before the first index."""
    path = _path(language)
    stamp = _stamp(path)
    if not stamp:
        return _NOTHING
    found = _read.get(path)
    if found is None or found[0] != stamp:
        found = _read[path] = stamp, MappingProxyType(_from_disk(path))
    return found[1]


def version(language: str) -> int:
    """Changes whenever the words change; 0 where there are none."""
    return _stamp(_path(language))


def replace(language: str, counts: Mapping[str, int]) -> None:
    """Makes these the words of the language."""
    path = _path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}")
    temporary.write_text(json.dumps(dict(counts), ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    temporary.replace(path)


def remember(language: str, words: Iterable[str]) -> None:
    """Adds the words of a published text that are new to the language. For one writer at a time.

    What else has changed (more of a known word, words of withdrawn texts) waits for `replace`: every change makes
    all processes analyse their words anew.
    """
    before = known(language)
    new = {word: count for word, count in Counter(words).items() if word not in before}
    if new:
        replace(language, {**before, **new})


def folder() -> Path:
    return Path(str(settings.HAYSTACK_CONNECTIONS["default"]["PATH"]))


def _path(language: str) -> Path:
    return folder() / f"vocabulary-{language}.json"


def _stamp(path: Path) -> int:
    try:
        status = path.stat()
    except OSError:
        return 0
    return status.st_mtime_ns ^ (status.st_ino << 1)


def _from_disk(path: Path) -> dict[str, int]:
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        logger.warning("%s cannot be read; searches do without the site's own words. %s", path, error)
        return {}
    return words if isinstance(words, dict) else {}
