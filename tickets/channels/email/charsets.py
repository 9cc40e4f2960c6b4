"""Bytes of a mail as text, whatever charset they claim to be in. Nothing here raises."""

from __future__ import annotations

import codecs
import re
import struct

# Libraries that trust their input fail in as many ways as there are broken files.
PARSERS_RAISE = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, NameError, RecursionError, TypeError,
    ValueError, struct.error,
)  # fmt: skip
# What programs write and Python does not know, or knows too narrowly: the wider relative reads both (WHATWG Encoding).
_ALIASES = {
    "ansi": "cp1252", "x-ansi": "cp1252", "x-sjis": "cp932", "shift_jis": "cp932", "gb2312": "gb18030",
    "gbk": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "iso-8859-8-i": "iso-8859-8", "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8", "unicode-1-1-utf-7": "utf-7", "x-unicode-2-0-utf-8": "utf-8", "tis-620": "cp874",
    "x-mac-roman": "mac_roman", "macintosh": "mac_roman", "cp-850": "cp850", "unknown-8bit": "", "x-unknown": "",
    "us-ascii": "", "ascii": "", "7bit": "", "8bit": "", "default": "", "utf-16": "utf-16", "iso8859-1": "cp1252",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "iso-8859-9": "cp1254",
}  # fmt: skip
# They are no charsets of text: one takes the square of its input, one refuses everything, others read escapes.
_NOT_TEXT = {"punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape"}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SINGLE_BYTE = re.compile(r"cp125\d|iso8859|latin|mac|koi8|cp8\d\d|cp437")
_MANY_BYTES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def text_of(data: bytes, declared: str = "") -> str:
    """The text of some bytes. A charset that is missing, unknown or plainly wrong is guessed."""
    for mark, charset in _MARKS:
        if data.startswith(mark):
            return data[len(mark) if charset == "utf-8" else 0 :].decode(charset, "replace")
    charset = known_charset(declared)
    if charset and _is_plausible(data, charset):
        try:
            return data.decode(charset)
        except (ValueError, LookupError):
            pass
    return _guessed(data, charset)


def known_charset(declared: str) -> str:
    """The codec behind a charset's name; "" where there is none that reads text."""
    name = declared.strip().strip("\"'").lower()
    name = _ALIASES.get(name, name)
    try:
        found = codecs.lookup(name).name if name and len(name) < 40 else ""
        # Codecs that turn bytes into bytes refuse to decode to text with a LookupError.
        b"".decode(found or "utf-8")
    except (LookupError, ValueError):
        return ""
    return "" if found in _NOT_TEXT else _ALIASES.get(found, found)


def _is_plausible(data: bytes, charset: str) -> bool:
    """Text in a charset of one byte hardly ever happens to be UTF-8, so what is UTF-8 was labelled wrong."""
    return not (_SINGLE_BYTE.match(charset) and _MANY_BYTES.search(data) and _is_utf8(data))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except ValueError:
        return False
    return True


def _guessed(data: bytes, charset: str) -> str:
    if _is_utf8(data):
        return data.decode("utf-8")
    if charset and not charset.startswith("utf"):
        return data.decode(charset, "replace")
    # UTF-8 with a broken place here and there, against a Western text that says it is UTF-8.
    if len(_MANY_BYTES.findall(data)) * 2 > len(re.findall(rb"[\x80-\xff]+", data)):
        return data.decode("utf-8", "replace")
    return data.decode("cp1252", "replace")
