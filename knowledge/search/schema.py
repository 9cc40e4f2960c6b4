"""What the index holds of a text.

For each language there is one field a way of matching (KINDS). In all of them a posting says how often the term stands
in each part of the text (PARTS), so that weights are chosen when searching, and one look into the index is enough
for a term.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from haystack.constants import DJANGO_CT, DJANGO_ID, ID
from whoosh import columns, fields, formats

from knowledge.search.languages import LANGUAGES
from knowledge.search.tuning import Weights

PARTS = Weights._fields

# The ways in which a word of a text can match a word of a query:
EXACT = "exact"  # the word itself, in whichever form
INSIDE = "inside"  # a part of it: "adress" in "leveransadress"
FOLDED = "folded"  # as it is written without å, ä, ö, æ, ø
PREFIX = "prefix"  # its beginning, for a word that is not yet finished
KINDS = (EXACT, INSIDE, FOLDED, PREFIX)

# What the index knows of each text without opening it. `shown_to` has a bit for each language (in the order of
# LANGUAGES) whose readers get this text of its article; `edited_at` is in microseconds since 1970; `lengths` counts the
# words of each part.
RECORD = np.dtype(
    [
        ("text_id", "<u4"),
        ("shown_to", "<u4"),
        ("edited_at", "<u8"),
        ("language", "u1"),
        ("lengths", "<u2", (len(PARTS),)),
    ]
)
_MOST_OFTEN = 255
_NO_LANGUAGE = 255


class PartCounts(formats.Format):
    """A posting's value: a byte for each part of the text."""

    posting_size = len(PARTS)


class CountedTerms(fields.FieldType):
    """A field whose value is given ready: each term with how often it stands in each part."""

    def __init__(self) -> None:
        super().__init__(format=PartCounts(), analyzer=None)

    def index(self, value: Mapping[str, Sequence[int]], **kwargs: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        for term, counts in value.items():
            yield term.encode(), 1, 1.0, bytes(min(count, _MOST_OFTEN) for count in counts)


def field(kind: str, language: str) -> str:
    """The field of a way of matching in a language."""
    return f"{kind}_{language}"


def words_field(language: str) -> str:
    """The field of the words as they are written, which spelling is checked against."""
    return f"words_{language}"


def schema() -> fields.Schema:
    known = fields.Schema(
        **{
            ID: fields.ID(unique=True),
            DJANGO_CT: fields.ID(),
            DJANGO_ID: fields.ID(),
            "record": fields.COLUMN(columns.FixedBytesColumn(RECORD.itemsize)),
            "topic": fields.COLUMN(columns.RefBytesColumn()),
            "blocks": fields.STORED(),
        }
    )
    for language in LANGUAGES:
        for kind in KINDS:
            known.add(field(kind, language), CountedTerms())
        known.add(words_field(language), fields.KEYWORD(scorable=False))
    return known


def language_code(language: str) -> int:
    """The number by which a record names its language; that of none for one that we do not have."""
    return list(LANGUAGES).index(language) if language in LANGUAGES else _NO_LANGUAGE


def language_bit(language: str) -> int:
    """The bit of a language in `shown_to`; 0 for one that we do not have."""
    return 1 << list(LANGUAGES).index(language) if language in LANGUAGES else 0
