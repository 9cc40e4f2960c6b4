"""Mail too large to be taken whole: its beginning, cut so that it still reads as a mail."""

from __future__ import annotations

import re
from email import policy
from email.parser import BytesHeaderParser

from django.conf import settings

HEADER = "X-Svar-Cut"
_KEPT_BYTES = 256 * 1024
_LINE_END = re.compile(rb"\r?\n")


def kept_bytes() -> int:
    """How much of it is kept: the headers, and what was written, which stands before the files."""
    return min(_KEPT_BYTES, settings.MAIL_MAX_BYTES)


def cut(beginning: bytes, size: int) -> bytes:
    """The beginning of a mail of `size` bytes, without the part in the middle of which it breaks off, and with a
    header on top that says what was left out."""
    end = b"\r\n" if b"\r\n" in beginning else b"\n"
    kept = _until_last_part(beginning, end)
    note = f"{HEADER}: {len(kept)} of {size} bytes".encode()
    return note + end + kept


def _until_last_part(beginning: bytes, end: bytes) -> bytes:
    boundary = BytesHeaderParser(policy=policy.compat32).parsebytes(beginning).get_boundary()
    if not boundary:
        return beginning
    line = b"--" + boundary.encode("ascii", "surrogateescape")
    places = [match.start() for match in re.finditer(rb"^" + re.escape(line), beginning, re.MULTILINE)]
    if len(places) < 2:
        return beginning + end + line + b"--" + end
    return beginning[: places[-1]] + line + b"--" + end
