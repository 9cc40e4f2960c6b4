"""Django's SMTP, which tells when some of the recipients were refused and others not."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from typing import Any

from django.core.mail.backends import smtp


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
