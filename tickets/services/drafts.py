"""Answers and notes that agents have begun: kept on the server, so that no word depends on one browser."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import Attachment, Draft, DraftFile, MacroUse, Message, Ticket
from tickets.services.attachments import check_files, content_type, display_name

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

MAX_CHARACTERS = 40_000
"""Twice the longest answer: what is too long to be sent is still kept to be shortened."""
KEPT_FOR = timedelta(days=90)


def drafts_of(ticket: Ticket, user: User) -> dict[str, Draft]:
    """What the agent has begun in this case, by kind."""
    found = Draft.objects.filter(ticket=ticket, user=user).prefetch_related("files")
    return {draft.kind: draft for draft in found}


@transaction.atomic
def save_draft(
    ticket: Ticket, *, user: User, kind: str, body: str, macros: Sequence[int] | None = None, at: datetime | None = None
) -> Draft | None:
    """Keeps what has been written so far; nothing, without a file, is no draft. `macros` None leaves them alone."""
    body = clean(body)[:MAX_CHARACTERS]
    draft = Draft.objects.filter(ticket=ticket, user=user, kind=kind).first()
    if not body.strip() and not (draft and draft.files.exists()):
        if draft:
            draft.delete()
        return None
    values: dict[str, object] = {"body": body, "updated_at": at or timezone.now()}
    if macros is not None:
        values["macros"] = list(macros)
    draft, _created = Draft.objects.update_or_create(ticket=ticket, user=user, kind=kind, defaults=values)
    return draft


@transaction.atomic
def keep_files(ticket: Ticket, *, user: User, files: Sequence[File[bytes]], body: str | None = None) -> Draft | None:
    """Puts files to the answer that is being written. Raises TicketError, naming the file, when one cannot be taken."""
    if not files:
        return None
    check_files(files)
    values = {"body": clean(body)[:MAX_CHARACTERS]} if body is not None else {}
    draft, _created = Draft.objects.update_or_create(ticket=ticket, user=user, kind=Draft.Kind.REPLY, defaults=values)
    if draft.files.count() + len(files) > settings.ATTACHMENT_MAX_COUNT:
        raise TicketError(_("Up to %(count)s files can be sent at a time.") % {"count": settings.ATTACHMENT_MAX_COUNT})
    for file in files:
        kind = content_type(file)
        DraftFile.objects.create(
            draft=draft, file=file, name=display_name(file.name or ""), content_type=kind, size=file.size
        )
    return draft


def files_of(ticket: Ticket, user: User, wanted: Iterable[int] | None = None) -> list[DraftFile]:
    """The files that wait with the answer; of them only the `wanted` where given."""
    found = DraftFile.objects.filter(draft__ticket=ticket, draft__user=user, draft__kind=Draft.Kind.REPLY)
    return list(found if wanted is None else found.filter(pk__in=list(wanted)))


@transaction.atomic
def remove_file(ticket: Ticket, *, user: User, pk: int) -> None:
    files = files_of(ticket, user, [pk])
    _delete_files(files)
    for file in files:
        file.delete()


def hand_over(files: Sequence[DraftFile], message: Message) -> None:
    """The files of a draft become the message's own; nothing is copied."""
    for one in files:
        Attachment.objects.create(
            message=message, file=one.file.name, name=one.name, content_type=one.content_type, size=one.size
        )
        one.delete()


@transaction.atomic
def clear(ticket: Ticket, *, user: User, kind: str) -> None:
    """What was sent, or thrown away, is no draft any more; nor are the files that it was not sent with."""
    drafts = Draft.objects.filter(ticket=ticket, user=user, kind=kind)
    _delete_files(DraftFile.objects.filter(draft__in=drafts))
    drafts.delete()


def _delete_files(files: Iterable[DraftFile]) -> None:
    for one in files:
        transaction.on_commit(partial(one.file.storage.delete, str(one.file.name)))


def put_back(message: Message, *, user: User) -> None:
    """An answer that was taken back is a draft again, before anything begun since."""
    begun = Draft.objects.filter(ticket=message.ticket_id, user=user, kind=Draft.Kind.REPLY).first()
    since = begun.body.strip() if begun else ""
    body = f"{message.body}\n\n{since}" if since and since != message.body else message.body
    macros = list(MacroUse.objects.filter(message=message).values_list("macro", flat=True))
    draft, _created = Draft.objects.update_or_create(
        ticket=message.ticket,
        user=user,
        kind=Draft.Kind.REPLY,
        defaults={"body": body, "macros": macros, "updated_at": timezone.now()},
    )
    for one in message.attachments.all():
        DraftFile.objects.create(
            draft=draft, file=one.file.name, name=one.name, content_type=one.content_type, size=one.size
        )


@transaction.atomic
def prune(before: datetime) -> int:
    """Throws away what nobody has touched since then, with its files. Returns how many drafts went."""
    old = Draft.objects.filter(updated_at__lt=before)
    _delete_files(DraftFile.objects.filter(draft__in=old))
    count = old.count()
    old.delete()
    return count
