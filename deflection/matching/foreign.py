"""Questions that belong to no article of a help center: what calibration learns from when to keep silent.

They are grouped by field (small talk, cooking, a bank, a garage, ...), because a site of that very field may well
answer some of them: whoever learns from them can leave out a field that fits the site too well.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "foreign"
_HEADING = "# "


@cache
def foreign_fields(language: str) -> dict[str, tuple[str, ...]]:
    """The questions of a language by field; empty for a language that has none."""
    path = _FOLDER / f"{language}.txt"
    found: dict[str, list[str]] = {}
    field = ""
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        if line.startswith(_HEADING):
            field = line.removeprefix(_HEADING).strip()
        elif line.strip():
            found.setdefault(field, []).append(line.strip())
    return {name: tuple(questions) for name, questions in found.items()}


@cache
def foreign_questions(language: str) -> tuple[str, ...]:
    """All questions of a language, in the order of the file."""
    return tuple(question for questions in foreign_fields(language).values() for question in questions)
