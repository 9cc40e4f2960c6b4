"""Any sentence model in a local folder: `model.onnx`, `tokenizer.json`, and `svar.json` if the defaults do not fit.

`svar.json` may have `question_prefix`, `passage_prefix` (both empty) and `most_tokens` (256). The token vectors that
the network puts out are averaged; one vector for the whole text is taken as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from deflection.matching.encoders.base import MOST_TOKENS, EncoderError, Kind, Vectors, normalised, readable
from deflection.matching.encoders.sessions import OnnxSession

_SETTINGS_FILE = "svar.json"
_FILES = ("model.onnx", "tokenizer.json")
_TRIAL = "query"


@dataclass(frozen=True)
class _Habits:
    """What the model's makers ask for."""

    question_prefix: str = ""
    passage_prefix: str = ""
    most_tokens: int = MOST_TOKENS["passage"]

    def prefix(self, kind: Kind) -> str:
        return self.question_prefix if kind == "question" else self.passage_prefix


class LocalEncoder:
    """A model by path. Raises EncoderError where the folder does not hold one that works."""

    def __init__(self, folder: Path) -> None:
        try:
            self._habits = _habits(folder / _SETTINGS_FILE)
            self.name = f"{folder.name}.{_fingerprint(folder)}"
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # tokenizers raises Exception itself
            raise EncoderError(f"{folder} does not hold a model that is understood: {error}") from error
        self._tokenizer.no_padding()
        self._session = OnnxSession(folder / "model.onnx")
        self.dimensions = self._dimensions(folder)

    def _dimensions(self, folder: Path) -> int:
        try:
            return len(self._vector(_TRIAL, "question"))
        except Exception as error:  # onnxruntime's errors have no common class below Exception
            raise EncoderError(f"The model in {folder} does not answer: {error}") from error

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            if readable(text, kind):
                row[:] = self._vector(text, kind)
        return normalised(rows)

    def _vector(self, text: str, kind: Kind) -> NDArray[np.float32]:
        found = self._tokenizer.encode(self._habits.prefix(kind) + readable(text, kind))
        found.truncate(min(self._habits.most_tokens, MOST_TOKENS[kind]))
        columns = {"input_ids": found.ids, "attention_mask": found.attention_mask, "token_type_ids": found.type_ids}
        inputs: dict[str, NDArray[Any]] = {
            name: np.array([columns[name]], dtype=np.int64) for name in self._session.inputs
        }
        return self._session.mean(inputs)


def _habits(path: Path) -> _Habits:
    if not path.is_file():
        return _Habits()
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return _Habits(**known)


def _fingerprint(folder: Path) -> str:
    """Of what decides the vectors; weights in files of their own count with name and size."""
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(folder.iterdir()):
        if path.name in (*_FILES, _SETTINGS_FILE):
            digest.update(path.read_bytes())
        elif path.is_file():
            digest.update(f"{path.name} {path.stat().st_size}".encode())
    return digest.hexdigest()
