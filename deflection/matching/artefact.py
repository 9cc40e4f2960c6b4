"""What was learned, on disk: the worker writes it once, and every web process maps the same files.

Arrays and JSON alone, so that reading it can run nothing. A new training is written beside the current one and then
takes its place in one step.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from deflection.matching.fusion import Fusion
from deflection.matching.meaning import QuestionCentre
from deflection.matching.model import Fusions, Learned, Model
from deflection.matching.priors import prior
from deflection.matching.rejected import RejectedTexts
from deflection.matching.sparse import inside, named
from deflection.matching.views import LanguageTexts
from knowledge.search.storage import IndexStore

# Another number whenever what is written below changes its shape or its meaning.
FORMAT = 1
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
        "centres": {code: [centre.mean.tolist(), centre.count] for code, centre in model.centres.items()},
    }
    for code, learned in model.languages.items():
        folder = generation / code
        folder.mkdir()
        arrays = named("texts", learned.texts.arrays()) | named("rejected", learned.rejected.arrays())
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        about["fusions"][code] = [_weights(learned.own.plain), _weights(learned.own.with_meaning)]
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


def load(generation: Path) -> Model:
    """Maps a model's files. Raises Damaged."""
    try:
        known = json.loads((generation / _ABOUT).read_text())
        languages = {code: _learned(generation / code, code, known["fusions"][code]) for code in known["fusions"]}
        centres = {
            code: QuestionCentre(np.array(mean, dtype=np.float32), float(count))
            for code, (mean, count) in known["centres"].items()
        }
    # A torn file shows itself as whichever error its bytes happen to cause.
    except Exception as error:
        raise Damaged(f"{generation}: {error!r}") from error
    return Model(languages, centres, known["encoder"])


def _learned(folder: Path, code: str, weights: list[dict[str, list[float]]]) -> Learned:
    arrays: Mapping[str, NDArray[np.generic]] = {
        # Plain views: the class for mapped arrays makes each slice ten times as slow.
        path.name.removesuffix(".npy"): np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
        for path in folder.glob("*.npy")
    }
    return Learned(
        LanguageTexts.load(code, inside(arrays, "texts")),
        Fusions(*(_fusion(one) for one in weights)),
        Fusions(prior("foreign"), prior("foreign+meaning")),
        RejectedTexts.load(inside(arrays, "rejected")),
    )


def _weights(fusion: Fusion) -> dict[str, list[float]]:
    return {"views": fusion.views.tolist(), "doubts": fusion.doubts.tolist()}


def _fusion(weights: Mapping[str, list[float]]) -> Fusion:
    return Fusion(np.array(weights["views"]), np.array(weights["doubts"]))
