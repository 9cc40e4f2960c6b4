"""The signed link to a call-back: whoever holds it sees it, moves it or cancels it, and nothing else.

Django's `TimestampSigner` over the call-back and its version: another time makes all earlier links worthless, and so
does revoking the links of its case, to which its page leads. As with the keys of cases (`links`), only one that a
letter brought shows who follows it.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.urls import reverse
from django.utils.translation import override

from tickets.models import Callback
from tickets.services.links import KeyState

_SIGNER = TimestampSigner(salt="tickets.callback-link")


def callback_key(callback: Callback, *, for_letter: bool = False) -> str:
    sent_to = f":{callback.ticket.customer_id}" if for_letter else ""
    return _SIGNER.sign(f"{callback.pk}:{_version(callback)}{sent_to}")


def _version(callback: Callback) -> str:
    return f"{callback.version}.{callback.ticket.link_version}"


def read_key(callback: Callback, key: str) -> KeyState:
    """What a key is worth for this call-back. That of another one is as wrong as one that nobody signed."""
    is_young = True
    try:
        value = _SIGNER.unsign(key, max_age=timedelta(days=settings.CASE_LINK_DAYS))
    except SignatureExpired:
        is_young, value = False, _SIGNER.unsign(key)
    except BadSignature:
        return KeyState.WRONG
    number, version, *_sent_to = value.split(":")
    if number != str(callback.pk):
        return KeyState.WRONG
    return KeyState.OPENS if is_young and version == _version(callback) else KeyState.ENDED


def came_by_letter(callback: Callback, key: str) -> bool:
    """Whether a key that opens was sent to the customer, so that whoever shows it is them."""
    return _SIGNER.unsign(key).endswith(f":{_version(callback)}:{callback.ticket.customer_id}")


def callback_path(callback: Callback, language: str | None = None, *, key: str = "") -> str:
    """The address of its page; with a new key where none is given."""
    with override(language or callback.language):
        return f"{reverse('callback_booked', args=[callback.pk])}?key={key or callback_key(callback)}"


def callback_url(callback: Callback) -> str:
    """The absolute address for letters, in the customer's language."""
    return settings.SITE_URL + callback_path(callback, key=callback_key(callback, for_letter=True))
