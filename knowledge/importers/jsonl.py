"""JSON lines: one object a line with id, title, body, language, and topic and phrasings if wanted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from knowledge.importers.base import ArticleRow, Refused


def read_jsonl(path: Path, default_language: str) -> Iterator[ArticleRow | Refused]:
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    for file in files:
        for number, line in enumerate(file.read_bytes().splitlines(), start=1):
            if line.strip():
                yield _row(f"{file.name}:{number}", line, default_language)


def _row(where: str, line: bytes, default_language: str) -> ArticleRow | Refused:
    try:
        data = json.loads(line)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        return Refused(where, f"not JSON: {error}")
    if not isinstance(data, dict):
        return Refused(where, "not a JSON object")
    phrasings = data.get("phrasings") or []
    if not isinstance(phrasings, list):
        return Refused(where, "phrasings must be a list")
    return ArticleRow(
        where=where,
        key=str(data.get("id") or ""),
        title=str(data.get("title") or ""),
        body=str(data.get("body") or ""),
        language=str(data.get("language") or default_language),
        topic=str(data.get("topic") or ""),
        slug=str(data.get("slug") or ""),
        summary=str(data.get("summary") or ""),
        phrasings=[str(text) for text in phrasings],
    )
