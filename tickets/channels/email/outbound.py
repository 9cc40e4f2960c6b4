"""From the outbox to a mail server."""

from __future__ import annotations

import smtplib

from django.core.mail import EmailMultiAlternatives, get_connection

from tickets.channels.email.oauth import TokenRefused
from tickets.channels.email.smtp import SomeRecipientsRefused
from tickets.errors import DeliveryError, PartlyDelivered
from tickets.models import OutboxMessage
from tickets.services.enclosures import enclosed
from tickets.services.mail_headers import sender_of

# RFC 5321, 4.2.1: a reply of 5xx says that trying again as it is will not help.
_PERMANENT = 500


class _Letter(EmailMultiAlternatives):
    """Shows everybody whom it is written to, and goes to those of them who are still to get it."""

    envelope: list[str]

    def recipients(self) -> list[str]:
        return self.envelope


def deliver_mail(row: OutboxMessage) -> None:
    """Sends one mail. Raises DeliveryError, permanent when the server refused for good, or PartlyDelivered."""
    try:
        _letter(row).send()
    except SomeRecipientsRefused as error:
        reasons = {address: (code, _words(code, said)) for address, (code, said) in error.recipients.items()}
        raise PartlyDelivered(
            for_now={address: words for address, (code, words) in reasons.items() if code < _PERMANENT},
            for_good={address: words for address, (code, words) in reasons.items() if code >= _PERMANENT},
        ) from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        reason = "; ".join(_words(code, said) for code, said in error.recipients.values())
        raise DeliveryError(reason, is_permanent=min(codes, default=0) >= _PERMANENT) from error
    except smtplib.SMTPDataError as error:
        # Only the message itself can be refused for good; a refused login or greeting is ours to mend.
        reason = _words(error.smtp_code, error.smtp_error)
        raise DeliveryError(reason, is_permanent=error.smtp_code >= _PERMANENT) from error
    except ValueError as error:
        # An address or a header that cannot be put into a mail at all.
        raise DeliveryError(str(error), is_permanent=True) from error
    except (smtplib.SMTPException, TokenRefused, OSError) as error:
        raise DeliveryError(str(error) or type(error).__name__) from error


def _letter(row: OutboxMessage) -> _Letter:
    apart = ("Reply-To", "From")
    letter = _Letter(
        subject=row.subject,
        body=row.body_text,
        from_email=row.headers.get("From") or sender_of(row.ticket),
        to=[row.recipient],
        cc=row.cc,
        reply_to=[row.headers["Reply-To"]],
        headers={header: value for header, value in row.headers.items() if header not in apart},
        connection=get_connection(),
    )
    letter.envelope = row.recipients
    if row.body_html:
        letter.attach_alternative(row.body_html, "text/html")
    for attachment in enclosed(row.message).with_letter if row.message else []:
        with attachment.file.open("rb") as file:
            letter.attach(attachment.name, file.read(), attachment.content_type)
    return letter


def _words(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
