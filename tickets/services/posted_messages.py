"""Messages that another system writes in somebody's name, each taken once however often it is sent."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from tickets.errors import TicketError
from tickets.models import Message, Ticket
from tickets.services import lifecycle
from tickets.services.intake import clean_message

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User


class KeyUsedBefore(TicketError):
    """The idempotency key belongs to another message."""

    def __init__(self) -> None:
        super().__init__(_("This idempotency key was used for another message."))


@transaction.atomic
def post_message(
    ticket: Ticket, *, user: User, body: str, is_internal: bool, then: str, idempotency_key: str = ""
) -> Message:
    """Answers the customer, or writes a note. The same key gives the message that is there already.

    Raises KeyUsedBefore where that one says something else, and TicketError for a text that cannot be taken.
    """
    body = clean_message(body)
    kind = Message.Kind.NOTE if is_internal else Message.Kind.OUTBOUND
    locked = Ticket.objects.select_for_update().get(pk=ticket.pk)
    name = _name(user, idempotency_key)
    if name and (known := locked.messages.filter(external_id=name).first()):
        if (known.body, known.kind) != (body, kind):
            raise KeyUsedBefore
        return known
    if is_internal:
        message = lifecycle.add_note(locked, agent=user, body=body)
    else:
        message = lifecycle.send_reply(locked, agent=user, body=body, then=then)
    if name:
        Message.objects.filter(pk=message.pk).update(external_id=name)
    return message


def _name(user: User, key: str) -> str:
    """Two systems may choose the same key, so it stands beside who sent it."""
    return "api:" + hashlib.sha256(f"{user.pk}\n{key}".encode()).hexdigest() if key else ""
