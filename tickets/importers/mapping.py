"""The mapping file: what the other system's words are called here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from tickets.importers.base import UnreadableImport
from tickets.models import Ticket

STATUSES = {
    "new": "new",
    "open": "open",
    "pending": "waiting_customer",
    "hold": "waiting_third_party",
    "on-hold": "waiting_third_party",
    "pending reminder": "waiting_third_party",
    "pending close": "waiting_customer",
    "solved": "solved",
    "closed": "closed",
    "merged": "closed",
    "waiting_customer": "waiting_customer",
    "waiting_third_party": "waiting_third_party",
}
PRIORITIES = {
    "low": "low", "normal": "normal", "high": "high", "urgent": "urgent",
    "1 low": "low", "2 normal": "normal", "3 high": "high",
}  # fmt: skip
TYPES = {
    "question": "question", "problem": "problem", "request": "request", "complaint": "complaint",
    "incident": "problem", "task": "request",
}  # fmt: skip
_LANGUAGES = {"no": "nb", "nn": "nb"}
_SECTIONS = ("statuses", "priorities", "types", "topics", "teams", "agents", "tags", "fields", "languages", "columns")
_WORDS = ("language", "status")


@dataclass(frozen=True)
class Mapping:
    """Each dictionary goes from the other system's word, in lower case, to ours; an empty value leaves it out."""

    statuses: dict[str, str] = field(default_factory=lambda: dict(STATUSES))
    priorities: dict[str, str] = field(default_factory=lambda: dict(PRIORITIES))
    types: dict[str, str] = field(default_factory=lambda: dict(TYPES))
    topics: dict[str, str] = field(default_factory=dict)
    teams: dict[str, str] = field(default_factory=dict)
    agents: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    language: str = ""
    """Of customers about whom nothing says theirs; by default the site's."""
    status: str = "closed"
    """Of cases about which nothing says one, as in a mailbox."""
    our_addresses: frozenset[str] = frozenset()
    """Who writes from these is one of us, besides the agents."""

    def language_for(self, locale: str) -> str:
        """A locale of the other system as one of our languages."""
        known = dict(settings.LANGUAGES)
        base = locale.lower().replace("_", "-").partition("-")[0]
        for found in (self.languages.get(locale.lower(), ""), _LANGUAGES.get(base, base), self.language):
            if found in known:
                return found
        return str(settings.LANGUAGE_CODE)


def read_mapping(path: Path | None) -> Mapping:
    """Reads a mapping file; without one, the defaults. Raises UnreadableImport, naming what is wrong."""
    if path is None:
        return Mapping()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UnreadableImport(f"The mapping {path} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise UnreadableImport(f"The mapping {path} has to hold sections such as `statuses:`.")
    known = (*_SECTIONS, *_WORDS, "our_addresses")
    if unknown := [str(name) for name in content if name not in known]:
        raise UnreadableImport(f"The mapping has no section {', '.join(unknown)}. There are: {', '.join(known)}.")
    values: dict[str, Any] = {name: _section(name, content[name]) for name in _SECTIONS if name in content}
    for name, defaults in (("statuses", STATUSES), ("priorities", PRIORITIES), ("types", TYPES)):
        values[name] = {**defaults, **values.get(name, {})}
    values |= {name: str(content[name]) for name in _WORDS if content.get(name)}
    values["our_addresses"] = frozenset(str(one).strip().lower() for one in content.get("our_addresses") or [])
    mapping = Mapping(**values)
    _check(mapping)
    return mapping


def _section(name: str, content: Any) -> dict[str, str]:
    if not isinstance(content, dict):
        raise UnreadableImport(f"`{name}` in the mapping has to be lines of the form `their word: ours`.")
    # A column is called by our word for it, everything else by theirs.
    return {
        str(key).strip().lower(): "" if value is None or value is False else str(value).strip()
        for key, value in content.items()
    }


def _check(mapping: Mapping) -> None:
    for name, allowed in (
        ("statuses", Ticket.Status.values),
        ("priorities", Ticket.Priority.values),
        ("types", Ticket.Type.values),
    ):
        for theirs, ours in getattr(mapping, name).items():
            if ours and ours not in allowed:
                raise UnreadableImport(f"`{name}`: “{theirs}” is mapped to “{ours}”. There are: {', '.join(allowed)}.")
    if mapping.status not in Ticket.Status.values:
        raise UnreadableImport(f"`status` is “{mapping.status}”. There are: {', '.join(Ticket.Status.values)}.")
    for language in (mapping.language, *mapping.languages.values()):
        if language and language not in dict(settings.LANGUAGES):
            raise UnreadableImport(f"“{language}” is not a language of this site.")
