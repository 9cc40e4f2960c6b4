"""Invisible spam traps for public forms: a field that people never see, and a signed time of rendering.

Nobody is turned away: what looks like spam becomes a case set aside, which an agent can take in with one click.
"""

from __future__ import annotations

import re
import time

from django.core.signing import BadSignature, Signer

HONEYPOT = "website"
_signer = Signer(salt="tickets.form-guard")
_TOO_FAST_SECONDS = 2.0
_LINK = re.compile(r"https?://|www\.|\[url", re.IGNORECASE)
# What mail programs make a link of by themselves: "shop.example/win", "evil.com". Not the domain of an address, nor the
# name of a file, nor "t.ex." and "f.eks.".
_BARE_LINK = re.compile(
    r"(?<![@\w.-])(?:[^\W_](?:[\w-]*[^\W_])?\.)*"
    r"(?:[^\W_][\w-]*[^\W_]\.(?!(?:pdf|jpe?g|png|gif|heic|docx?|xlsx?|txt|csv|eml|mp4)\b)(?:[^\W\d_]{2,24}|xn--[a-z0-9-]+)"
    r"|[^\W_]\.(?:com|net|org)|[^\W_]\.[^\W\d_]{2,24}(?=/))(?![\w@-])",
    re.IGNORECASE,
)
_MANY_LINKS = 3
_SUSPECT_FROM = 2


def stamp() -> str:
    """The signed moment of rendering, for a hidden field."""
    return _signer.sign(f"{time.time():.1f}")


def has_link(text: str) -> bool:
    """Whether a text holds a link, or what a mail program makes one of."""
    return _LINK.search(text) is not None or _BARE_LINK.search(text) is not None


def looks_like_spam(*, honeypot: str, stamp: str, text: str) -> bool:
    """Adds up what gives robots away; a single weak sign, such as a fast typist, is never enough."""
    score = 0
    if honeypot.strip():
        score += 2
    try:
        if time.time() - float(_signer.unsign(stamp)) < _TOO_FAST_SECONDS:
            score += 1
    except (BadSignature, ValueError):
        score += 1
    if len(_LINK.findall(text)) >= _MANY_LINKS:
        score += 1
    return score >= _SUSPECT_FROM
