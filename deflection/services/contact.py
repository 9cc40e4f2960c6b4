"""From a contact form to a case, with what the visit tells about it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from django.core.files.base import File
from django.db import transaction

from deflection.models import Journey, Upload
from deflection.services import drafts, uploads
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
    fields: dict[str, Any] | None = None,
    attachments: Sequence[File[bytes]] = (),
    sent_ahead: Sequence[Upload] = (),
    idempotency_key: str | None = None,
    is_suspected_spam: bool = False,
) -> Ticket:
    """Opens the case with the files that were sent ahead of it, and throws the draft away.

    The journey learns of it from the case's own history. Raises TicketError for input that cannot be taken.
    """
    # Worked out before the transaction: matching takes time, and must not hold the database's write lock.
    found = suggestions_for(journey, message, language, subject=subject, topic=topic)
    visit = VisitContext(origin=str(journey.pk), suggestions=found)
    for one in sent_ahead:
        uploads.finish(one)
    with transaction.atomic(), ExitStack() as open_files:
        claimed = uploads.claimed(sent_ahead)
        files = [File(open_files.enter_context(one.file.open("rb")), name=one.name) for one in claimed]
        ticket = open_ticket(
            channel=ChannelKind.FORM,
            email=email,
            body=message,
            language=language,
            name=name,
            subject=subject,
            topic=topic,
            fields=fields,
            attachments=[*attachments, *files],
            idempotency_key=idempotency_key,
            visit=visit,
            is_suspected_spam=is_suspected_spam,
        )
        uploads.mark_sent(claimed)
        # What was half there, or waited in another tab, belongs to no message any more.
        uploads.set_aside(journey)
        drafts.clear(journey)
    return ticket


def suggestions_for(
    journey: Journey, message: str, language: str, *, subject: str, topic: Topic | None
) -> list[tuple[int, float]]:
    """What the page after sending may show, and agents see: nothing that was hidden before.

    The hold-out ends with sending: by then everybody has turned to a person, and whoever answers shall know as much of
    one case as of another.
    """
    if topic is not None and topic.is_for_people_first:
        return []
    draft = drafts.draft_of(journey)
    unwanted = set(draft.values.get("dismissed", [])) if draft else set()
    found = suggest(message, language, subject=subject, without=unwanted)
    return [(one.translation.article_id, one.probability) for one in found]
