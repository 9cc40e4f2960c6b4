"""winmail.dat (MS-OXTNEF), which Outlook sends to people who do not have Outlook.

Read here rather than by a library: the counts in such a file are a stranger's, and may say four thousand million where
there is nothing. No step is taken here without bytes to take it on, so the cost is that of the file's length.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from knowledge.search.analysis import clean
from tickets.channels.email.charsets import text_of

_SIGNATURE = 0x223E9F78
_HEADER_BYTES = 6
_MOST_FILES = 100
_MOST_PROPERTIES = 2_000

# Attributes (MS-OXTNEF, 2.1.3.1).
_BODY, _TITLE, _DATA, _RENDERING, _MESSAGE_PROPERTIES, _FILE_PROPERTIES = 0x800C, 0x8010, 0x800F, 0x9002, 0x9003, 0x9005
_CODE_PAGE = 0x9007
# Properties (MS-OXPROPS).
_P_BODY, _P_HTML, _P_DATA, _P_SHORT_NAME, _P_LONG_NAME, _P_CONTENT_ID = 0x1000, 0x1013, 0x3701, 0x3704, 0x3707, 0x3712
# Bytes of a value of each fixed type, padding included; the others say their own length (MS-OXTNEF, 2.1.3.4.1).
_FIXED = {0x2: 4, 0x3: 4, 0x4: 4, 0x5: 8, 0x6: 8, 0x7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = {0xD, 0x1E, 0x1F, 0x102}
_MANY, _NAMED, _UNICODE, _OBJECT = 0x1000, 0x8000, 0x1F, 0xD
_GUID_BYTES = 16


class _EndOfFile(Exception):
    """The file says that more is to come, and there is no more."""


@dataclass
class PackedFile:
    name: str = ""
    data: bytes = b""
    content_id: str = ""


@dataclass
class Packet:
    text: str = ""
    html: str = ""
    files: list[PackedFile] = field(default_factory=list)


class _Bytes:
    """Bytes that are read from the front to the back."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = memoryview(data), 0

    def take(self, count: int) -> bytes:
        if count > len(self._data) - self._place:
            raise _EndOfFile
        self._place += count
        return bytes(self._data[self._place - count : self._place])

    def number(self) -> int:
        return int(struct.unpack("<I", self.take(4))[0])

    def short(self) -> int:
        return int(struct.unpack("<H", self.take(2))[0])

    def padded(self, count: int) -> bytes:
        data = self.take(count)
        self.take(-count % 4)
        return data


def unpacked(data: bytes) -> Packet | None:
    """What is packed in it; None for what is no such file, which is then a file like any other.

    Of one that is cut off, whatever stands before the end.
    """
    if len(data) < _HEADER_BYTES or struct.unpack("<I", data[:4])[0] != _SIGNATURE:
        return None
    packet, code_page = Packet(), "cp1252"
    for name, value in _attributes(_Bytes(data[_HEADER_BYTES:])):
        if name == _CODE_PAGE and len(value) >= 4:
            code_page = f"cp{struct.unpack('<I', value[:4])[0]}"
        elif name == _RENDERING:
            packet.files.append(PackedFile())
            if len(packet.files) > _MOST_FILES:
                break
        elif name == _BODY:
            packet.text = packet.text or _text(value, code_page)
        elif name == _MESSAGE_PROPERTIES:
            _read_message(packet, value, code_page)
        elif packet.files:
            _read_file(packet.files[-1], name, value, code_page)
    packet.files = [one for one in packet.files if one.data][:_MOST_FILES]
    for number, one in enumerate(packet.files, 1):
        one.name = one.name or f"attachment-{number}"
    return packet if packet.files or packet.text or packet.html else None


def _attributes(data: _Bytes) -> Iterator[tuple[int, bytes]]:
    """Name and value of each attribute: level, name, type, length, value, checksum (MS-OXTNEF, 2.1.3)."""
    try:
        while True:
            data.take(1)
            name = data.short()
            data.short()
            value = data.take(data.number())
            yield name, value
            data.short()
    except _EndOfFile:
        return


def _read_message(packet: Packet, value: bytes, code_page: str) -> None:
    for name, kind, data in _properties(value):
        if name == _P_BODY:
            packet.text = _text(data, "utf-16-le" if kind == _UNICODE else code_page)
        elif name == _P_HTML:
            packet.html = _text(data, code_page)


def _read_file(file: PackedFile, name: int, value: bytes, code_page: str) -> None:
    if name == _TITLE:
        file.name = file.name or _text(value, code_page)
    elif name == _DATA:
        file.data = value
    elif name == _FILE_PROPERTIES:
        for prop, kind, data in _properties(value):
            charset = "utf-16-le" if kind == _UNICODE else code_page
            if prop == _P_LONG_NAME or (prop == _P_SHORT_NAME and not file.name):
                file.name = _text(data, charset)
            elif prop == _P_CONTENT_ID:
                file.content_id = _text(data, charset).strip("<>")
            elif prop == _P_DATA and not file.data:
                # An object begins with the name of its kind.
                file.data = data[_GUID_BYTES:] if kind == _OBJECT else data


def _properties(value: bytes) -> list[tuple[int, int, bytes]]:
    """Name, type and first value of each property (MS-OXTNEF, 2.1.3.4)."""
    data = _Bytes(value)
    found: list[tuple[int, int, bytes]] = []
    try:
        for _ in range(min(data.number(), _MOST_PROPERTIES)):
            kind, name = data.short(), data.short()
            if name >= _NAMED:
                data.take(_GUID_BYTES)
                if data.number() == 0:
                    data.take(4)
                else:
                    data.padded(data.number())
            values = _values(data, kind)
            if values is None:
                break
            found += [(name, kind & ~_MANY, values[0])] if values else []
    except _EndOfFile:
        pass
    return found


def _values(data: _Bytes, kind: int) -> list[bytes] | None:
    """The values of a property; None for a type whose length nobody knows."""
    base, is_many = kind & ~_MANY, bool(kind & _MANY)
    if base in _FIXED:
        size = _FIXED[base]
        # Two-byte values are padded one by one, except in a row of them.
        count = data.number() if is_many else 1
        return [data.padded(count * min(size, 2 if base in (0x2, 0xB) else size))] if is_many else [data.take(size)]
    if base not in _VARIABLE:
        return None
    return [data.padded(data.number()) for _ in range(data.number())]


def _text(data: bytes, charset: str) -> str:
    return clean(text_of(data, charset).replace("\r\n", "\n").replace("\x00", "")).strip()
