"""Mail that a provider hands over by HTTP: Mailgun, Postmark, SendGrid, Amazon SES.

django-anymail knows their signatures and formats. What is kept is the message as it was, wherever the provider sends
it whole; set that up with the provider (docs/mail.md). Otherwise it is put together again from what was sent.
"""

from __future__ import annotations

import json
import warnings
from base64 import b64decode
from collections.abc import Callable, Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from importlib import import_module
from typing import Any

from anymail.exceptions import AnymailNotSupportedWarning
from anymail.signals import inbound
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.datastructures import MultiValueDict

from tickets.channels.email.inbound import receive
from tickets.models import InboundMail

# anymail keeps its support for SendGrid and says so with every request.
warnings.filterwarnings("ignore", category=AnymailNotSupportedWarning)

_VIEWS = {
    "mailgun": "anymail.webhooks.mailgun.MailgunInboundWebhookView",
    "postmark": "anymail.webhooks.postmark.PostmarkInboundWebhookView",
    "sendgrid": "anymail.webhooks.sendgrid.SendGridInboundWebhookView",
    "amazon_ses": "anymail.webhooks.amazon_ses.AmazonSESInboundWebhookView",
}
# The fields of a form in which the whole message stands.
_WHOLE = ("body-mime", "email")
# JSON and base 64 make a message larger, and its parts may be sent beside it.
_ROOM = 2


class TooLarge(Exception):
    """More than the largest mail could be."""


def is_open(provider: str) -> bool:
    """Whether a provider's hook is in use: only once the secret is set that proves who calls."""
    if provider == "mailgun":
        return bool(settings.ANYMAIL["MAILGUN_WEBHOOK_SIGNING_KEY"])
    return provider in _VIEWS and bool(settings.ANYMAIL["WEBHOOK_SECRET"])


def view_of(provider: str) -> Callable[[HttpRequest], HttpResponse]:
    module, _, name = _VIEWS[provider].rpartition(".")
    view: Callable[[HttpRequest], HttpResponse] = getattr(import_module(module), name).as_view()
    return view


def read_whole(request: HttpRequest) -> None:
    """Reads the request, which may be as large as a mail: larger than forms are allowed to be elsewhere.

    The bytes of a message that is sent as a field of a form are kept as they are; read as text, as Django does, those
    in another charset than UTF-8 would be lost. Raises TooLarge.
    """
    limit = settings.MAIL_MAX_BYTES * _ROOM
    body = request.read(limit + 1)
    if len(body) > limit:
        raise TooLarge
    given: Any = request
    given._body = body
    if request.content_type != "multipart/form-data":
        return
    fields, files = QueryDict(mutable=True), MultiValueDict[str, SimpleUploadedFile]()
    for head, content in _parts_of_form(body, (request.content_params or {}).get("boundary", "")):
        name = str(head.get_param("name", "", header="content-disposition"))
        if (file_name := head.get_filename()) and name not in _WHOLE:
            files.appendlist(name, SimpleUploadedFile(file_name, content, head.get_content_type()))
        else:
            fields.appendlist(name, content.decode("utf-8", "replace"))
        if name in _WHOLE:
            given.whole_mail = content
    given._post, given._files = fields, files


def _parts_of_form(body: bytes, boundary: str) -> Iterator[tuple[EmailMessage, bytes]]:
    """The fields of a form, each with its header, byte for byte (RFC 7578)."""
    delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
    for part in (b"\r\n" + body).split(delimiter)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        yield BytesHeaderParser(policy=policy.HTTP).parsebytes(head + b"\r\n\r\n"), content


@receiver(inbound, dispatch_uid="tickets.take_mail_of_provider")
def take(sender: Any, event: Any, esp_name: str, **_: Any) -> None:
    """Keeps the message. Whatever is raised here answers the provider with an error, and it sends it again."""
    message = event.message
    receive(
        _raw(event),
        source=InboundMail.Source.WEBHOOK,
        envelope_from=message.envelope_sender or "",
        envelope_to=_envelope_to(event),
    )


def _envelope_to(event: Any) -> list[str]:
    """All addresses that it came to, where the provider names them; else the one that anymail has."""
    first = event.message.envelope_recipient
    if isinstance(event.esp_event, HttpRequest):
        try:
            named = json.loads(event.esp_event.POST.get("envelope", "{}"))["to"]
        except (ValueError, KeyError, TypeError):
            named = None
        if isinstance(named, list) and named:
            return [str(address) for address in named[:100]]
    return [first] if first else []


def _raw(event: Any) -> bytes:
    sent = event.esp_event
    if isinstance(sent, HttpRequest):
        if whole := getattr(sent, "whole_mail", None):
            return bytes(whole)
        for name in _WHOLE:
            if text := sent.POST.get(name):
                return str(text).encode()
    elif isinstance(sent, dict) and (text := sent.get("RawEmail")):
        return str(text).encode("utf-8", "surrogateescape")
    elif isinstance(sent, dict) and (text := sent.get("content")):
        is_encoded = sent.get("receipt", {}).get("action", {}).get("encoding") == "BASE64"
        return b64decode(text) if is_encoded else str(text).encode("utf-8", "surrogateescape")
    return bytes(event.message.as_bytes())
