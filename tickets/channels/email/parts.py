"""What a mail is made of (RFC 2045 to 2049, RFC 2387): its text, its HTML, its files, whatever shape it has.

Nothing here raises for what a stranger may send, and nothing costs more than a little for each byte.
"""

from __future__ import annotations

import binascii
import mimetypes
import quopri
import re
from dataclasses import dataclass, field
from email.message import Message

from knowledge.search.analysis import clean
from tickets.channels.email import headers
from tickets.channels.email.charsets import text_of
from tickets.channels.email.invitations import words_of_invitation
from tickets.channels.email.tnef import unpacked
from tickets.channels.email.trimming import text_of_html

_MOST_PARTS = 1_000
_DEEPEST = 60
MOST_TEXT = 1_000_000
_NOTICES = {"message/delivery-status", "message/global-delivery-status", "message/disposition-notification",
            "message/feedback-report", "text/rfc822-headers"}  # fmt: skip
# They prove something to programs, and are no files to anybody.
_SIGNATURES = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
_EXTENSIONS = {"image/jpeg": ".jpg", "text/plain": ".txt", "text/calendar": ".ics", "message/rfc822": ".eml"}

# Pictures that some programs write into the HTML itself (RFC 2397): they would fill the room that the words have.
_WRITTEN_IN = re.compile(r"\bdata:(image/(?:png|jpe?g|gif|webp|heic));base64,([A-Za-z0-9+/=\r\n]{64,})", re.IGNORECASE)


@dataclass(frozen=True)
class Enclosed:
    """A file that came along, not yet judged."""

    name: str
    content_type: str
    data: bytes
    content_id: str = ""


@dataclass
class Contents:
    text: str = ""
    html: str = ""
    files: list[Enclosed] = field(default_factory=list)
    letters: list[Message] = field(default_factory=list)
    """Whole messages that were attached (message/rfc822)."""


def contents_of(message: Message) -> Contents:
    """Everything to be read in a message. Text of HTML stands in `text` too where nothing says it in plain text."""
    reader = _Reader()
    text, html = reader.read(message, 0)
    return Contents(text[:MOST_TEXT].strip(), html[:MOST_TEXT].strip(), reader.files, reader.letters)


def payload(part: Message) -> bytes:
    """The decoded bytes of a part that has no parts. Broken encodings give what can be read of them."""
    data = _undecoded(part)
    match headers.text(part, "Content-Transfer-Encoding").lower():
        case "base64":
            return headers.lenient_base64(data)
        case "quoted-printable":
            return quopri.decodestring(_without_padding(data))
        case "x-uuencode" | "uuencode" | "uue" | "x-uue":
            return _uudecoded(data)
    return data


def _without_padding(data: bytes) -> bytes:
    """Quoted-printable without the white space that servers add behind a soft line break (RFC 2045, 6.7, rule 3)."""
    return b"\n".join(
        line.rstrip() if line.endswith((b" ", b"\t", b"\r")) and line.rstrip().endswith(b"=") else line
        for line in data.split(b"\n")
    )


def _undecoded(part: Message) -> bytes:
    # `get_payload(decode=True)` would look up charsets and raise; the text it starts from has surrogates for bytes.
    kept = part.__dict__.get("_payload")
    return kept.encode("utf-8", "surrogateescape") if isinstance(kept, str) else b""


def _uudecoded(data: bytes) -> bytes:
    pieces = []
    for line in data.splitlines():
        if line.startswith(b"begin ") or line.strip() in (b"end", b"`", b""):
            continue
        try:
            pieces.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(pieces)


