"""From a contact form to a case, with what the visit tells about it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from deflection.models import Journey, Upload
from deflection.services import drafts, uploads
from deflection.services.suggestions import suggest
from knowledge.models import Topic
from tickets.errors import TicketError
from tickets.models import ChannelKind, Ticket
from tickets.services.intake import VisitContext, open_ticket

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Written:
    """What somebody filled in to reach us."""

    email: str
    message: str
    language: str
    name: str = ""
    subject: str = ""
    topic: Topic | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    """Values of the topic's own fields, by their keys."""
    attachments: Sequence[File[bytes]] = ()
    sent_ahead: Sequence[Upload] = ()
    idempotency_key: str | None = None
    is_suspected_spam: bool = False


def send_case(journey: Journey, written: Written) -> Ticket:
    """Opens the case with the files that were sent ahead of it, and throws the draft away.

    The journey learns of it from the case's own history. Raises TicketError for input that cannot be taken.
    """
    # Worked out before the transaction: matching takes time, and must not hold the database's write lock.
    found = suggestions_for(journey, written.message, written.language, subject=written.subject, topic=written.topic)
    with _storage_may_fail(written):
        for one in written.sent_ahead:
            uploads.finish(one)
        with transaction.atomic(), ExitStack() as open_files:
            claimed = uploads.claimed(written.sent_ahead)
            files = [File(open_files.enter_context(one.file.open("rb")), name=one.name) for one in claimed]
            ticket = _opened(written, files, VisitContext(origin=str(journey.pk), suggestions=found))
            uploads.mark_sent(claimed)
            # What was half there, or waited in another tab, belongs to no message any more.
            uploads.set_aside(journey)
            drafts.clear(journey)
    return ticket


def _opened(written: Written, files: Sequence[File[bytes]], visit: VisitContext) -> Ticket:
    return open_ticket(
        channel=ChannelKind.FORM,
        email=written.email,
        body=written.message,
        language=written.language,
        name=written.name,
        subject=written.subject,
        topic=written.topic,
        fields=written.fields,
        attachments=[*written.attachments, *files],
        idempotency_key=written.idempotency_key,
        visit=visit,
        is_suspected_spam=written.is_suspected_spam,
    )


@contextmanager
def _storage_may_fail(written: Written) -> Iterator[None]:
    """Where files cannot be read or written, the message can still go without them, and its sender is told so."""
    try:
        yield
    except OSError as error:
        if not (written.attachments or written.sent_ahead):
            raise
        logger.exception("The storage of attachments failed")
        raise TicketError(
            _("The files cannot be taken right now. Send your message without them; they can follow later.")
        ) from error


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
