"""Tokens for mail servers that take no passwords: Microsoft 365, Google (RFC 6749; XOAUTH2 as both describe it).

A client is an address in MAIL_OAUTH_URLS: `https://client:secret@host/token?name=office&scope=...`. With
`refresh_token` in it the token is asked for in a person's name (RFC 6749, 6), else in the client's own (4.4).
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from django.conf import settings

_TIMEOUT_SECONDS = 20
# A token that is about to end may have ended when it arrives.
_MARGIN_SECONDS = 60
# Where the server does not say how long its token lasts (RFC 6749, 5.1: recommended, not required).
_DEFAULT_SECONDS = 300
_MOST_READ = 100_000
_OPTIONS = {"name", "scope", "refresh_token"}


class TokenRefused(Exception):
    """The token server has said no, in its own words; trying again at once will not help."""


@dataclass(frozen=True)
class OAuthClient:
    name: str
    url: str
    client_id: str
    secret: str = field(repr=False)
    scope: str = ""
    refresh_token: str = field(default="", repr=False)


@dataclass
class _Kept:
    token: str
    until: float
    refresh_token: str
    """The newest one: some servers give another with each token (RFC 6749, 6)."""


_kept: dict[OAuthClient, _Kept] = {}
_lock = threading.Lock()


def client_named(name: str) -> OAuthClient:
    """Raises ValueError with a sentence that says what is wrong, and never with a secret."""
    clients = {client.name: client for client in map(read_client, settings.MAIL_OAUTH_URLS)}
    if name not in clients:
        raise ValueError(f"MAIL_OAUTH_URLS has no client of the name {name!r}.")
    return clients[name]


def read_client(url: str) -> OAuthClient:
    """Raises ValueError with a sentence that says what is wrong, and never with a secret."""
    try:
        parts = urlsplit(url.strip())
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        raise ValueError("An address in MAIL_OAUTH_URLS is not understood. Write %2F for / in id and secret.") from None
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if unknown := set(options) - _OPTIONS:
        raise ValueError(f"MAIL_OAUTH_URLS has an unknown option: {', '.join(sorted(unknown))}.")
    if not (parts.hostname and parts.username and parts.path and options.get("name")):
        raise ValueError(
            "An address in MAIL_OAUTH_URLS lacks something: https://client:secret@host/path-to-token?name=mine&scope=..."
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_this_machine(parts.hostname)):
        raise ValueError("An address in MAIL_OAUTH_URLS has to begin with https://.")
    return OAuthClient(
        name=options["name"],
        url=f"{parts.scheme}://{host}{parts.path}",
        client_id=unquote(parts.username),
        secret=unquote(parts.password or ""),
        scope=options.get("scope", ""),
        refresh_token=options.get("refresh_token", ""),
    )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def token_for(client: OAuthClient) -> str:
    """A token that still holds. Raises TokenRefused, or OSError where the token server does not answer."""
    with _lock:
        kept = _kept.get(client)
        if kept is None or kept.until <= time.time():
            kept = _kept[client] = _fetch(client, kept.refresh_token if kept else client.refresh_token)
        return kept.token


def forget(client: OAuthClient) -> None:
    """A mail server has refused the token: the next one is asked for anew."""
    with _lock:
        if kept := _kept.get(client):
            kept.until = 0


def xoauth2(user: str, token: str) -> str:
    """What is said to the mail server, before base 64."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01"


def _fetch(client: OAuthClient, refresh_token: str) -> _Kept:
    asked = {"grant_type": "refresh_token" if refresh_token else "client_credentials", "client_id": client.client_id}
    asked |= {"client_secret": client.secret} if client.secret else {}
    asked |= {"refresh_token": refresh_token} if refresh_token else {}
    asked |= {"scope": client.scope} if client.scope else {}
    answer = _post(client, asked)
    token, lasts = answer.get("access_token"), str(answer.get("expires_in", ""))
    if not (isinstance(token, str) and token and token.isascii() and token.isprintable()):
        raise TokenRefused(f"The token server for {client.name} answered without a token.")
    seconds = int(lasts) if lasts.isdecimal() else _DEFAULT_SECONDS
    newer = answer.get("refresh_token")
    return _Kept(
        token=token,
        until=time.time() + max(seconds - _MARGIN_SECONDS, 1),
        refresh_token=newer if refresh_token and isinstance(newer, str) and newer else refresh_token,
    )


def _post(client: OAuthClient, asked: dict[str, str]) -> dict[str, Any]:
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    request = urllib.request.Request(client.url, urlencode(asked).encode(), headers)  # noqa: S310 (https, checked)
    try:
        with _opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
            found = _read(response.read(_MOST_READ))
    except urllib.error.HTTPError as error:
        if error.code >= 500 or error.code == 429:
            raise OSError(f"The token server for {client.name} answered {error.code}.") from None
        raise TokenRefused(_refusal(client, error.code, _read(error.read(_MOST_READ)))) from None
    except http.client.HTTPException as error:
        raise OSError(f"The token server for {client.name} was not understood: {error!r}") from None
    return found


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A secret goes to the address that was set, and nowhere else."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def _read(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _refusal(client: OAuthClient, status: int, answer: dict[str, Any]) -> str:
    """RFC 6749, 5.2: `error` is a word, `error_description` a sentence for whoever set it up."""
    said = ": ".join(str(answer[key]) for key in ("error", "error_description") if answer.get(key)) or f"HTTP {status}"
    for secret in filter(None, (client.secret, client.refresh_token)):
        said = said.replace(secret, "***")
    return f"The token server for {client.name} refuses: {' '.join(said.split())[:500]}"
