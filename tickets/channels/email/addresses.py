"""Which addresses are ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings

from tickets.models import Mailbox
from tickets.services.channel_policy import support_address
from tickets.services.links import ticket_ids_in


@dataclass(frozen=True)
class OurAddresses:
    """The addresses that we have, read once for a letter."""

    mailboxes: dict[str, Mailbox]
    others: frozenset[str]

    @classmethod
    def now(cls) -> OurAddresses:
        rows = Mailbox.objects.filter(is_active=True).select_related("topic", "team")
        others = {parseaddr(one)[1].lower() for one in (support_address(), settings.DEFAULT_FROM_EMAIL)}
        return cls({row.address.lower(): row for row in rows}, frozenset(one for one in others if one))

    def hold(self, address: str) -> bool:
        """Whether a letter to it reaches us: an address of ours, with a detail after a plus or not, or a token."""
        plain = without_detail(address)
        return plain in self.mailboxes or plain in self.others or bool(ticket_ids_in(address))

    def first_mailbox(self, addresses: Iterable[str]) -> Mailbox | None:
        """The mailbox that a letter was meant for: the first of ours that it names."""
        for address in addresses:
            plain = without_detail(address)
            if plain in self.mailboxes:
                return self.mailboxes[plain]
            if plain in self.others:
                return None
        return None


def without_detail(address: str) -> str:
    """`help+anything@example.com` is `help@example.com` (RFC 5233)."""
    local, at, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"
