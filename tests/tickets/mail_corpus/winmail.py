"""A small winmail.dat (MS-OXTNEF, 2.1.3): one attachment, notes.txt."""

from __future__ import annotations

import struct

_ATTACHMENT = 2


def _attribute(level: int, name: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def _property(name: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<HHII", kind, name, 1, len(data)) + data + b"\x00" * (-len(data) % 4)


# A name in Unicode, as Outlook writes it beside the short one.
WITH_LONG_NAME = (
    struct.pack("<IH", 0x223E9F78, 1)
    + _attribute(1, 0x9003, 6, struct.pack("<I", 1) + _property(0x1000, 0x1F, "Hälsningar\0".encode("utf-16-le")))
    + _attribute(_ATTACHMENT, 0x9002, 6, b"\x01\x00" + b"\xff" * 4 + b"\x00" * 8)
    + _attribute(_ATTACHMENT, 0x8010, 1, b"NOTES~1.TXT\x00")
    + _attribute(_ATTACHMENT, 0x800F, 6, b"Remember the milk.")
    + _attribute(
        _ATTACHMENT, 0x9005, 6, struct.pack("<I", 1) + _property(0x3707, 0x1F, "mjölk.txt\0".encode("utf-16-le"))
    )
)
# Says that it has four thousand million properties, and has none.
ENDLESS = struct.pack("<IH", 0x223E9F78, 1) + _attribute(
    1, 0x9003, 6, b"\xff\xff\xff\xff\x02\x10\x00\x10\xff\xff\xff\xff"
)
WINMAIL = (
    struct.pack("<IH", 0x223E9F78, 1)
    + _attribute(1, 0x9006, 8, struct.pack("<I", 0x00010000))
    + _attribute(1, 0x9007, 6, struct.pack("<II", 1252, 0))
    + _attribute(_ATTACHMENT, 0x9002, 6, b"\x01\x00" + b"\xff" * 4 + b"\x00" * 8)
    + _attribute(_ATTACHMENT, 0x8010, 1, b"notes.txt\x00")
    + _attribute(_ATTACHMENT, 0x800F, 6, b"Remember the milk.")
)