class _Reader:
    def __init__(self) -> None:
        self.files: list[Enclosed] = []
        self.letters: list[Message] = []
        self._parts = 0

    def read(self, part: Message, depth: int) -> tuple[str, str]:
        """Text and HTML of a part and all below it; files are put aside on the way."""
        self._parts += 1
        if self._parts > _MOST_PARTS or depth > _DEEPEST:
            return "", ""
        kind = headers.content_type(part)
        below = part.__dict__.get("_payload")
        if kind == "message/rfc822" or (kind == "message/global" and isinstance(below, list)):
            return self._letter(part)
        if kind in _NOTICES:
            return "", ""
        if isinstance(below, list):
            parts = [one for one in below if isinstance(one, Message)]
            if kind == "multipart/alternative":
                return self._alternative(parts, depth)
            return self._sequence(parts, depth)
        return self._leaf(part, kind)

    def _alternative(self, parts: list[Message], depth: int) -> tuple[str, str]:
        """The same said several times, the best last (RFC 2046, 5.1.4)."""
        plain, html, other = "", "", ""
        for part in parts:
            text, markup = self.read(part, depth + 1)
            if markup:
                html, other = markup, text
            elif headers.content_type(part) == "text/calendar":
                other = f"{other}\n\n{text}".strip()
            elif text.strip():
                plain = text
        return plain or other, html

    def _sequence(self, parts: list[Message], depth: int) -> tuple[str, str]:
        read = [self.read(part, depth + 1) for part in parts]
        text = "\n\n".join(one for one, _ in read if one.strip())
        return text, "\n<hr>\n".join(markup for _, markup in read if markup.strip())

    def _leaf(self, part: Message, kind: str) -> tuple[str, str]:
        name = file_name(part)
        if kind in _SIGNATURES:
            return "", ""
        if kind == "application/ms-tnef" or name.lower() == "winmail.dat":
            return self._winmail(part, name)
        is_file = _disposition(part) == "attachment" or (bool(name) and kind != "text/calendar")
        if kind == "text/calendar":
            return self._calendar(part, name)
        if is_file or not kind.startswith("text/"):
            self._keep(part, kind, name)
            return "", ""
        if kind == "text/html":
            html = _tidy(self._without_pictures(_characters(part))[: 2 * MOST_TEXT])
            return text_of_html(html, with_quotes=True), html
        return _text(part), ""

    def _without_pictures(self, html: str) -> str:
        """The HTML with the pictures that stand in it as files, which it shows by their Content-ID."""

        def put_aside(picture: re.Match[str]) -> str:
            kind = picture[1].lower().replace("jpg", "jpeg")
            content_id = f"picture-{len(self.files) + 1}@html"
            data = headers.lenient_base64(picture[2].encode())
            self.files.append(Enclosed(_made_up(kind, len(self.files)), kind, data, content_id))
            return f"cid:{content_id}"

        return _WRITTEN_IN.sub(put_aside, html)

    def _keep(self, part: Message, kind: str, name: str) -> None:
        content_id = "".join(headers.text(part, "Content-ID").split()).strip("<>")
        self.files.append(Enclosed(name or _made_up(kind, len(self.files)), kind, payload(part), content_id[:250]))

    def _letter(self, part: Message) -> tuple[str, str]:
        below = part.__dict__.get("_payload")
        inner = below[0] if isinstance(below, list) and below and isinstance(below[0], Message) else None
        if inner is None:
            self._keep(part, "message/rfc822", file_name(part) or "message.eml")
            return "", ""
        self.letters.append(inner)
        subject = re.sub(r"[\\/:*?\"<>|]+", " ", headers.text(inner, "Subject"))[:80].strip()
        data = inner.as_string(unixfrom=False).encode("utf-8", "surrogateescape")
        self.files.append(Enclosed(f"{subject or 'message'}.eml", "message/rfc822", data))
        return "", ""

    def _calendar(self, part: Message, name: str) -> tuple[str, str]:
        data = payload(part)
        name = name if name.lower().endswith(".ics") else f"{name or 'invitation'}.ics"
        if all(one.data != data for one in self.files):
            self.files.append(Enclosed(name, "text/calendar", data))
            return words_of_invitation(data), ""
        return "", ""

    def _winmail(self, part: Message, name: str) -> tuple[str, str]:
        packet = unpacked(payload(part))
        if packet is None:
            self._keep(part, "application/ms-tnef", name or "winmail.dat")
            return "", ""
        self.files += [Enclosed(one.name, _type_of(one.name), one.data, one.content_id[:250]) for one in packet.files]
        return packet.text or text_of_html(packet.html, with_quotes=True), packet.html


def file_name(part: Message) -> str:
    """The name of a file (RFC 2183, RFC 2231), or "" where it has none."""
    name = headers.parameter(part, "Content-Disposition", "filename") or headers.parameter(part, "Content-Type", "name")
    return " ".join(name.replace("\t", " ").split())


def _disposition(part: Message) -> str:
    return headers.text(part, "Content-Disposition").split(";")[0].strip().lower()


def _characters(part: Message) -> str:
    return text_of(payload(part), headers.parameter(part, "Content-Type", "charset"))


def _text(part: Message) -> str:
    text = _characters(part)[: 2 * MOST_TEXT]
    if headers.parameter(part, "Content-Type", "format").lower() == "flowed":
        text = _unflowed(text, headers.parameter(part, "Content-Type", "delsp").lower() == "yes")
    return _tidy(text)


def _tidy(text: str) -> str:
    return clean(text.replace("\r\n", "\n").replace("\r", "\n"))


def _unflowed(text: str, delete_space: bool) -> str:
    """Lines as they were written (RFC 3676, 4): a space at the end says that the line goes on. Quotes stay as sent."""
    pieces: list[str] = []
    goes_on = True
    for raw in text.replace("\r\n", "\n").split("\n"):
        line = raw[1:] if raw.startswith(" ") else raw
        is_own = line.startswith(">") or line == "-- "
        if pieces and not (goes_on and not is_own):
            pieces.append("\n")
        goes_on = line.endswith(" ") and not is_own
        pieces.append(line[:-1] if goes_on and delete_space else line)
    return "".join(pieces)


def _made_up(kind: str, number: int) -> str:
    extension = _EXTENSIONS.get(kind) or mimetypes.guess_extension(kind) or ""
    return f"attachment-{number + 1}{extension}"


def _type_of(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
