"""Files that are sent ahead of a message, in parts, so that a lost connection costs no more than the part under way.

The rules of offsets are those of the tus protocol 1.0 (https://tus.io/protocols/resumable-upload): an upload is made
with its length, tells how much of it has arrived, and takes more only at exactly that place. Each part is stored as a
file of its own, so that any storage will do, and put together when the last one is there.

Limits are the form's: `ATTACHMENT_MAX_COUNT` files of `ATTACHMENT_MAX_BYTES` each, of kinds that we take by content.
A visit costs a program nothing, so that a network address has `UPLOAD_BYTES_PER_HOUR` in all, however it sends them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from tempfile import TemporaryFile
from typing import IO, Protocol

from django.conf import settings
from django.core.cache import cache
from django.core.files.base import File
from django.core.files.storage import storages
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from deflection.models import Journey, Upload, UploadPart
from deflection.services.drafts import of_attempt
from tickets.errors import TicketError
from tickets.services.attachments import check_announced, content_type, display_name

LEFT_AFTER = timedelta(days=1)
"""What is half there, was thrown away or has been sent is kept this long; whole files go with their journey."""
_TOKENS = Signer(salt="deflection.uploads")
_FOLDER = "uploads"
_BLOCK_BYTES = 64 * 1024
_HOUR_SECONDS = 3600


class WrongOffset(Exception):
    """Bytes came for another place than the one where the upload stands."""


class TooManyBytes(Exception):
    """More bytes came than the upload was to have."""


class Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


def count_towards_allowance(address: str, size: int) -> None:
    """Notes that so many bytes come from a network address. Raises TicketError where it has sent enough for now.

    Only files are turned away: nobody is kept from sending a message. Without a cache there is no limit.
    """
    if not settings.RATELIMIT_ENABLE or not size:
        return
    key = f"uploads.bytes.{_network_of(address)}"
    cache.add(key, 0, _HOUR_SECONDS)
    # The hour may end between the two.
    with suppress(ValueError):
        if (cache.incr(key, size) or 0) > settings.UPLOAD_BYTES_PER_HOUR:
            raise TicketError(
                _("That was a lot of files within an hour. Send your message; the files can follow later.")
            )


def _network_of(address: str) -> str:
    """What one customer has of an address: all of it, or the first half where it is one of IPv6 (RFC 6177)."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((ip, 64), strict=False).network_address) if ip.version == 6 else str(ip)


def begin(journey: Journey, *, name: str, size: int) -> Upload:
    """A new upload of so many bytes. Raises TicketError for a file that would not be taken when it is whole."""
    name = display_name(name)
    check_announced(name, size)
    if len(waiting(journey)) >= settings.ATTACHMENT_MAX_COUNT:
        raise TicketError(_("Up to %(count)s files can be sent at a time.") % {"count": settings.ATTACHMENT_MAX_COUNT})
    return Upload.objects.create(journey=journey, name=name, size=size)


def waiting(journey: Journey) -> list[Upload]:
    """The files of an attempt that will go with its message, whole or half there."""
    return list(Upload.objects.waiting().filter(of_attempt(journey)))


def find(journey: Journey, pk: uuid.UUID) -> Upload | None:
    """An upload of the same attempt; for anybody else there is none."""
    return Upload.objects.waiting().filter(of_attempt(journey), pk=pk).first()


def append(upload: Upload, *, offset: int, content: Readable) -> Upload:
    """Takes the bytes that follow on `offset`, and looks at the whole when they are the last.

    Raises WrongOffset and TooManyBytes; TicketError when the file is whole and none that we take: then it is gone.
    """
    if offset != upload.offset:
        raise WrongOffset
    with TemporaryFile() as received:
        length = _copied(content, received, at_most=upload.size - offset)
        if length:
            _keep_part(upload, offset, File(received, name="part"), length)
    upload.refresh_from_db()
    return finish(upload)


def _copied(content: Readable, target: IO[bytes], *, at_most: int) -> int:
    length = 0
    while block := content.read(_BLOCK_BYTES):
        length += len(block)
        if length > at_most:
            raise TooManyBytes
        target.write(block)
    target.flush()
    return length


def _keep_part(upload: Upload, offset: int, content: File[bytes], length: int) -> None:
    part = UploadPart(upload=upload, start=offset)
    content.seek(0)
    part.file.save("part", content, save=False)
    try:
        with transaction.atomic():
            moved = Upload.objects.filter(pk=upload.pk, offset=offset, sent_at=None).update(
                offset=offset + length, updated_at=timezone.now()
            )
            if not moved:
                raise WrongOffset
            part.save()
    except BaseException:
        part.file.delete(save=False)
        raise


