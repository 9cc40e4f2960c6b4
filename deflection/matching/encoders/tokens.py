"""Cutting a text into the pieces that a model knows: the most probable cut under a unigram model.

T. Kudo: Subword Regularization (2018), section 3.2; here the one best cut, found by dynamic programming, word by word,
because no piece of this model goes beyond a blank.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import marisa_trie
import numpy as np
from numpy.typing import NDArray

from deflection.matching.encoders.packed import PackedModel

# Stands for the blank before a word.
_BLANK = "\u2581"
# A character that no piece has costs this much more than the rarest piece.
_UNKNOWN_COST = 10.0
_REMEMBERED_WORDS = 4096
_PIECES, _TABLE = "pieces.trie", "pieces.npy"
# Under the first ids stand the marks of begin, end, padding and unknown. Nobody can write them.
_MARKS = 4


class PieceTable:
    """The pieces in a trie, with id and score of each; on disk mapped into memory."""

    def __init__(self, trie: marisa_trie.Trie, table: NDArray[np.float64]) -> None:
        self.trie = trie
        self._table = table
        # A view answers for one number five times as fast as an array.
        self.ids = memoryview(table[0])
        self.scores = memoryview(table[1])

    @classmethod
    def of(cls, model: PackedModel) -> PieceTable:
        """Made anew from the model's list (takes half a second)."""
        pieces = model.pieces()
        trie = marisa_trie.Trie(pieces[_MARKS:])
        table = np.zeros((2, len(trie)))
        for number, piece in enumerate(pieces[_MARKS:], start=_MARKS):
            table[:, trie.key_id(piece)] = number, model.piece_scores[number]
        return cls(trie, table)

    @classmethod
    def load(cls, folder: Path) -> PieceTable:
        """What `save` wrote. Raises OSError, RuntimeError or ValueError where that is damaged."""
        trie = marisa_trie.Trie().mmap(str(folder / _PIECES))
        table = np.load(folder / _TABLE, mmap_mode="r")
        if table.shape != (2, len(trie)):
            raise ValueError(f"{folder / _TABLE} does not belong to {_PIECES}")
        return cls(trie, table)

    def save(self, folder: Path) -> None:
        self.trie.save(str(folder / _PIECES))
        np.save(folder / _TABLE, self._table)


class Tokeniser:
    """The ids of a text's pieces between the marks for begin and end."""

    def __init__(self, model: PackedModel, table: PieceTable) -> None:
        self._model = model
        self._table = table
        self._unknown_score = float(model.piece_scores.min()) - _UNKNOWN_COST
        self._word = lru_cache(maxsize=_REMEMBERED_WORDS)(self._cut)

    def ids(self, text: str, most: int) -> list[int]:
        """At most `most` ids, the two marks counted."""
        text = re.sub(" {2,}", " ", text.translate(self._model.replacements))
        ids = [self._model.begin]
        for word in text.removeprefix(" ").split(" "):
            ids.extend(self._word(_BLANK + word))
            if len(ids) >= most:
                break
        return [*ids[: most - 1], self._model.end]

    def _cut(self, word: str) -> tuple[int, ...]:
        """Best cut of all beginnings of the word, from short to long; then read backwards from its end."""
        best = [0.0] + [-np.inf] * len(word)
        came_from = [0] * (len(word) + 1)
        piece_at = [self._model.unknown] * (len(word) + 1)
        ids, scores = self._table.ids, self._table.scores
        for start in range(len(word)):
            so_far = best[start]
            for piece, key in self._table.trie.iter_prefixes_with_ids(word[start:]):
                end, score = start + len(piece), so_far + scores[key]
                if score > best[end]:
                    best[end], came_from[end], piece_at[end] = score, start, int(ids[key])
            if so_far + self._unknown_score > best[start + 1]:
                best[start + 1], came_from[start + 1] = so_far + self._unknown_score, start
                piece_at[start + 1] = self._model.unknown
        found = []
        end = len(word)
        while end:
            found.append(piece_at[end])
            end = came_from[end]
        return tuple(reversed(found))
