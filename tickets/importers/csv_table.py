"""A table of comma-separated values: one row a case, or one a message where several rows have the same ID.

The mapping's `columns` says which of its columns holds what; without it they are called by our words.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from tickets.importers.base import ImportedCase, ImportedMessage, Kind, LeftOut, Person, UnreadableImport, moment
from tickets.importers.mapping import Mapping

_COLUMNS = (
    "id", "subject", "email", "name", "body", "status", "priority", "type", "group", "assignee", "tags", "language",
    "created_at", "updated_at", "author", "internal",
)  # fmt: skip
_NEEDED = ("id", "email", "body", "created_at")
_YES = ("1", "true", "yes", "x", "internal", "private")
_LARGEST_FIELD = 10_000_000

Row = dict[str, str]


def read_csv(path: Path, mapping: Mapping) -> Iterator[ImportedCase | LeftOut]:
    cases: dict[str, list[tuple[int, Row]]] = {}
    for line, row in _rows(path, mapping):
        if row["id"]:
            cases.setdefault(row["id"], []).append((line, row))
        else:
            yield LeftOut(f"line {line}", "It has no ID.")
    for rows in cases.values():
        yield _case(rows, mapping)


def _rows(path: Path, mapping: Mapping) -> Iterator[tuple[int, Row]]:
    csv.field_size_limit(_LARGEST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            table = csv.DictReader(file, delimiter=";" if head.count(";") > head.count(",") else ",")
            there = {(name or "").strip().lower(): name for name in table.fieldnames or []}
            column = {ours: there.get(mapping.columns.get(ours, ours).lower()) for ours in _COLUMNS}
            if missing := [ours for ours in _NEEDED if column[ours] is None]:
                raise UnreadableImport(
                    f"{path} has no column for {', '.join(missing)}. Name them in the mapping under `columns`."
                )
            own = {theirs: there[theirs] for theirs in mapping.fields if theirs in there}
            for row in table:
                read = {ours: str(row.get(name) or "").strip() if name else "" for ours, name in column.items()}
                yield table.line_num, read | {f"field:{key}": str(row.get(name) or "") for key, name in own.items()}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableImport(f"{path} cannot be read as a table in UTF-8: {error}") from error


def _case(rows: list[tuple[int, Row]], mapping: Mapping) -> ImportedCase | LeftOut:
    line, first = rows[0]
    where = f"line {line} ({first['id']})"
    try:
        return ImportedCase(
            where=where,
            external_id=first["id"],
            customer=Person(first["email"], first["name"], locale=first["language"]),
            created_at=moment(first["created_at"]),
            updated_at=max(moment(row["updated_at"] or row["created_at"]) for _line, row in rows),
            messages=tuple(_message(row, first, number) for number, (_line, row) in enumerate(rows, 1)),
            subject=first["subject"],
            status=_last(rows, "status"),
            priority=_last(rows, "priority"),
            type=_last(rows, "type"),
            group=_last(rows, "group"),
            assignee=Person(_last(rows, "assignee")),
            tags=tuple(tag.strip() for tag in first["tags"].replace(";", ",").split(",") if tag.strip()),
            fields={name.removeprefix("field:"): value for name, value in first.items() if name.startswith("field:")},
        )
    except ValueError as error:
        return LeftOut(where, f"It cannot be read: {error}")


def _last(rows: list[tuple[int, Row]], name: str) -> str:
    """What the latest row says that says something."""
    return next((row[name] for _line, row in reversed(rows) if row[name]), "")


def _message(row: Row, first: Row, number: int) -> ImportedMessage:
    author = row["author"] or first["email"]
    kind = Kind.INBOUND if author.lower() == first["email"].lower() else Kind.OUTBOUND
    return ImportedMessage(
        external_id=f"{first['id']}-{number}",
        kind=str(Kind.NOTE if row["internal"].lower() in _YES else kind),
        author=Person(author, first["name"] if kind == Kind.INBOUND else ""),
        body=row["body"],
        at=moment(row["created_at"]),
    )
