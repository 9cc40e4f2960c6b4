"""What files we take: by size, number, and what is really in them, whatever they are called."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

import puremagic
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import Attachment, Message

# Extension -> the types that its content may turn out to be, the first being what it is served as.
ALLOWED_TYPES: dict[str, tuple[str, ...]] = {
    ".png": ("image/png",),
    ".jpg": ("image/jpeg",),
    ".jpeg": ("image/jpeg",),
    ".gif": ("image/gif",),
    ".webp": ("image/webp",),
    ".heic": ("image/heic", "image/heif", "image/heif-sequence"),
    ".pdf": ("application/pdf",),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/zip"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/zip"),
    ".odt": ("application/vnd.oasis.opendocument.text", "application/zip"),
    ".txt": ("text/plain",),
    ".csv": ("text/csv", "text/plain"),
    ".mp4": ("video/mp4",),
    ".mov": ("video/quicktime",),
    ".ics": ("text/calendar", "text/plain"),
    ".eml": ("message/rfc822", "text/plain"),
}
_HEAD_BYTES = 8192
# Signatures alone bring half a dozen pictures; whoever writes a mail is not there to be asked to choose.
MAIL_MAX_COUNT = 40


class MailFile(ContentFile[bytes]):
    """A file that came with a mail; its HTML may show it by `content_id` (RFC 2392)."""

    def __init__(self, content: bytes, name: str, content_id: str = "") -> None:
        super().__init__(content, name=name)
        self.content_id = content_id


def check_files(files: Sequence[File[bytes]], *, from_mail: bool = False) -> None:
    """Raises TicketError, naming the file and the reason, unless every file can be taken."""
    limit = MAIL_MAX_COUNT if from_mail else settings.ATTACHMENT_MAX_COUNT
    if len(files) > limit:
        raise TicketError(_("Up to %(count)s files can be sent at a time.") % {"count": limit})
    for file in files:
        content_type(file)


def content_type(file: File[bytes]) -> str:
    """The type that a file will be served as. Raises TicketError when it is not to be taken."""
    allowed = check_announced(file.name or "", file.size)
    if not _content_is(file, allowed):
        raise _unknown_kind(display_name(file.name or ""))
    return allowed[0]


def check_announced(name: str, size: int) -> tuple[str, ...]:
    """The types that a file of this name may turn out to have. Raises TicketError for one that is never taken."""
    name = display_name(name)
    if not size:
        raise TicketError(_("“%(name)s” is empty. Choose the file again.") % {"name": name})
    if size > settings.ATTACHMENT_MAX_BYTES:
        raise TicketError(
            _("“%(name)s” is too large. The limit is %(limit)s a file.")
            % {"name": name, "limit": filesizeformat(settings.ATTACHMENT_MAX_BYTES)}
        )
    allowed = ALLOWED_TYPES.get(PurePath(name).suffix.lower())
    if allowed is None:
        raise _unknown_kind(name)
    return allowed


def _unknown_kind(name: str) -> TicketError:
    return TicketError(
        _("“%(name)s” is not a kind of file that we can open. Send pictures, PDF, text or office documents.")
        % {"name": name}
    )


def _content_is(file: File[bytes], allowed: tuple[str, ...]) -> bool:
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    if "text/plain" in allowed:
        return b"\x00" not in head
    try:
        found = {match.mime_type for match in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return False
    # An executable stays one, whatever else its bytes might also be read as.
    return bool(found & set(allowed)) and not head.startswith((b"MZ", b"\x7fELF", b"#!"))


def display_name(name: str) -> str:
    """A file name fit to be shown and served: no folders, no control characters, at most 120 characters."""
    base = " ".join(clean(name.replace("\\", "/").rsplit("/", 1)[-1]).split()) or "file"
    path = PurePath(base)
    return f"{path.stem[: 120 - len(path.suffix)]}{path.suffix}"


def attach(message: Message, files: Sequence[File[bytes]]) -> None:
    """Keeps files with a message. They must have passed `check_files`."""
    for file in files:
        kind = content_type(file)
        Attachment.objects.create(
            message=message,
            file=file,
            name=display_name(file.name or ""),
            content_type=kind,
            size=file.size,
            content_id=getattr(file, "content_id", "")[:250],
        )
