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
_MANY_LINKS = 3
_SUSPECT_FROM = 2


def stamp() -> str:
    """The signed moment of rendering, for a hidden field."""
    return _signer.sign(f"{time.time():.1f}")


def has_link(text: str) -> bool:
    return _LINK.search(text) is not None


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
