"""Reading what agents type into the search box of the desk: words, phrases and operators as in mail programs.

No text is wrong. An operator that is not known, or that is asked for something that makes no sense, is taken as the
words that it is made of, and `Question.hints` says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.search.analysis import clean

MOST_CHARACTERS = 200
_MOST_TERMS = 16
_TERM = re.compile(r'(?P<minus>-)?(?:(?P<operator>[A-Za-z]{2,10}):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
# "+46 70-123 45 67", "08 555 12 34": one number, not several.
_PHONE = re.compile(r'(?<![\w":+-])(?:\+|0)\d{0,4}(?:[ \u00a0()/.-]{1,2}\d{1,4}){2,6}(?![\w"-])')
_OR = ("OR", "|")
OPERATORS = (
    "from", "to", "assignee", "subject", "tag", "status", "is", "topic", "team", "channel", "priority", "type",
    "language", "lang", "before", "after", "older", "newer", "has", "file",
)  # fmt: skip


@dataclass(frozen=True)
class Term:
    """One thing that a case must have, or with `is_negated` must not. Without `operator` it is a word or a phrase."""

    text: str
    operator: str = ""
    is_phrase: bool = False
    is_negated: bool = False

    @property
    def as_words(self) -> Term:
        """The same without its operator, for one that makes no sense."""
        return Term(f"{self.operator} {self.text}", "", True, self.is_negated)


@dataclass(frozen=True)
class Question:
    groups: tuple[tuple[Term, ...], ...]
    """Of each group a case must have one."""
    unknown: tuple[str, ...] = ()
    """What stands where an operator would, and is none: "re" of "re:order". Found as words or not at all."""


def read(text: str) -> Question:
    groups: list[list[Term]] = []
    unknown: list[str] = []
    joins = False
    for match in _TERM.finditer(_PHONE.sub(r'"\g<0>"', clean(text)[:MOST_CHARACTERS])):
        if match[0] in _OR:
            joins = bool(groups)
            continue
        term = _term(match)
        if term is None:
            continue
        if joins:
            groups[-1].append(term)
        else:
            groups.append([term])
        joins = False
        if match["operator"] and not term.operator:
            unknown.append(match["operator"].lower())
    return Question(tuple(tuple(group) for group in groups[:_MOST_TERMS]), tuple(dict.fromkeys(unknown)))


def _term(match: re.Match[str]) -> Term | None:
    operator = (match["operator"] or "").lower()
    is_phrase = match["phrase"] is not None
    text = (match["phrase"] if is_phrase else match["word"]).strip()
    if operator and operator not in OPERATORS:
        # "https://…", "Re:", "12:30": no operator, only words with a colon in them.
        text, operator, is_phrase = f"{operator} {text}", "", True
    return Term(text, operator, is_phrase, bool(match["minus"])) if text else None
