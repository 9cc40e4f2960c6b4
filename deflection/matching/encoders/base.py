"""What an encoder is: it turns a text into a vector, so that texts of like meaning lie close together."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Kind = Literal["question", "passage"]
Vectors = NDArray[np.float32]

# Characters beyond these are not read. A customer's question says what it is about early.
MOST_CHARACTERS: dict[Kind, int] = {"question": 800, "passage": 2000}
# Tokens beyond these are not read; 60 Swedish words are about 100. Time grows with them, 0.15 to 0.2 ms each.
MOST_TOKENS: dict[Kind, int] = {"question": 96, "passage": 256}
# What the makers of the e5 models put before each text.
E5_PREFIXES: dict[Kind, str] = {"question": "query: ", "passage": "passage: "}


class EncoderError(Exception):
    """The encoder cannot be had; the sentence says why, for the log."""


class Encoder(Protocol):
    """Sentence embeddings. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """Another name as soon as the vectors would be others."""

    @property
    def dimensions(self) -> int:
        """The length of a vector."""

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """One row a text, of length 1; zeros for a text without words. A row never depends on the other texts."""


def readable(text: str, kind: Kind) -> str:
    """The part of a text that is read, on one line, with letters and accents put together.

    C engines stop at a NUL, and half a surrogate pair has no UTF-8. The tokenisers here expect "å" as one character.
    """
    most = MOST_CHARACTERS[kind]
    # Blanks and accents may vanish below, so more than `most` is taken first; the bound is for the time it takes.
    text = text[: 4 * most].replace("\0", " ").encode("utf-8", "ignore").decode("utf-8")
    return " ".join(unicodedata.normalize("NFC", text).split())[:most].rstrip()


def normalised(rows: Vectors) -> Vectors:
    """Rows of length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0), dtype=np.float32)
