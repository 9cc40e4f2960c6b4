"""Guessing why a case arose, from what this team's people have said of their cases. People decide."""

from __future__ import annotations

from deflection.matching.labels import Guess
from deflection.services.learned_labels import Label
from tickets.models import RootCause


def _fields(guess: Guess | None) -> dict[str, object]:
    cause = RootCause.objects.filter(key=guess.label, is_active=True).first() if guess else None
    return {"root_cause_guess": cause}


ROOT_CAUSES = Label(
    name="root-causes",
    field="root_cause__key",
    # One that is not in use any more is not to be suggested, and what it was said of would only blur the others.
    labelled=lambda tickets: tickets.filter(root_cause__is_active=True),
    unlabelled=lambda tickets: tickets.filter(root_cause=None),
    guess_fields=_fields,
)
learn_root_causes = ROOT_CAUSES.learn
guess_root_cause = ROOT_CAUSES.guess
current_model = ROOT_CAUSES.current_model
