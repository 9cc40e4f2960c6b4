"""What the receiving server found out about a sender (RFC 8601), and what we make of it.

Only fields with the name of a server of ours count (`MAIL_AUTHSERV_IDS`), and of those only the ones that stand above
the first trace of an earlier server: a sender can write any field, but not above what our server writes. Where no
server is named, nothing is known of any sender.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message

from django.conf import settings

_RESULT = re.compile(r"^(spf|dkim|dmarc)\s*=\s*([a-z]{2,12})\b", re.IGNORECASE)
_PROPERTY = re.compile(r"(?:header\.(?:d|i|from)|smtp\.(?:mailfrom|helo))\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")
# A sender chooses the local part of their address, which may be quoted and hold what looks like another result.
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"?")
_BAD = {"fail", "softfail", "permerror", "policy"}
# The order in which two results of one method are preferred: a second signature may be broken by a list on the way.
_ORDER = ["pass", "fail", "softfail", "policy", "permerror", "temperror", "neutral", "none"]


@dataclass(frozen=True)
class Authentication:
    """What was found, by method, and whether the letter may speak for its sender."""

    results: dict[str, str] = field(default_factory=dict)
    is_failed: bool = False
    is_proven: bool = False


def authentication_of(message: Message, sender: str) -> Authentication:
    """What our own server says of a letter from `sender`. Nothing where it says nothing.

    DMARC decides where it passed or failed. Otherwise a letter has failed when SPF or DKIM failed and neither passed
    for the domain that it claims to come from (RFC 7489, 3.1: alignment; here the domain or one above or below it).
    """
    found = [one for field_text in _trusted_fields(message) for one in _results_in(field_text)]
    results: dict[str, str] = {}
    for method, result, _ in found:
        if method not in results or (method != "dmarc" and _rank(result) < _rank(results[method])):
            results[method] = result
    if not results:
        return Authentication()
    if results.get("dmarc") in ("pass", "fail"):
        return Authentication(results, results["dmarc"] == "fail", results["dmarc"] == "pass")
    domain = sender.rpartition("@")[2]
    is_aligned = any(result == "pass" and _are_one(domain, other) for _, result, other in found)
    has_failed = any(results.get(method) in _BAD for method in ("spf", "dkim"))
    return Authentication(results, has_failed and not is_aligned, is_aligned)


def _trusted_fields(message: Message) -> list[str]:
    """The fields of our own server, from the top down to the next trace of another one."""
    trusted = {name.lower() for name in settings.MAIL_AUTHSERV_IDS}
    found: list[str] = []
    for name, value in message.raw_items():
        if name.lower() == "received" and found:
            break
        if name.lower() == "authentication-results" and trusted:
            field_text = _QUOTED.sub("quoted", " ".join(str(value)[:5_000].split()))
            field_text = _COMMENT.sub(" ", _COMMENT.sub(" ", field_text))
            server, _, rest = field_text.partition(";")
            if server.strip().split(" ")[0].lower() in trusted:
                found.append(rest)
    return found


def _results_in(field_text: str) -> list[tuple[str, str, str]]:
    """Method, result, and the domain that it was found for."""
    found = []
    for part in field_text.split(";")[:30]:
        if match := _RESULT.match(part.strip()):
            about = _PROPERTY.search(part)
            domain = about[1].rpartition("@")[2].lower() if about else ""
            found.append((match[1].lower(), match[2].lower(), domain))
    return found


def _rank(result: str) -> int:
    return _ORDER.index(result) if result in _ORDER else len(_ORDER)


def _are_one(domain: str, other: str) -> bool:
    """Whether two domains belong together: the same, or one below the other. A top-level domain is nobody's."""
    if not domain or "." not in other or "." not in domain:
        return bool(domain) and domain == other
    return domain == other or domain.endswith(f".{other}") or other.endswith(f".{domain}")
