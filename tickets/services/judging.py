"""What answered a case, said when it is over already: it was solved with many others, or its customer closed it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.models import Article
from tickets.errors import TicketError
from tickets.models import RootCause, Ticket, TicketEvent
from tickets.services import history
from tickets.services.lifecycle import classify
from tickets.services.locking import locked_open

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User


def is_unjudged(ticket: Ticket) -> bool:
    """Whether the case is over, and nobody has said what answered it."""
    return ticket.is_settled and not ticket.resolution and ticket.merged_into_id is None


@transaction.atomic
def judge(ticket: Ticket, *, agent: User, article: Article | None, at: datetime | None = None) -> None:
    """Says which article answers a case that is over, or with None that none does, which counts as missing content.

    The case stays as it is, and nobody is written to. Raises TicketError for a case that goes on, and where somebody
    has said otherwise.
    """
    ticket = locked_open(ticket)
    resolution = Ticket.Resolution.ARTICLE if article else Ticket.Resolution.NO_ARTICLE
    if ticket.is_settled and (ticket.resolution, ticket.answered_by) == (resolution, article):
        return
    if not ticket.is_settled:
        raise TicketError(_("This case is open again. Say what answered it when you solve it."))
    if ticket.resolution:
        raise TicketError(_("This case is over already. Open it again to change what answered it."))
    now = at or timezone.now()
    ticket.resolution, ticket.answered_by, ticket.updated_at = resolution, article, now
    ticket.save()
    key = article.key if article else None
    history.record(ticket, TicketEvent.Kind.JUDGED, history.agent(agent), at=now, article=key)


@transaction.atomic
def say_afterwards(
    ticket: Ticket,
    *,
    agent: User,
    article: Article | None,
    is_missing: bool,
    root_cause: RootCause | None,
    demand_type: str,
) -> None:
    """All that is known by now of a case that is over. Otherwise as `judge` and `lifecycle.classify`."""
    if article or is_missing:
        judge(ticket, agent=agent, article=article)
    classify(ticket, agent=agent, root_cause=root_cause, demand_type=demand_type)
