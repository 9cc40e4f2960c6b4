"""Signed links and addresses: who holds one may see or answer one case, and nothing else.

The case page's key is `Django's TimestampSigner` over the ticket and its link version, so raising the version
revokes every link that was sent. The mail token lives in the local part of an address, which mail systems may
lower-case and which is limited to 64 characters (RFC 5321, 4.5.3.1.1): hence base 36 and 80 bits of HMAC.
"""

from __future__ import annotations

import base64
import hmac
import re
from email.utils import parseaddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import override

if TYPE_CHECKING:
    from tickets.models import Attachment, Ticket

_CASE = TimestampSigner(salt="tickets.case-link")
_FILE = TimestampSigner(salt="tickets.attachment")
_FILE_LIFETIME_SECONDS = 6 * 3600
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_TOKEN = re.compile(r"\bc([0-9a-z]{1,12})-([a-z2-7]{16})\b")


def case_key(ticket: Ticket) -> str:
    return _CASE.sign(f"{ticket.pk}:{ticket.link_version}")


def key_opens(ticket: Ticket, key: str) -> bool:
    """Whether the key was made for this ticket and has not been revoked."""
    try:
        return _CASE.unsign(key) == f"{ticket.pk}:{ticket.link_version}"
    except BadSignature:
        return False


def case_path(ticket: Ticket, language: str | None = None) -> str:
    with override(language or ticket.language):
        return f"{reverse('case', args=[ticket.reference])}?key={case_key(ticket)}"


def case_url(ticket: Ticket) -> str:
    """The absolute address for letters and messages, in the customer's language."""
    return settings.SITE_URL + case_path(ticket)


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
    """The support mailbox with the case's token: what a customer answers to. `help+c1-...@example.com`"""
    local, _, domain = parseaddr(mailbox)[1].rpartition("@")
    return f"{local}+{mail_token(ticket_id)}@{domain}"


def message_id(outbox_id: str, ticket_id: int, mailbox: str) -> str:
    """The one Message-ID of an outbox row, for every attempt to send it (RFC 5322, 3.6.4)."""
    domain = parseaddr(mailbox)[1].rpartition("@")[2] or "localhost"
    return f"<{outbox_id}.{mail_token(ticket_id)}@{domain}>"
