"""Guessing what kind of demand a case is, from what this team's people have said of their cases. People decide."""

from __future__ import annotations

from deflection.matching.labels import Guess
from deflection.services.learned_labels import Label


def _fields(guess: Guess | None) -> dict[str, object]:
    if guess is None:
        return {"demand_guess": "", "demand_guess_probability": None}
    return {"demand_guess": guess.label, "demand_guess_probability": round(guess.probability, 3)}


DEMAND_TYPES = Label(
    name="demand-types",
    field="demand_type",
    labelled=lambda tickets: tickets.exclude(demand_type=""),
    unlabelled=lambda tickets: tickets.filter(demand_type=""),
    guess_fields=_fields,
)
learn_demand_types = DEMAND_TYPES.learn
guess_demand_type = DEMAND_TYPES.guess
current_model = DEMAND_TYPES.current_model
