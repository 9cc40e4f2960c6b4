"""Which agents are there, whether they take chats, and how many: what they say, and how long their desk is open.

An agent counts as being at the desk while a page of it is open (`note_here`, every 20 seconds), and a minute after.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tickets.errors import TicketError
from tickets.models import AgentAvailability
from tickets.services import chat_offers

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

State = AgentAvailability.State
SIGN_OF_LIFE_SECONDS = 20
"""How often an open page of the desk says that somebody is there."""
_FORGOTTEN_AFTER = timedelta(minutes=15)


def of(user: User) -> AgentAvailability:
    """What is known of an agent; one who has never said anything is away."""
    return AgentAvailability.objects.filter(user=user).first() or AgentAvailability(user=user)


@transaction.atomic
def set_state(user: User, state: str, *, at: datetime | None = None) -> AgentAvailability:
    """The agent says so, which is a sign of life too. Who becomes available is offered what waits."""
    if state not in State.values:
        raise TicketError(_("Choose available, busy or away."))
    now = at or timezone.now()
    values = {"state": state, "seen_at": now, "changed_at": now}
    said, _is_new = AgentAvailability.objects.update_or_create(user=user, defaults=values)
    if said.state == State.AVAILABLE:
        transaction.on_commit(chat_offers.offer_waiting)
    else:
        transaction.on_commit(partial(chat_offers.withdraw_from, user, at=now))
    return said


@transaction.atomic
def set_own_capacity(user: User, chats: int) -> AgentAvailability:
    """An agent takes fewer chats at once than managers have set, or as many again. Raises TicketError for more."""
    said, _is_new = AgentAvailability.objects.select_for_update().get_or_create(user=user)
    if not 0 <= chats <= said.chat_capacity:
        raise TicketError(_("Choose a number from 0 to %(most)s.") % {"most": said.chat_capacity})
    said.own_capacity = None if chats == said.chat_capacity else chats
    said.save(update_fields=["own_capacity"])
    transaction.on_commit(chat_offers.offer_waiting)
    return said


def note_here(user_id: int, at: datetime) -> None:
    """A page of the desk is open. Who was available and gone for long has to say so again: a desk that is opened in
    the morning promises nothing."""
    rows = AgentAvailability.objects.filter(user=user_id)
    rows.filter(seen_at__lt=at - _FORGOTTEN_AFTER).exclude(state=State.AWAY).update(state=State.AWAY, changed_at=at)
    rows.filter(seen_at__lt=at).update(seen_at=at)


def go_away(user: User, *, at: datetime | None = None) -> None:
    """Whoever logs in or out is away until they say something else."""
    rows = AgentAvailability.objects.filter(user=user).exclude(state=State.AWAY)
    if rows.exists():
        set_state(user, State.AWAY, at=at)
