"""winmail.dat (MS-OXTNEF), which Outlook sends to people who do not have Outlook."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from tnefparse import TNEF  # type: ignore[import-untyped]

from knowledge.search.analysis import clean
from tickets.channels.email.charsets import PARSERS_RAISE, text_of

logger = logging.getLogger(__name__)
_MOST_FILES = 100


@dataclass(frozen=True)
class PackedFile:
    name: str
    data: bytes


@dataclass(frozen=True)
class Packet:
    text: str = ""
    html: str = ""
    files: list[PackedFile] = field(default_factory=list)


def unpacked(data: bytes) -> Packet | None:
    """What is packed in it; None for what cannot be unpacked, which is then a file like any other."""
    try:
        packet = TNEF(data, do_checksum=False)
        files = [_file(one, number) for number, one in enumerate(packet.attachments[:_MOST_FILES])]
        return Packet(_text(packet.body), _text(packet.htmlbody), [one for one in files if one.data])
    except PARSERS_RAISE as error:
        logger.info("A winmail.dat could not be unpacked: %r", error)
        return None


def _file(attachment: object, number: int) -> PackedFile:
    data = getattr(attachment, "data", b"")
    name = attachment.long_filename() or attachment.name  # type: ignore[attr-defined]
    return PackedFile(_text(name).strip() or f"attachment-{number + 1}", data if isinstance(data, bytes) else b"")


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = text_of(value)
    return clean(str(value or "").replace("\r\n", "\n").replace("\x00", "")).strip()
