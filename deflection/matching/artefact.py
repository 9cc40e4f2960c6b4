"""What was learned, on disk: the worker writes it once, and every web process reads the same files.

Arrays and JSON alone, so that reading it can run nothing. A new training is written beside the current one and then
takes its place in one step.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from deflection.matching.fusion import Fusion
from deflection.matching.meaning import QuestionCentre
from deflection.matching.model import Fusions, Learned, Model
from deflection.matching.rejected import RejectedTexts
from deflection.matching.sparse import inside, named
from deflection.matching.views import LanguageTexts
from knowledge.search.storage import IndexStore

# Another number whenever what is written below changes its shape or its meaning.
FORMAT = 3
_ABOUT = "about.json"


class Damaged(Exception):
    """What was learned cannot be read: it has to be learned anew."""


def store() -> IndexStore:
    return IndexStore(Path(settings.VAR_DIR) / "matching", fingerprint=str(FORMAT))


def save(model: Model, stamp: str) -> Path:
    """Writes a model and makes it the current one; for whoever holds `store().rebuilding()`. Raises OSError."""
    kept = store()
    generation = kept.new_generation()
    about: dict[str, Any] = {
        "stamp": stamp,
        "encoder": model.encoder_name,
        "fusions": {},
        "learned": {},
        "arrays": {},
        "centres": {code: [centre.mean.tolist(), centre.count] for code, centre in model.centres.items()},
    }
    for code, learned in model.languages.items():
        folder = generation / code
        folder.mkdir()
        arrays = named("texts", learned.texts.arrays()) | named("rejected", learned.rejected.arrays())
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
            about["arrays"].setdefault(code, {})[name] = _digest(folder / f"{name}.npy")
        about["fusions"][code] = [_weights(learned.own.plain), _weights(learned.own.with_meaning)]
        about["learned"][code] = [learned.digest, learned.fitted_on]
    (generation / _ABOUT).write_text(json.dumps(about))
    kept.promote(generation)
    kept.prune()
    return generation


def stamp_of(generation: Path) -> tuple[str, str]:
    """What the model was learned from, and the name of the encoder; empty when that cannot be read."""
    try:
        known = json.loads((generation / _ABOUT).read_text())
        return str(known["stamp"]), str(known["encoder"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""


@lru_cache(maxsize=4)
def _is_sound(generation: Path, _state: tuple[tuple[str, int, int], ...]) -> bool:
    try:
        load(generation)
    except Damaged:
        return False
    return True


def is_sound(generation: Path) -> bool:
    """Whether a model can be read as it was written; looks into the files only when they have changed."""
    files = sorted(generation.rglob("*.*"))
    try:
        state = tuple((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files)
    except OSError:
        return False
    return _is_sound(generation, state)


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load(generation: Path) -> Model:
    """Reads a model's files. Raises Damaged."""
    try:
        known = json.loads((generation / _ABOUT).read_text())
        languages = {
            code: replace(
                _learned(generation / code, code, known["arrays"][code], weights),
                digest=str(known["learned"][code][0]),
                fitted_on=int(known["learned"][code][1]),
            )
            for code, weights in known["fusions"].items()
        }
        centres = {
            code: QuestionCentre(np.array(mean, dtype=np.float32), float(count))
            for code, (mean, count) in known["centres"].items()
        }
        return Model(languages, centres, str(known["encoder"]))
    # A torn file shows itself as whichever error its bytes happen to cause.
    except Exception as error:
        raise Damaged(f"{generation}: {error!r}") from error


def _learned(folder: Path, code: str, digests: Mapping[str, str], weights: list[dict[str, list[float]]]) -> Learned:
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, digest in digests.items():
        path = folder / f"{name}.npy"
        if _digest(path) != digest:
            raise Damaged(f"{path} is not what was written.")
        # Read, not mapped: a mapped file that is cut short kills the process that touches it.
        arrays[name] = np.load(path, allow_pickle=False)
    return Learned(
        LanguageTexts.load(code, inside(arrays, "texts")),
        Fusions(*(_fusion(one) for one in weights)),
        RejectedTexts.load(inside(arrays, "rejected")),
    )


def _weights(fusion: Fusion) -> dict[str, list[float]]:
    return {"views": fusion.views.tolist(), "doubts": fusion.doubts.tolist()}


def _fusion(weights: Mapping[str, list[float]]) -> Fusion:
    return Fusion(np.array(weights["views"]), np.array(weights["doubts"]))