def finish(upload: Upload) -> Upload:
    """Puts the parts together once all are there. Safe to repeat, also after a crash halfway.

    Raises TicketError when the whole is no file that we take.
    """
    if upload.is_whole or upload.offset < upload.size:
        return upload
    with TemporaryFile() as joined:
        if _joined(upload, joined) < upload.size:
            # Another request was quicker, and has put the parts away.
            upload.refresh_from_db()
            return upload
        whole = File(joined, name=upload.name)
        try:
            content_type(whole)
        except TicketError:
            upload.delete()
            raise
        upload.file.save(upload.name, whole, save=False)
    with transaction.atomic():
        if not Upload.objects.filter(pk=upload.pk, file="", sent_at=None).update(file=upload.file.name):
            forget_content(str(upload.file.name))
            upload.refresh_from_db()
        upload.parts.all().delete()
    return upload


def _joined(upload: Upload, target: IO[bytes]) -> int:
    length = 0
    try:
        for part in upload.parts.all():
            with part.file.open("rb") as content:
                length += _copied(content, target, at_most=upload.size)
    except FileNotFoundError:
        return 0
    return length


def keep(journey: Journey, files: Iterable[File[bytes]]) -> list[Upload]:
    """Files that came with an ordinary form that could not be taken yet, so that nobody chooses them twice.

    What is over the limit or of no kind that we take is left out: the form has told about it.
    """
    kept = []
    for file in files:
        # Where the storage fails, the form has to do without.
        with suppress(TicketError, OSError):
            content_type(file)
            kept.append(_kept_whole(journey, file))
    return kept


@transaction.atomic
def _kept_whole(journey: Journey, file: File[bytes]) -> Upload:
    upload = begin(journey, name=file.name or "", size=file.size)
    file.seek(0)
    upload.file.save(upload.name, file, save=False)
    upload.offset = upload.size
    upload.save()
    return upload


def remove(upload: Upload) -> None:
    upload.delete()


def token_of(upload: Upload) -> str:
    """What a form says to send this file. We gave it to whoever has it: it holds when the visit's cookie is lost."""
    return _TOKENS.sign(str(upload.pk))


def named_by(tokens: Sequence[str]) -> list[Upload]:
    """The uploads that a form names, in its order. Raises TicketError where one of them is not here any more."""
    names = [_named(token) for token in dict.fromkeys(tokens)]
    found = {one.pk: one for one in Upload.objects.filter(pk__in=[name for name in names if name])}
    if any(name is None or name not in found for name in names):
        raise TicketError(_("A file that you had added is not here any more. Choose it again, or send without it."))
    return [found[name] for name in names if name]


def _named(token: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(_TOKENS.unsign(token))
    except (BadSignature, ValueError):
        return None


def claimed(uploads: Sequence[Upload]) -> list[Upload]:
    """Those of them that are whole and not sent yet, locked until the transaction ends: each is sent exactly once."""
    locked = Upload.objects.select_for_update().whole().filter(pk__in=[one.pk for one in uploads], sent_at=None)
    return list(locked.order_by("pk"))


def mark_sent(uploads: Sequence[Upload]) -> None:
    """Their content is with the case now. The rows stay for a while, for a form that is sent twice."""
    for one in uploads:
        forget_content(str(one.file.name))
        one.file, one.sent_at = "", timezone.now()
        one.save(update_fields=["file", "sent_at"])


def set_aside(journey: Journey) -> None:
    """The customer starts over; `take_back` undoes it as long as they have not been cleaned up."""
    Upload.objects.waiting().filter(of_attempt(journey)).update(set_aside_at=timezone.now())


def take_back(journey: Journey) -> None:
    Upload.objects.filter(of_attempt(journey), sent_at=None, set_aside_at__isnull=False).update(set_aside_at=None)


def prune(*, at: datetime | None = None) -> int:
    """Deletes what nobody will come back to: rows, and content that a crash left without a row. Returns how many."""
    before = (at or timezone.now()) - LEFT_AFTER
    old = Upload.objects.filter(updated_at__lt=before)
    useless = old.filter(Q(file="") | Q(sent_at__lt=before) | Q(set_aside_at__lt=before))
    count = useless.count()
    useless.delete()
    return count + _prune_content(before)


def _prune_content(before: datetime) -> int:
    storage = storages["attachments"]
    stored = [name for name in _stored_below(_FOLDER) if storage.get_modified_time(name) < before]
    known = set(Upload.objects.filter(file__in=stored).values_list("file", flat=True))
    known |= set(UploadPart.objects.filter(file__in=stored).values_list("file", flat=True))
    orphans = [name for name in stored if name not in known]
    for name in orphans:
        storage.delete(name)
    return len(orphans)


def _stored_below(folder: str) -> Iterable[str]:
    storage = storages["attachments"]
    if not storage.exists(folder):
        return
    folders, files = storage.listdir(folder)
    yield from (f"{folder}/{name}" for name in files)
    for name in folders:
        yield from _stored_below(f"{folder}/{name}")


def forget_content(name: str) -> None:
    """Content whose row is gone goes too, once that is certain."""
    if name:
        transaction.on_commit(lambda: storages["attachments"].delete(name))
