"""Which files of a letter are taken, and which stay in the letter as it came, by name and reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings

from tickets.channels.email.parts import Enclosed
from tickets.errors import TicketError
from tickets.services.attachments import MAIL_MAX_COUNT, MailFile, content_type, display_name

_MOST_NAMED = 50


def sorted_files(enclosed: Iterable[Enclosed]) -> tuple[list[MailFile], list[dict[str, Any]]]:
    """The files that are taken, and of each other one its name, size and why not: "empty", "size", "kind", "count"."""
    files: list[MailFile] = []
    left_out: list[dict[str, Any]] = []
    for one in enclosed:
        file = MailFile(one.data, one.name, one.content_id)
        if why := _why_not(file, len(files)):
            left_out.append({"name": display_name(one.name), "size": len(one.data), "why": why})
        else:
            files.append(file)
    return files, left_out[:_MOST_NAMED]


def _why_not(file: MailFile, taken: int) -> str:
    if not file.size:
        return "empty"
    if file.size > settings.ATTACHMENT_MAX_BYTES:
        return "size"
    if taken >= MAIL_MAX_COUNT:
        return "count"
    try:
        content_type(file)
    except TicketError:
        return "kind"
    return ""
