"""The passage of a text that answers a query best, with the words that matched marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.search import analysis

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_LENGTH = 240
_FIRST_BLOCK = 1.5


@dataclass(frozen=True)
class Passage:
    """Pieces of plain text, each with whether it matched. Escaping is the template's work."""

    pieces: tuple[tuple[str, bool], ...]

    @property
    def plain(self) -> str:
        return "".join(text for text, _ in self.pieces)


def best_passage(blocks: Sequence[str], query_terms: Iterable[str], language: str, length: int = _LENGTH) -> Passage:
    """The run of sentences, about `length` characters, that holds most of the different query terms.

    A run never crosses from one block (the summary, a section) into the next; the first block is the answer in
    short: where it speaks of the question at all, it is preferred unless another says clearly more.
    """
    wanted = set(query_terms)
    best, best_score = "", -1.0
    for place, block in enumerate(blocks):
        sentences = [sentence.strip() for sentence in _SENTENCE_END.split(block) if sentence.strip()]
        found = [{token.term for token in analysis.tokens(sentence, language)} & wanted for sentence in sentences]
        for start in range(len(sentences)):
            end, terms = _run(sentences, found, start, length)
            score = len(terms) + 0.5 * len(found[start]) + (_FIRST_BLOCK if terms and place == 0 else 0.0)
            if score > best_score:
                best, best_score = " ".join(sentences[start:end]), score
    return mark(_shortened(best, length), wanted, language)


def _run(sentences: list[str], found: list[set[str]], start: int, length: int) -> tuple[int, set[str]]:
    """Where the run that begins at `start` ends, and the query terms that it holds."""
    terms: set[str] = set()
    used = 0
    for place in range(start, len(sentences)):
        if used and used + len(sentences[place]) > length:
            return place, terms
        terms |= found[place]
        used += len(sentences[place]) + 1
    return len(sentences), terms


def _shortened(text: str, length: int) -> str:
    if len(text) <= length + 60:
        return text
    return text[: length + 60].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def mark(text: str, query_terms: Iterable[str], language: str) -> Passage:
    """The whole text as pieces, with every word marked whose term is among the query's."""
    wanted = set(query_terms)
    pieces: list[tuple[str, bool]] = []
    position = 0
    for token in analysis.tokens(text, language):
        if token.term in wanted:
            pieces.append((text[position : token.start], False))
            pieces.append((text[token.start : token.end], True))
            position = token.end
    pieces.append((text[position:], False))
    return Passage(tuple(piece for piece in pieces if piece[0]))
