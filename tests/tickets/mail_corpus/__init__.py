"""Awkward letters, each with the rule that it bends and what has to become of it.

A letter may name what only exists once there is a case: `@@REPLY@@` is the address to which its customer answers,
`@@OURID@@` the Message-ID of our confirmation, `@@THEIRID@@` that of a letter of the customer's that is in the case.
"""

from __future__ import annotations

from dataclasses import dataclass

from tickets.models import InboundMail

Outcome = InboundMail.Outcome
Cause = InboundMail.Cause

OPENED, TAKEN, LINKED, HELD = Outcome.OPENED, Outcome.TAKEN, Outcome.LINKED, Outcome.HELD
AUTOMATIC, BOUNCE, UNREADABLE = Outcome.AUTOMATIC, Outcome.BOUNCE, Outcome.UNREADABLE


@dataclass(frozen=True)
class Awkward:
    name: str
    rule: str
    """Where the rule stands, or which program breaks it."""
    raw: bytes
    outcome: str = OPENED
    cause: str = ""
    body: str | None = None
    """All of the message's text."""
    holds: str = ""
    """A part of it."""
    subject: str | None = None
    sender: str | None = None
    customer_name: str | None = None
    files: tuple[str, ...] | None = None
    left_out: tuple[str, ...] | None = None
    language: str = ""
    is_confirmed: bool | None = None
    """Whether a confirmation goes out."""


def letter(
    headers: str = "", body: str | bytes = "Where is my parcel?", *, answers: bool = False, **fields: str
) -> bytes:
    """A letter from Cleo to us; `headers` are further lines, `fields` replace the usual ones ("" leaves one out)."""
    usual = {
        "From": "Cleo Lind <cleo@example.com>",
        "To": "@@REPLY@@" if answers else "help@localhost",
        "Subject": "Parcel",
        "Date": "Sun, 22 Nov 2026 10:00:00 +0100",
        "Message-ID": "@@ID@@",
    }
    usual |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [f"{name}: {value}" for name, value in usual.items() if value]
    lines += [line for line in headers.strip("\n").split("\n") if line]
    text = body.encode() if isinstance(body, str) else body
    return "\n".join(lines).encode() + b"\n\n" + text + b"\n"


def parts(boundary: str, *pieces: str | bytes, closed: bool = True) -> bytes:
    """The body of a multipart letter (RFC 2046, 5.1)."""
    data = b"".join(
        f"--{boundary}\n".encode() + (one.encode() if isinstance(one, str) else one) + b"\n" for one in pieces
    )
    return data + (f"--{boundary}--\n".encode() if closed else b"")


def mixed(*pieces: str | bytes, kind: str = "mixed", closed: bool = True, headers: str = "", **fields: str) -> bytes:
    return letter(
        f'MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary="b1"\n{headers}',
        parts("b1", *pieces, closed=closed),
        **fields,
    )


PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def text_part(text: str = "See the picture.") -> str:
    return f"Content-Type: text/plain; charset=utf-8\n\n{text}"


def png_part(disposition: str, more: str = "") -> str:
    return (
        f"Content-Type: image/png\nContent-Transfer-Encoding: base64\nContent-Disposition: {disposition}\n{more}\n{PNG}"
    )
