"""By which ways an answer can go. A new channel is one more function in the list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tickets.models import ChannelKind, Customer, Identity, Ticket


@dataclass(frozen=True)
class ReplyChannel:
    kind: str
    label: str
    """Where the answer goes."""
    trouble: str = ""
    """Why it may not arrive."""


def _email(ticket: Ticket) -> ReplyChannel | None:
    identity = _address(ticket.customer)
    if identity is None:
        return None
    trouble = ""
    if identity.bounced_at:
        told = {"to": identity.value, "reason": identity.bounce_reason or _("it could not be delivered")}
        trouble = _("The last letter to %(to)s came back: %(reason)s") % told
        if identity.bounce_is_passing:
            trouble = _("The last letter to %(to)s did not arrive, and this one may: %(reason)s") % told
    copies = ticket.participants.count()
    label = _("To %(to)s and to the case page") % {"to": identity.value}
    if copies:
        values = {"to": identity.value, "count": copies}
        label = _("To %(to)s, with %(count)s on copy, and to the case page") % values
    return ReplyChannel(ChannelKind.EMAIL, label, trouble)


def _case_page(ticket: Ticket) -> ReplyChannel:
    return ReplyChannel(ChannelKind.FORM, _("To the case page only, without a letter"))


_CHANNELS: tuple[Callable[[Ticket], ReplyChannel | None], ...] = (_email, _case_page)


def channels_for(ticket: Ticket) -> list[ReplyChannel]:
    """The ways to answer this customer, the usual one first. There is always one."""
    return [channel for offer in _CHANNELS if (channel := offer(ticket))]


def _address(customer: Customer) -> Identity | None:
    return next((one for one in customer.identities.all() if one.kind == Identity.Kind.EMAIL), None)
