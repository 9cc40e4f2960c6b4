"""What every import format turns its input into: cases as another system had them, its own words still in place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from django.utils.dateparse import parse_datetime

from tickets.models import Message

if TYPE_CHECKING:
    from tickets.importers.mapping import Mapping

Kind = Message.Kind
_YEARS = range(1970, 2200)


class UnreadableImport(Exception):
    """The whole input cannot be read; `str()` says why, for whoever started the import."""


@dataclass(frozen=True)
class Person:
    email: str = ""
    name: str = ""
    external_id: str = ""
    """What the other system calls them; with it somebody without an address is known again."""
    locale: str = ""


@dataclass(frozen=True)
class ImportedFile:
    """A file of the dump: on disk, or (in a mail) in memory. One that the dump only names has neither."""

    name: str
    path: Path | None = None
    data: bytes | None = None


@dataclass(frozen=True)
class ImportedMessage:
    external_id: str
    kind: str
    author: Person
    body: str
    at: datetime
    files: tuple[ImportedFile, ...] = ()


@dataclass(frozen=True)
class ImportedCase:
    """`status`, `priority`, `type`, `group` and `fields` are in the other system's words."""

    where: str
    external_id: str
    customer: Person
    created_at: datetime
    updated_at: datetime
    messages: tuple[ImportedMessage, ...]
    subject: str = ""
    status: str = ""
    priority: str = ""
    type: str = ""
    group: str = ""
    channel: str = ""
    assignee: Person = Person()
    tags: tuple[str, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    """IDs of messages that it goes on from: where one of them was brought in before, this belongs to its case."""


@dataclass(frozen=True)
class LeftOut:
    """A case that is not imported, and why, in a sentence. `where` says for people which one."""

    where: str
    reason: str

    @classmethod
    def unreadable(cls, where: str, error: Exception) -> LeftOut:
        """What a record that is not built as it should be is told by."""
        if isinstance(error, KeyError):
            return cls(where, f"It cannot be read: {error} is missing")
        if isinstance(error, ValueError):
            return cls(where, f"It cannot be read: {error}")
        return cls(where, "It cannot be read: it is not built as in an export.")


class Reader(Protocol):
    def __call__(self, path: Path, mapping: Mapping) -> Iterator[ImportedCase | LeftOut]: ...


def moment(value: Any) -> datetime:
    """A time as dumps write it; without a zone it is UTC. Raises ValueError for what is none."""
    at = parse_datetime(str(value or "").strip())
    if at is None:
        raise ValueError(f"“{value}” is not a time")
    return checked_moment(at if at.tzinfo else at.replace(tzinfo=UTC))


def checked_moment(at: datetime) -> datetime:
    """The same time. Raises ValueError for one at which nothing was written: near the ends of the calendar it could
    not even be shown in another zone."""
    if at.year not in _YEARS:
        raise ValueError(f"{at:%Y-%m-%d} cannot be right")
    return at


def records(path: Path, *keys: str) -> Iterator[dict[str, Any]]:
    """The objects of a JSON file: a list, an object that holds the list under one of the keys, or one object a line.

    One object a line is read line by line, however long the file. Raises UnreadableImport.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            has_one_a_line = _is_record(file.readline())
            file.seek(0)
            found: Iterable[Any] = (
                (json.loads(line) for line in file if line.strip())
                if has_one_a_line
                else _listed(json.load(file), keys)
            )
            for record in found:
                if isinstance(record, dict):
                    yield record
    except (OSError, ValueError, RecursionError) as error:
        raise UnreadableImport(f"{path} is not JSON that can be read: {error}") from error


def lists_in(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The lists of an object that holds a whole dump; nothing for a file of any other shape."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            if _is_record(file.readline()):
                return {}
            file.seek(0)
            content = json.load(file)
    except (OSError, ValueError, RecursionError) as error:
        raise UnreadableImport(f"{path} is not JSON that can be read: {error}") from error
    if not isinstance(content, dict):
        return {}
    return {
        str(name): [one for one in found if isinstance(one, dict)]
        for name, found in content.items()
        if isinstance(found, list)
    }


def _is_record(line: str) -> bool:
    """Whether a line is a record of its own, so that the file has one a line."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "id" in found


def _listed(content: Any, keys: tuple[str, ...]) -> list[Any]:
    if isinstance(content, dict):
        content = next((content[key] for key in keys if isinstance(content.get(key), list)), [])
    return content if isinstance(content, list) else []


def files_named(path: Path, *stems: str) -> list[Path]:
    """The JSON files of a folder that are called so: `tickets.json`, `tickets-2.ndjson`; a file is its own folder."""
    if path.is_file():
        return [path]
    found = [one for one in sorted(path.iterdir()) if one.suffix in (".json", ".jsonl", ".ndjson")]
    return [one for one in found if any(one.stem == stem or one.stem.startswith(f"{stem}-") for stem in stems)]


def file_of_dump(path: Path, external_id: str, name: str) -> ImportedFile:
    """A file where dumps keep them: `attachments/<ID>/<name>`, `attachments/<ID>` or `attachments/<name>`.

    Nothing outside that folder is ever read, whatever a dump calls its files.
    """
    folder = (path if path.is_dir() else path.parent) / "attachments"
    plain = name.replace("\\", "/").rsplit("/", 1)[-1]
    for place in (folder / external_id / plain, folder / external_id, folder / plain):
        try:
            real = place.resolve()
            is_there = real.is_relative_to(folder.resolve()) and real.is_file()
        except (OSError, ValueError):
            # A name that no file can have: too long, or with a NUL in it.
            continue
        if is_there:
            return ImportedFile(plain, real)
    return ImportedFile(plain)
