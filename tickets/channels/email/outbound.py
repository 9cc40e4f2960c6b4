"""From the outbox to a mail server."""

from __future__ import annotations

import smtplib
from email.utils import formataddr

from django.core.mail import EmailMultiAlternatives, get_connection

from knowledge.models import Organisation
from tickets.errors import DeliveryError
from tickets.models import OutboxMessage
from tickets.services.channel_policy import support_address

# RFC 5321, 4.2.1: a reply of 5xx says that trying again as it is will not help.
_PERMANENT = 500


def deliver_mail(row: OutboxMessage) -> None:
    """Sends one mail. Raises DeliveryError, permanent when the server refused for good."""
    mail = EmailMultiAlternatives(
        subject=row.subject,
        body=row.body_text,
        from_email=formataddr((Organisation.current().name, support_address())),
        to=[row.recipient],
        reply_to=[row.headers["Reply-To"]],
        headers={name: value for name, value in row.headers.items() if name != "Reply-To"},
        connection=get_connection(),
    )
    if row.body_html:
        mail.attach_alternative(row.body_html, "text/html")
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise DeliveryError(str(error), is_permanent=min(codes, default=0) >= _PERMANENT) from error
    except smtplib.SMTPDataError as error:
        # Only the message itself can be refused for good; a refused login or greeting is ours to mend.
        raise DeliveryError(str(error), is_permanent=error.smtp_code >= _PERMANENT) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise DeliveryError(str(error) or type(error).__name__) from error
