"""Logging in to an IMAP server, by password or by token."""

from __future__ import annotations

import json

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tickets.channels.email.imap_account import Account
from tickets.channels.email.oauth import OAuthClient, forget, token_for, xoauth2


def log_in(client: IMAPClient, account: Account) -> None:
    """Raises LoginError, TokenRefused (oauth.py) or OSError.

    A token may have been revoked while it should still hold: then another one is fetched, once.
    """
    if account.oauth is None:
        client.login(account.user, account.password)
        return
    if _refusal(client, account, account.oauth) is not None:
        forget(account.oauth)
        if refusal := _refusal(client, account, account.oauth):
            raise LoginError(refusal)


def _refusal(client: IMAPClient, account: Account, oauth: OAuthClient) -> str | None:
    """Logs in; None when the server took the token, else what it said."""
    said: list[bytes] = []

    def answer(challenge: bytes) -> str:
        # The server begins with nothing; what it says after that is why it refuses, and wants an empty answer.
        if not challenge:
            return xoauth2(account.user, token)
        said.append(challenge)
        return ""

    token = token_for(oauth)
    try:
        client.sasl_login("XOAUTH2", answer)
    except LoginError as error:
        return f"{error} {_explained(said)}".strip()
    return None


def _explained(said: list[bytes]) -> str:
    """Google and Microsoft explain a refusal in JSON, whose `status` is the one word that helps."""
    try:
        found = json.loads(said[-1]) if said else {}
    except ValueError:
        return ""
    status = str(found.get("status", "")) if isinstance(found, dict) else ""
    return f"({status[:100]})" if status else ""
