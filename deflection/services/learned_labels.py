"""Guessing what people will say of a case, from what this team's people have said of their cases. People decide.

The worker learns in the background and keeps what it learned in one file a label; a guess is only written where guesses
about cases that were held back from learning were right often enough (`matching/labels.py`).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db.models import Count, F, Max, OuterRef, Subquery
from django.utils import timezone
from numpy.typing import NDArray

from deflection.matching.cleaning import question_of
from deflection.matching.encoders import current_encoder, vectors
from deflection.matching.labels import Asked, Guess, LabelModel, learnable
from deflection.matching.language_of import language_of
from deflection.matching.reading import read
from tickets.models import Message, Ticket
from tickets.models.tickets import TicketQuerySet

logger = logging.getLogger(__name__)

# To be raised when the file holds something else.
_FORMAT = 2
_MOST_EXAMPLES = 2000
_MOST_GUESSED_AT_ONCE = 2000
# Learned anew when so many more (or fewer) cases are labelled, or after a day in which anything was.
_SHARE_OF_NEWS = 0.1
_EVERY = timedelta(days=1)


@dataclass(frozen=True)
class Label:
    """Something that people say of cases, and that is guessed until they do."""

    name: str
    """What it is called in files and logs."""
    field: str
    """Where cases hold what people said, as a path for a query."""
    labelled: Callable[[TicketQuerySet], TicketQuerySet]
    unlabelled: Callable[[TicketQuerySet], TicketQuerySet]
    guess_fields: Callable[[Guess | None], dict[str, object]]
    """The fields of a case that hold the guess, as they are to be."""

    def learn(self, at: datetime | None = None) -> bool:
        """Learns from the labelled cases where there is enough news, and guesses for the open ones. Safe to run twice.

        False when there was nothing to do, or too little to learn from.
        """
        now = at or timezone.now()
        labelled = self.labelled(Ticket.objects.trusted())
        rows = labelled.order_by(self.field).values(self.field).annotate(count=Count("pk"), last=Max("updated_at"))
        counts = {row[self.field]: row["count"] for row in rows}
        if not learnable(counts):
            return False
        stamp = f"{_FORMAT} {sorted(counts.items())} {max(row['last'] for row in rows).isoformat()}"
        if not self._is_news(stamp, sum(counts.values()), now):
            return False
        examples = list(_with_text(labelled).annotate(said=F(self.field)).order_by("-pk")[:_MOST_EXAMPLES])
        model = LabelModel.of(_asked(examples), [ticket.said for ticket in examples])  # type: ignore[attr-defined]
        if model is None:
            return False
        self._save(model, stamp, sum(counts.values()), now)
        logger.info(
            "Learned %s from %s cases; guesses for %.0f %% of cases, right in %.0f %%",
            self.name, model.examples, 100 * model.spoken, 100 * model.right,
        )  # fmt: skip
        self._guess(model, self._open().order_by("-pk")[:_MOST_GUESSED_AT_ONCE])
        return True

    def guess(self, ticket_id: int) -> bool:
        """Writes the guess for one case, where somebody has yet to say. Whether there is a guess."""
        model = self.current_model()
        return model is not None and self._guess(model, self._open().filter(pk=ticket_id)) == 1

    def current_model(self) -> LabelModel | None:
        """What was learned last; None before, or where the encoder is another one by now."""
        known = self._read()
        if known is None or str(known["encoder"]) != encoder_name():
            return None
        try:
            return LabelModel.load(known)
        except (KeyError, TypeError, ValueError):
            logger.exception("What was learned about %s cannot be read; it is learned anew", self.name)
            return None

    def _open(self) -> TicketQuerySet:
        return _with_text(self.unlabelled(Ticket.objects.trusted().unsettled()))

    def _guess(self, model: LabelModel, tickets: TicketQuerySet) -> int:
        """Brings the guesses of these cases in line with the model. Returns how many have one."""
        found = list(tickets)
        guessed = 0
        for ticket, asked in zip(found, _asked(found), strict=True):
            guess = model.guess(asked) if asked.reading.words else None
            guessed += guess is not None
            fields = self.guess_fields(guess)
            if any(getattr(ticket, name) != value for name, value in fields.items()):
                # No history and no time of change: nothing has happened to the case. Whoever decided by now, decided.
                self.unlabelled(Ticket.objects.filter(pk=ticket.pk)).update(**fields)
        return guessed

    def _is_news(self, stamp: str, count: int, at: datetime) -> bool:
        known = self._read()
        if known is None or str(known["encoder"]) != encoder_name():
            return True
        learned_from = int(known["labelled"])
        if abs(count - learned_from) >= max(_SHARE_OF_NEWS * learned_from, 1):
            return True
        return str(known["stamp"]) != stamp and at.timestamp() - float(known["learned_at"]) >= _EVERY.total_seconds()

    def _path(self) -> Path:
        return Path(settings.VAR_DIR) / f"{self.name}-{_FORMAT}.npz"

    def _read(self) -> dict[str, NDArray[np.generic]] | None:
        """The file's arrays; None where there is none, or a damaged one (every array has a checksum)."""
        try:
            with np.load(self._path(), allow_pickle=False) as file:
                return dict(file)
        except FileNotFoundError:
            return None
        # A torn file shows itself as whichever error its bytes happen to cause.
        except Exception:
            logger.exception("What was learned about %s cannot be read; it is learned anew", self.name)
            return None

    def _save(self, model: LabelModel, stamp: str, labelled: int, at: datetime) -> None:
        """Written beside the one in use, which it then replaces in one step."""
        about = {
            "stamp": np.array(stamp),
            "encoder": np.array(encoder_name()),
            "labelled": np.array(labelled),
            "learned_at": np.array(at.timestamp()),
        }
        beside = self._path().with_suffix(f".{os.getpid()}.npz")
        beside.parent.mkdir(parents=True, exist_ok=True)
        with open(beside, "wb") as file:
            np.savez(file, **about, **model.arrays())  # type: ignore[arg-type]
        beside.replace(self._path())


def encoder_name() -> str:
    encoder = current_encoder()
    return encoder.name if encoder else ""


def _with_text(tickets: TicketQuerySet) -> TicketQuerySet:
    """Cases with what the customer wrote first, in one query."""
    first = Message.objects.filter(ticket=OuterRef("pk"), kind=Message.Kind.INBOUND).order_by("created_at", "pk")
    guesses = ("demand_guess", "demand_guess_probability", "root_cause_guess")
    return tickets.annotate(written=Subquery(first.values("body")[:1])).only("subject", "language", *guesses)


def _asked(tickets: list[Ticket]) -> list[Asked]:
    texts = [question_of(ticket.written or "", ticket.subject) for ticket in tickets]  # type: ignore[attr-defined]
    readings = [read(text, language_of(text, one.language)) for text, one in zip(texts, tickets, strict=True)]
    encoder = current_encoder()
    if encoder is None:
        return [Asked(reading) for reading in readings]
    rows = vectors(texts, "question", encoder)
    return [Asked(reading, row) for reading, row in zip(readings, rows, strict=True)]
