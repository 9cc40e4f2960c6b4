"""The passage of a text that answers a query best, with the words that matched marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from knowledge.search import analysis
from knowledge.search.analysis import Token
from knowledge.search.languages import LANGUAGES

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_LENGTH = 240
_FIRST_BLOCK = 1.5
_HEADING = 0.5
_BEGINNING = 0.5


@dataclass(frozen=True)
class Passage:
    """Pieces of plain text, each with whether it matched. Escaping is the template's work."""

    pieces: tuple[tuple[str, bool], ...]

    @property
    def plain(self) -> str:
        return "".join(text for text, _ in self.pieces)


@dataclass(frozen=True)
class Wanted:
    """What is to be marked: words with any of these terms, and words that begin with what is being typed."""

    terms: frozenset[str]
    prefix: str = ""

    def holds(self, token: Token) -> bool:
        if token.term in self.terms or any(part in self.terms for part in token.parts):
            return True
        # A term with Nordic letters never equals a folded one, so only what was typed plainly is found this way.
        if analysis.fold(token.term) in self.terms:
            return True
        return bool(self.prefix) and (
            token.word.startswith(self.prefix) or analysis.fold(token.word).startswith(self.prefix)
        )

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        return frozenset(analysis.fold(term)[:2] for term in self.terms)

    def may_hold(self, word: str) -> bool:
        """Whether it is worth finding out what a word (lower case) is made of, which takes a while for a new one.

        Stems, dictionary forms and parts of compounds begin like the words that they come from, but for the folds
        (`lemmas.py` and `compounds.py` see to it in languages with compounds).
        """
        folded = analysis.fold(word)
        if any(beginning in folded for beginning in self._beginnings):
            return True
        return bool(self.prefix) and (word.startswith(self.prefix) or folded.startswith(self.prefix))

    def among(self, keys: str) -> set[str]:
        """What of it a sentence holds, told by the sentence's keys (see `keys_of`)."""
        found = set(self.terms.intersection(keys.split()))
        if self.prefix and f" {self.prefix}" in keys:
            found.add(self.prefix)
        return found


@dataclass(frozen=True)
class Block:
    """A piece of a text that a passage may be cut from: its sentences with their keys, under a heading if any.

    It is kept in the index in this form, so that showing results needs neither Markdown nor analysis.
    """

    anchor: str
    heading: str
    heading_keys: str
    sentences: tuple[tuple[str, str], ...]

    @property
    def stored(self) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
        return self.anchor, self.heading, self.heading_keys, self.sentences


def sentences_of(text: str, language: str) -> Iterator[tuple[str, list[Token]]]:
    """The sentences and lines of a text with their words."""
    for sentence in _SENTENCE_END.split(text):
        if sentence := sentence.strip():
            yield sentence, list(analysis.tokens(sentence, language))


def keys_of(tokens: Iterable[Token]) -> str:
    """All that a sentence can be found by, as one string with a space before and after each: terms, parts, folds."""
    found: dict[str, None] = {}
    for token in tokens:
        found[token.term] = None
        found[analysis.fold(token.term)] = None
        found.update(dict.fromkeys(token.parts))
    return f" {' '.join(found)} "


def block_of(text: str, language: str, *, anchor: str = "", heading: str = "") -> Block:
    sentences = tuple((sentence, keys_of(tokens)) for sentence, tokens in sentences_of(text, language))
    return Block(anchor, heading, keys_of(analysis.tokens(heading, language)), sentences)


def best_passage(blocks: Sequence[str], query_terms: Iterable[str], language: str, length: int = _LENGTH) -> Passage:
    """The run of sentences, about `length` characters, that holds most of the different query terms.

    A run never crosses from one block (the summary, a section) into the next; the first block is the answer in
    short: where it speaks of the question at all, it is preferred unless another says clearly more.
    """
    wanted = Wanted(frozenset(query_terms))
    text, _ = best_run([block_of(block, language) for block in blocks], wanted, length)
    return mark(text, wanted, language)


def best_run(blocks: Sequence[Block], wanted: Wanted, length: int = _LENGTH) -> tuple[str, Block | None]:
    """The text of the best passage (see `best_passage`), not yet marked, and the block that it lies in."""
    best, best_block, best_score = "", None, -1.0
    for place, block in enumerate(blocks):
        found = [wanted.among(keys) for _, keys in block.sentences]
        above = wanted.among(block.heading_keys) if block.heading else set()
        for start in range(len(found)):
            end, terms = _run(block.sentences, found, start, length)
            score = len(terms) + _BEGINNING * len(found[start]) + _HEADING * len(above - terms)
            score += _FIRST_BLOCK if terms and place == 0 else 0.0
            if score > best_score:
                best = " ".join(sentence for sentence, _ in block.sentences[start:end])
                best_block, best_score = block, score
    return _shortened(best, length), best_block


def _run(sentences: Sequence[tuple[str, str]], found: list[set[str]], start: int, length: int) -> tuple[int, set[str]]:
    """Where the run that begins at `start` ends, and what of the query it holds."""
    terms: set[str] = set()
    used = 0
    for place in range(start, len(sentences)):
        size = len(sentences[place][0])
        if used and used + size > length:
            return place, terms
        terms |= found[place]
        used += size + 1
    return len(sentences), terms


def _shortened(text: str, length: int) -> str:
    if len(text) <= length + 60:
        return text
    return text[: length + 60].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def mark(text: str, wanted: Wanted | Iterable[str], language: str) -> Passage:
    """The whole text as pieces, with every word marked that is wanted."""
    if not isinstance(wanted, Wanted):
        wanted = Wanted(frozenset(wanted))
    pieces: list[tuple[str, bool]] = []
    position = 0
    known = LANGUAGES.get(language)
    worth = wanted.may_hold if known is not None and known.links else None
    for token in analysis.tokens(text, language, worth):
        if wanted.holds(token):
            pieces.append((text[position : token.start], False))
            pieces.append((text[token.start : token.end], True))
            position = token.end
    pieces.append((text[position:], False))
    return Passage(tuple(piece for piece in pieces if piece[0]))
