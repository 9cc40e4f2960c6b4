"""The passage of a text that answers a query best, with the words that matched marked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.search import analysis

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_LENGTH = 240


@dataclass(frozen=True)
class Passage:
    """Pieces of plain text, each with whether it matched. Escaping is the template's work."""

    pieces: tuple[tuple[str, bool], ...]

    @property
    def plain(self) -> str:
        return "".join(text for text, _ in self.pieces)


def best_passage(text: str, query_terms: Iterable[str], language: str, length: int = _LENGTH) -> Passage:
    """The run of sentences, about `length` characters, that holds most of the different query terms."""
    wanted = set(query_terms)
    sentences = [sentence.strip() for sentence in _SENTENCE_END.split(text) if sentence.strip()]
    if not sentences:
        return Passage(())
    found = [{token.term for token in analysis.tokens(sentence, language)} & wanted for sentence in sentences]
    start = max(range(len(sentences)), key=lambda place: (_score(sentences, found, place, length), -place))
    chosen = ""
    for sentence in sentences[start:]:
        if chosen and len(chosen) + len(sentence) > length:
            break
        chosen = f"{chosen} {sentence}".strip()
    return mark(_shortened(chosen, length), wanted, language)


def _score(sentences: list[str], found: list[set[str]], start: int, length: int) -> float:
    seen: set[str] = set()
    used = 0
    for place in range(start, len(sentences)):
        if used and used + len(sentences[place]) > length:
            break
        seen |= found[place]
        used += len(sentences[place])
    return len(seen) + 0.5 * len(found[start])


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
