"""Django's SMTP, which tells when some of the recipients were refused and others not, and can log in by a token."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail.backends import smtp

from tickets.channels.email.oauth import OAuthClient, TokenRefused, client_named, forget, token_for, xoauth2


class SomeRecipientsRefused(smtplib.SMTPRecipientsRefused):
    """The message was taken, but not for all. `smtplib` returns that, and Django's backend passes it over."""


class _TellsRefusals:
    """Over `smtplib.SMTP` or `SMTP_SSL`."""

    def sendmail(
        self, from_addr: str, to_addrs: str | Sequence[str], msg: Any, *args: Any, **kwargs: Any
    ) -> dict[str, tuple[int, bytes]]:
        refused: dict[str, tuple[int, bytes]] = super().sendmail(  # type: ignore[misc]
            from_addr, to_addrs, msg, *args, **kwargs
        )
        if refused:
            raise SomeRecipientsRefused(refused)
        return refused


class _Plain(_TellsRefusals, smtplib.SMTP):
    pass


class _OverTls(_TellsRefusals, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _OverTls if self.use_ssl else _Plain

    def open(self) -> bool | None:
        """A connection, logged in. Raises TokenRefused too where EMAIL_OAUTH is set."""
        opened = super().open()
        if opened and settings.EMAIL_OAUTH:
            try:
                self._log_in(_oauth())
            except BaseException:
                self.close()
                raise
        return opened

    def _log_in(self, oauth: OAuthClient) -> None:
        """A token may have been revoked while it should still hold: then another one is fetched, once."""
        try:
            self._authenticate(oauth)
        except smtplib.SMTPAuthenticationError:
            forget(oauth)
            self._authenticate(oauth)

    def _authenticate(self, oauth: OAuthClient) -> None:
        said = xoauth2(self.username or "", token_for(oauth))
        connection: smtplib.SMTP = self.connection  # type: ignore[assignment]  # it has just been opened
        connection.ehlo_or_helo_if_needed()
        # Asked again, the server has said why it refuses, and wants an empty answer before it says no.
        connection.auth("XOAUTH2", lambda challenge=None: said if challenge is None else "")


def _oauth() -> OAuthClient:
    """A name that is set wrongly is mended by whoever runs the site, and the letters wait for that."""
    try:
        return client_named(settings.EMAIL_OAUTH)
    except ValueError as error:
        raise TokenRefused(str(error)) from None
