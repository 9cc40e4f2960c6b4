"""An IMAP account as it is written in IMAP_URLS: `imaps://user:password@host/INBOX?move_to=Done`.

With `oauth=name` instead of a password, a client of MAIL_OAUTH_URLS fetches a token for it.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from tickets.channels.email.oauth import OAuthClient, client_named

_PORTS = {"imaps": 993, "imap+starttls": 143, "imap": 143}
_OPTIONS = {"move_to", "poll", "start", "oauth"}
_STARTS = ("unseen", "all", "new")


@dataclass(frozen=True)
class Account:
    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    move_to: str = ""
    """The folder that a mail goes to once it is in Svar; "" leaves it where it is."""
    poll_seconds: int = 60
    """How often to look where the server has no IDLE."""
    start: str = "unseen"
    """What to read of a folder seen for the first time: "unseen", "all", or only what is "new" from then on."""

    oauth: OAuthClient | None = None
    """What fetches the token that it is logged in with, instead of a password."""

    @property
    def name(self) -> str:
        """For logs, and the key of its place in the folder: whatever else changes, the same mailbox has the same."""
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.user} ({self.host}{port})"


def read_account(url: str) -> Account:
    """Raises ValueError with a sentence that says what is wrong, and never with the password."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise ValueError(
            "An address in IMAP_URLS is not understood. Write %40 for @ and %2F for / in user and password."
        ) from None
    if parts.scheme not in _PORTS:
        raise ValueError("An address in IMAP_URLS has to begin with imaps:// or imap+starttls://.")
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    host, user = _host_and_user(parts, has_oauth="oauth" in options)
    if unknown := set(options) - _OPTIONS:
        raise ValueError(f"IMAP_URLS has an unknown option: {', '.join(sorted(unknown))}.")
    return Account(
        scheme=parts.scheme,
        host=host,
        port=port or _PORTS[parts.scheme],
        user=unquote(user),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.lstrip("/")) or "INBOX",
        move_to=options.get("move_to", ""),
        poll_seconds=_seconds(options.get("poll", "60")),
        start=_start(options.get("start", "unseen")),
        oauth=client_named(options["oauth"]) if "oauth" in options else None,
    )


def _host_and_user(parts: SplitResult, *, has_oauth: bool) -> tuple[str, str]:
    if not (parts.hostname and parts.username and (parts.password or has_oauth)):
        raise ValueError("An address in IMAP_URLS lacks user, password or host: imaps://user:password@host/INBOX")
    if parts.password and has_oauth:
        raise ValueError("An address in IMAP_URLS has both a password and oauth=. It can log in by one only.")
    if parts.scheme == "imap" and not _is_this_machine(parts.hostname):
        raise ValueError(
            f"imap:// would send the password of {parts.hostname} for everybody to read (RFC 8314). "
            "Use imaps:// or imap+starttls://."
        )
    return parts.hostname, parts.username


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _seconds(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 5 <= int(value) <= 3600):
        raise ValueError(f"poll={value} in IMAP_URLS is not a number of seconds from 5 to 3600.")
    return int(value)


def _start(value: str) -> str:
    if value not in _STARTS:
        raise ValueError(f"start={value} in IMAP_URLS is none of {', '.join(_STARTS)}.")
    return value
