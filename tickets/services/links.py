"""Signed links and addresses: who holds one may see or answer one case, and nothing else.

The case page's key is Django's `TimestampSigner` over the ticket and its link version, so raising the version
revokes every link that was sent; and over the participant, where it is made for one and not for the customer. It
ends `CASE_LINK_DAYS` after it was made: every letter carries a new one, and an old one can be renewed. A key also says
whether a letter brought it. Only then does whoever shows it read their holder's mail; pages and programs hand out keys
to everybody who sends a case, under whatever address they typed.

The mail token lives in the local part of an address, which mail systems may lower-case and which is limited to 64
characters (RFC 5321, 4.5.3.1.1): hence base 36 and 80 bits of HMAC.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from enum import Enum
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import override

if TYPE_CHECKING:
    from tickets.models import Attachment, Customer, Ticket
    from tickets.services.history import Actor

_CASE = TimestampSigner(salt="tickets.case-link")
_FILE = TimestampSigner(salt="tickets.attachment")
_FILE_LIFETIME_SECONDS = 6 * 3600
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LONGEST_LOCAL_PART = 64
_TOKEN = re.compile(r"\bc([0-9a-z]{1,12})-([a-z2-7]{16})\b")


class KeyState(Enum):
    OPENS = "opens"
    ENDED = "ended"
    """Once genuine for this case: it has expired, was revoked, or its holder takes part no more."""
    WRONG = "wrong"


@dataclass(frozen=True)
class CaseKey:
    """What a key says: whether it opens the case, and for whom it was made."""

    state: KeyState
    holder: Customer | None = None
    came_by_letter: bool = False
    """Whether it was sent to the holder, so that whoever shows it is them."""


def case_key(ticket: Ticket, participant: Customer | None = None, *, for_letter: bool = False) -> str:
    """A key for the customer, or for a participant by name: theirs ends when they take part no more."""
    is_other = participant is not None and participant.pk != ticket.customer_id
    person = participant.pk if participant is not None and is_other else ""
    sent_to = (person or ticket.customer_id) if for_letter else ""
    return _CASE.sign(f"{ticket.pk}:{ticket.link_version}:{person}:{sent_to}".rstrip(":"))


def read_key(ticket: Ticket, key: str) -> CaseKey:
    """What a key is worth for this case. A key of another case is as wrong as one that nobody signed."""
    is_young = True
    try:
        value = _CASE.unsign(key, max_age=timedelta(days=settings.CASE_LINK_DAYS))
    except SignatureExpired:
        is_young, value = False, _CASE.unsign(key)
    except BadSignature:
        return CaseKey(KeyState.WRONG)
    case, version, person, sent_to, *_none = [*value.split(":"), "", ""]
    if int(case) != ticket.pk:
        return CaseKey(KeyState.WRONG)
    holder = _holder(ticket, person)
    if not is_young or int(version) != ticket.link_version or holder is None:
        return CaseKey(KeyState.ENDED, holder)
    return CaseKey(KeyState.OPENS, holder, came_by_letter=sent_to == str(holder.pk))


def _holder(ticket: Ticket, person: str) -> Customer | None:
    if not person:
        return ticket.customer
    row = ticket.participants.select_related("customer").filter(customer_id=int(person)).first()
    return row.customer if row else None


def key_opens(ticket: Ticket, key: str) -> bool:
    """Whether the key was made for this ticket, is young enough and has not been revoked."""
    return read_key(ticket, key).state is KeyState.OPENS


@transaction.atomic
def revoke(ticket: Ticket, *, by: Actor) -> None:
    """Makes every link to the case that was ever sent worthless. Its people can have a new one sent."""
    from tickets.models import Ticket, TicketEvent
    from tickets.services import history

    locked = Ticket.objects.select_for_update().get(pk=ticket.pk)
    locked.link_version += 1
    locked.save(update_fields=["link_version"])
    ticket.link_version = locked.link_version
    history.record(locked, TicketEvent.Kind.LINKS_REVOKED, by)


def case_path(ticket: Ticket, language: str | None = None, *, key: str = "") -> str:
    """The address of the case page; with a new key where none is given."""
    with override(language or ticket.language):
        return f"{reverse('case', args=[ticket.reference])}?key={key or case_key(ticket)}"


def case_url(ticket: Ticket) -> str:
    """The absolute address, in the customer's language, with a new key each time."""
    return settings.SITE_URL + case_path(ticket)


def letter_url(ticket: Ticket, participant: Customer | None = None) -> str:
    """The same for a letter to the customer, or to a participant: it shows who follows it. For nothing but letters."""
    return settings.SITE_URL + case_path(ticket, key=case_key(ticket, participant, for_letter=True))


def rating_url(ticket: Ticket, satisfaction: int) -> str:
    """Where a solved letter's faces lead: the case page with the answer filled in, to be confirmed there."""
    return f"{letter_url(ticket)}&score={satisfaction}#rate"


def attachment_path(attachment: Attachment) -> str:
    return reverse("attachment", args=[attachment.pk]) + f"?sig={_FILE.sign(str(attachment.pk))}"


def attachment_signature_is_valid(attachment_id: str, signature: str) -> bool:
    try:
        return _FILE.unsign(signature, max_age=_FILE_LIFETIME_SECONDS) == attachment_id
    except BadSignature:
        return False


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"


def _mac(ticket_id: int) -> str:
    digest = salted_hmac("tickets.mail-token", str(ticket_id), algorithm="sha256").digest()
    return base64.b32encode(digest[:10]).decode().lower()


def mail_token(ticket_id: int) -> str:
    return f"c{_base36(ticket_id)}-{_mac(ticket_id)}"


def ticket_ids_in(text: str) -> list[int]:
    """Tickets whose genuine token stands in an address or a Message-ID; forged ones are passed over."""
    found = []
    for number, mac in _TOKEN.findall(text.lower()):
        ticket_id = int(number, 36)
        if hmac.compare_digest(_mac(ticket_id), mac) and ticket_id not in found:
            found.append(ticket_id)
    return found


def reply_address(ticket_id: int, mailbox: str) -> str:
    """What a customer answers to: MAIL_REPLY_ADDRESS filled in, `help+c1-...@example.com` by default.

    A mailbox with so long a name that no token fits beside it (RFC 5321, 4.5.3.1.1) stands as it is; then the
    Message-ID, which carries the token too, has to lead back to the case.
    """
    local, _, domain = parseaddr(mailbox)[1].rpartition("@")
    address = str(settings.MAIL_REPLY_ADDRESS).format(local=local, domain=domain, token=mail_token(ticket_id))
    return address if len(address.rpartition("@")[0]) <= _LONGEST_LOCAL_PART else f"{local}@{domain}"


def message_id(outbox_id: str, ticket_id: int, mailbox: str) -> str:
    """The one Message-ID of an outbox row, for every attempt to send it (RFC 5322, 3.6.4).

    Twelve digits of the row's UUID are enough within a case, and short enough for one line: programs have been seen
    to lose a Message-ID that stands on the line after its name.
    """
    domain = parseaddr(mailbox)[1].rpartition("@")[2] or "localhost"
    return f"<{outbox_id.replace('-', '')[:12]}.{mail_token(ticket_id)}@{domain}>"
