"""Which of an answer's files travel with the letter, and which are fetched from the page of the case."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from tickets.models import Attachment, Message


@dataclass(frozen=True)
class Enclosures:
    with_letter: list[Attachment]
    on_page: list[Attachment]
    """Too large together with the others: mail servers would send the whole letter back."""


def enclosed(message: Message) -> Enclosures:
    """In the order in which they were attached, as long as they fit into MAIL_FILES_MAX_BYTES.

    A message's files do not change, so the letter that is written and the one that is sent agree.
    """
    room = settings.MAIL_FILES_MAX_BYTES
    found = Enclosures([], [])
    for attachment in message.attachments.order_by("name", "pk"):
        if attachment.size <= room:
            found.with_letter.append(attachment)
            room -= attachment.size
        else:
            found.on_page.append(attachment)
    return found
