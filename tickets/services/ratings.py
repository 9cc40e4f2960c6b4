"""What customers say of how their case went: once a case, when it is solved.

Satisfaction is a CSAT from 1 (very dissatisfied) to 5; effort the customer effort score CES 2.0, agreement from 1 to
7 with "they made it easy" (Dixon, Toman, DeLisi: The Effortless Experience, 2013). A slip can be put right for a day;
after that an answer stands, and a case that is opened again asks nothing new.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import Rating, Ticket, TicketEvent
from tickets.services import history
from tickets.services.links import rating_url

CHANGE_WITHIN = timedelta(hours=24)
MAX_COMMENT_CHARACTERS = 2000


_FACES = {1: "😞", 2: "😕", 3: "😐", 4: "😊", 5: "😀"}


@dataclass(frozen=True)
class RatingLink:
    """One of the five faces in a solved letter."""

    score: int
    label: str
    face: str
    url: str


def satisfaction_labels() -> dict[int, str]:
    """What each score is called, in the language of the moment."""
    return {
        1: _("Very dissatisfied"),
        2: _("Dissatisfied"),
        3: _("So-so"),
        4: _("Satisfied"),
        5: _("Very satisfied"),
    }


def rating_links(ticket: Ticket) -> list[RatingLink]:
    """The faces for a letter to the customer. Each leads to the case page with that answer filled in; none sends it."""
    labels = satisfaction_labels()
    return [RatingLink(score, labels[score], face, rating_url(ticket, score)) for score, face in _FACES.items()]


def rating_of(ticket: Ticket) -> Rating | None:
    return Rating.objects.filter(ticket=ticket).first()


def may_be_changed(rating: Rating, at: datetime) -> bool:
    return at - rating.created_at < CHANGE_WITHIN


@transaction.atomic
def rate(
    ticket: Ticket,
    *,
    satisfaction: int,
    effort: int | None = None,
    comment: str = "",
    at: datetime | None = None,
) -> Rating:
    """Keeps the customer's answer. Raises TicketError where the case is not finished, or the answer stands already.

    A comment that is too long is cut; nobody is sent back over their kindness.
    """
    ticket = Ticket.objects.select_for_update().get(pk=ticket.pk)
    now = at or timezone.now()
    values = {
        "satisfaction": satisfaction,
        "effort": effort,
        "comment": clean(comment).strip()[:MAX_COMMENT_CHARACTERS],
    }
    known = rating_of(ticket)
    if known is not None and all(getattr(known, name) == value for name, value in values.items()):
        return known
    if known is not None and not may_be_changed(known, now):
        raise TicketError(_("You have told us already how it went. Thank you; that answer stands."))
    if known is None and not ticket.is_settled:
        raise TicketError(_("This case is still open. Tell us how it went when it is solved."))
    rating, _created = Rating.objects.update_or_create(ticket=ticket, defaults=values, create_defaults={
        **values, "created_at": now,
    })  # fmt: skip
    history.record(ticket, TicketEvent.Kind.RATED, history.CUSTOMER, at=now, satisfaction=satisfaction, effort=effort)
    return rating
