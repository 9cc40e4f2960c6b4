"""What every import format turns its input into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class ArticleRow:
    """One article text to import. `where` says for people which file or line it came from."""

    where: str
    key: str
    title: str
    body: str
    language: str
    topic: str = ""
    slug: str = ""
    summary: str = ""
    is_draft: bool = False
    phrasings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Refused:
    """A row that cannot be taken, and why, in a sentence."""

    where: str
    reason: str


class Reader(Protocol):
    def __call__(self, path: Path, default_language: str) -> Iterator[ArticleRow | Refused]: ...
