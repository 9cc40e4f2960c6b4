"""What changed between two texts, by line and, inside a changed line, by word. Plain data; templates escape it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

CONTEXT_LINES = 3
# Lines that share less than this are shown as one removed and one added, not as a mosaic of words.
_ALIKE = 0.3
# Beyond this many words the comparison inside a line would cost more than it shows.
_MAX_WORDS = 1500
_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    text: str
    is_changed: bool = False


@dataclass(frozen=True)
class Line:
    """`kind` is "same", "removed", "added", or "gap" for unchanged lines that are left out (`count` of them)."""

    kind: str
    pieces: tuple[Piece, ...] = ()
    count: int = 0


def compare(old: str, new: str) -> list[Line]:
    """The changed lines with some unchanged ones around them; empty when the texts are the same."""
    before, after = old.splitlines(), new.splitlines()
    lines: list[Line] = []
    done = 0
    for group in SequenceMatcher(None, before, after).get_grouped_opcodes(CONTEXT_LINES):
        if before == after:
            break
        if group[0][1] > done:
            lines.append(Line("gap", count=group[0][1] - done))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                lines.extend(Line("same", (Piece(text),)) for text in before[i1:i2])
            else:
                lines.extend(_changed(before[i1:i2], after[j1:j2]))
        done = group[-1][2]
    if lines and done < len(before):
        lines.append(Line("gap", count=len(before) - done))
    return lines


def _changed(before: list[str], after: list[str]) -> Iterator[Line]:
    for old, new in zip_longest(before, after):
        removed, added = _by_word(old, new) if old and new else (_whole(old), _whole(new))
        if old is not None:
            yield Line("removed", removed)
        if new is not None:
            yield Line("added", added)


def _whole(text: str | None) -> tuple[Piece, ...]:
    return (Piece(text, is_changed=True),) if text else ()


def _by_word(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if max(len(before), len(after)) > _MAX_WORDS or matcher.ratio() < _ALIKE:
        return _whole(old), _whole(new)
    removed: list[Piece] = []
    added: list[Piece] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        is_changed = tag != "equal"
        if i2 > i1:
            removed.append(Piece("".join(before[i1:i2]), is_changed))
        if j2 > j1:
            added.append(Piece("".join(after[j1:j2]), is_changed))
    return tuple(removed), tuple(added)
