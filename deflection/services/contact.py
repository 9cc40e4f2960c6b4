"""From a contact form to a case, with what the visit tells about it."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.files.base import File
from django.db import transaction

from deflection.models import Journey, JourneyEvent
from deflection.services import journeys
from deflection.services.suggestions import suggest
from knowledge.models import Topic
from tickets.models import ChannelKind, Ticket
from tickets.services.intake import VisitContext, open_ticket


def send_case(
    *,
    journey: Journey,
    email: str,
    message: str,
    language: str,
    name: str = "",
    subject: str = "",
    topic: Topic | None = None,
    attachments: Sequence[File[bytes]] = (),
    idempotency_key: str | None = None,
    is_suspected_spam: bool = False,
) -> Ticket:
    """Opens the case and ties it to the journey. Raises TicketError for input that cannot be taken."""
    # Worked out before the transaction: matching takes time, and must not hold the database's write lock.
    found = suggest(message, language, subject=subject)
    suggestions = [(one.translation.article_id, one.probability) for one in found]
    visit = VisitContext(origin=str(journey.pk), summary=journeys.summary(journey), suggestions=suggestions)
    with transaction.atomic():
        ticket = open_ticket(
            channel=ChannelKind.FORM,
            email=email,
            body=message,
            language=language,
            name=name,
            subject=subject,
            topic=topic,
            attachments=attachments,
            idempotency_key=idempotency_key,
            visit=visit,
            is_suspected_spam=is_suspected_spam,
        )
        # The same form sent twice is one case, and one step of the journey that it belongs to.
        if (
            ticket.origin == str(journey.pk)
            and not journey.events.filter(kind=JourneyEvent.Kind.CASE_SENT, data__ticket=ticket.reference).exists()
        ):
            journeys.note(journey, JourneyEvent.Kind.CASE_SENT, channel=ChannelKind.FORM, ticket=ticket.reference)
    return ticket
