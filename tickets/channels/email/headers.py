"""Header fields read as they come, not as they should (RFC 5322, RFC 2047, RFC 2231). Nothing here raises.

The library's own objects for headers raise on some malformed ones and take long over others, so fields are taken
raw and read with expressions that look at each character once.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from itertools import islice
from urllib.parse import unquote_to_bytes

from knowledge.search.analysis import clean
from tickets.channels.email.charsets import text_of

_LONGEST_FIELD = 20_000
_MOST_FIELDS = 50
_MOST_ADDRESSES = 200
_MOST_PARAMETERS = 100
_LONGEST_ID = 250
_ENCODED = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?\r\n]*)\?=")
_ID = re.compile(r"<([^<>]+)>")
_BARE_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]{1,64}@[^\s<>,;:\"()\[\]]{1,190}")
_PARAMETER = re.compile(r";\s*([^\s=;\"]{1,60})\s*=\s*(?:\"((?:[^\"\\]|\\.)*)(?:\"|\Z)|([^;\"]*))", re.DOTALL)
_SECTION = re.compile(r"^(.+?)(?:\*(\d{1,3}))?(\*)?$")


@dataclass(frozen=True)
class Address:
    name: str
    address: str
    """Lower case; "" for what is no address."""


def raw_fields(message: Message, *names: str) -> list[str]:
    """The bodies of all fields with these names, in order, bytes outside ASCII read as text, folds undone."""
    wanted = {name.lower() for name in names}
    found = []
    for name, value in message.raw_items():
        if name.lower() in wanted:
            found.append(_readable(str(value)[:_LONGEST_FIELD]))
            if len(found) == _MOST_FIELDS:
                break
    return found


def _readable(value: str) -> str:
    # The parser keeps bytes outside ASCII as lone surrogates.
    return re.sub(r"\r?\n[ \t]?", " ", text_of(value.encode("utf-8", "surrogateescape"))).strip()


def texts(message: Message, *names: str) -> list[str]:
    """As `raw_fields`, with encoded words decoded and control characters gone."""
    return [" ".join(clean(decoded(value).replace("\t", " ")).split()) for value in raw_fields(message, *names)]


def text(message: Message, *names: str) -> str:
    return next(iter(texts(message, *names)), "")


def has(message: Message, name: str) -> bool:
    return bool(raw_fields(message, name))


def decoded(value: str) -> str:
    """A field with its encoded words as text (RFC 2047). Words that follow each other may share a character."""
    pieces: list[str] = []
    waiting, charset, place = b"", "", 0
    for word in _ENCODED.finditer(value):
        between = value[place : word.start()]
        data = _word_bytes(word[2], word[3])
        if waiting and not between.strip() and charset == word[1].lower():
            waiting += data
        else:
            pieces.append(text_of(waiting, charset))
            # White space between two encoded words is there to fold the line only.
            pieces.append(between if between.strip() or not (waiting or charset) else "")
            waiting, charset = data, word[1].lower()
        place = word.end()
    return "".join([*pieces, text_of(waiting, charset), value[place:]])


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "replace")
    if encoding in "qQ":
        return quopri.decodestring(data, header=True)
    return lenient_base64(data)


def lenient_base64(data: bytes) -> bytes:
    """What can be read of base64 (RFC 2045, 6.8: foreign characters are passed over), padding or none."""
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    try:
        return base64.b64decode(letters + b"=" * (-len(letters) % 4))
    except (binascii.Error, ValueError):
        return b""


def addresses(message: Message, *names: str) -> list[Address]:
    """The mailboxes in address fields; in a field that cannot be parsed, whatever looks like one."""
    found: list[Address] = []
    for value in raw_fields(message, *names):
        found += addresses_in(value)
    return found[:_MOST_ADDRESSES]


def addresses_in(value: str) -> list[Address]:
    try:
        pairs = getaddresses([value])
    except (ValueError, IndexError, TypeError, RecursionError):
        # Comments within comments within comments.
        pairs = []
    parsed = [Address(_name(name), _plain(address)) for name, address in pairs if "@" in address]
    if not parsed:
        parsed = [Address("", _plain(address)) for address in _BARE_ADDRESS.findall(decoded(value))]
    return [one for one in parsed if one.address]


def _name(name: str) -> str:
    return " ".join(clean(decoded(name)).split()).strip("\"' ")[:200]


def _plain(address: str) -> str:
    return clean("".join(decoded(address).split())).lower().strip("<>\"'")[:254]


def message_ids(message: Message, *names: str) -> list[str]:
    """The IDs in threading fields (RFC 5322, 3.6.4), in angle brackets, without white space."""
    found = []
    for value in raw_fields(message, *names):
        found += [as_id(one) for one in _ID.findall(value)] or ([as_id(value)] if "@" in value else [])
    return list(dict.fromkeys(one for one in found if one))


def as_id(value: str) -> str:
    """It becomes part of the headers of our answers, where white space would break the line."""
    inner = "".join(clean(value).split()).strip("<>")
    return f"<{inner[: _LONGEST_ID - 2]}>" if inner else ""


def parameters(value: str) -> dict[str, str]:
    """The parameters of a structured field: plain, quoted, continued, in another charset (RFC 2231), raw."""
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    # A backslash at the very end would make the expression look again from every quotation mark.
    for match in islice(_PARAMETER.finditer(value.rstrip("\\")), _MOST_PARAMETERS):
        written = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else (match[3] or "").strip()
        section = _SECTION.match(match[1].lower())
        if section is None:
            continue
        if section[2] is None and section[3] is None:
            plain.setdefault(section[1], decoded(written))
        else:
            pieces.setdefault(section[1], []).append((int(section[2] or 0), section[3] is not None, written))
    return plain | {name: _joined(sorted(parts)) for name, parts in pieces.items()}


def _joined(parts: list[tuple[int, bool, str]]) -> str:
    charset, data = "", b""
    for number, (_, is_encoded, written) in enumerate(parts):
        rest = written
        if is_encoded and number == 0 and written.count("'") >= 2:
            charset, _language, rest = written.split("'", 2)
        data += unquote_to_bytes(rest) if is_encoded else rest.encode("utf-8", "replace")
    return text_of(data, charset)


def content_type(message: Message) -> str:
    """The media type in lower case; what RFC 2045, 5.2 takes for granted where none can be read."""
    value = next(iter(raw_fields(message, "Content-Type")), "")
    kind = value.split(";")[0].strip().lower()
    return kind if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) else "text/plain"


def parameter(message: Message, field: str, name: str) -> str:
    value = next(iter(raw_fields(message, field)), "")
    return clean(parameters(value).get(name, ""))


def seconds(message: Message) -> int | None:
    """The Date field as seconds since 1970; None for what cannot be read."""
    try:
        return int(parsedate_to_datetime(text(message, "Date")).timestamp())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
