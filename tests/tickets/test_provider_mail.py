"""Mail handed over by providers: only from whoever knows the secret, byte for byte, answered once it is stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from email import message_from_bytes

import pytest
from django.db import OperationalError

from tickets.channels.email import providers
from tickets.models import InboundMail

pytestmark = pytest.mark.django_db

SECRET, KEY = "svar:sesame", "signing-key"
# Latin-1 and unlabelled, as mail is: it must not pass through UTF-8.
RAW = (
    b"From: Cleo <cleo@example.com>\r\nTo: help@localhost\r\nSubject: Parcel\r\nMessage-ID: <one@example.com>\r\n"
    b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\nVar \xe4r paketet?\r\n"
)


@pytest.fixture(autouse=True)
def _open(settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": [SECRET], "MAILGUN_WEBHOOK_SIGNING_KEY": KEY}


def authorised(secret: str = SECRET) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()}


def form(fields: dict[str, bytes | str]) -> dict:
    boundary = "xYz123"
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        + (value if isinstance(value, bytes) else value.encode())
        + b"\r\n"
        for name, value in fields.items()
    )
    return {
        "data": body + f"--{boundary}--\r\n".encode(),
        "content_type": f"multipart/form-data; boundary={boundary}",
    }


def signed(**fields: bytes | str) -> dict[str, bytes | str]:
    signature = hmac.new(KEY.encode(), b"1700000000token", hashlib.sha256).hexdigest()
    return {"timestamp": "1700000000", "token": "token", "signature": signature, **fields}


def sns(raw: bytes, *, encoded: bool = True) -> tuple[str, dict[str, str]]:
    content = base64.b64encode(raw).decode() if encoded else raw.decode()
    action = {"type": "SNS", "encoding": "BASE64" if encoded else "UTF8"}
    event = {
        "notificationType": "Received",
        "mail": {"source": "cleo@example.com", "messageId": "x", "timestamp": "2026-11-22T10:00:00.000Z"},
        "receipt": {"recipients": ["help@localhost"], "action": action},
        "content": content,
    }
    body = {"Type": "Notification", "MessageId": "m1", "Message": json.dumps(event)}
    return json.dumps(body), {"x-amz-sns-message-type": "Notification", "x-amz-sns-message-id": "m1"}


def hand_over(client, provider: str, raw: bytes = RAW, headers: dict[str, str] | None = None):
    """As the provider does it, asked to send the whole message."""
    headers = authorised() if headers is None else headers
    url = f"/hooks/mail/{provider}/"
    if provider == "mailgun":
        fields = signed(**{"body-mime": raw, "sender": "cleo@example.com", "recipient": "help@localhost"})
        return client.post(url, **form(fields), headers=headers)
    if provider == "sendgrid":
        envelope = json.dumps({"from": "cleo@example.com", "to": ["help@localhost"]})
        return client.post(url, **form({"email": raw, "envelope": envelope}), headers=headers)
    if provider == "postmark":
        event = {
            "Headers": [{"Name": "Return-Path", "Value": "<cleo@example.com>"}],
            "OriginalRecipient": "help@localhost",
            "RawEmail": raw.decode("ascii"),
        }
        return client.post(url, json.dumps(event), content_type="application/json", headers=headers)
    body, own = sns(raw)
    return client.post(url, body, content_type="text/plain", headers=headers | own)


PROVIDERS = ["mailgun", "postmark", "sendgrid", "amazon_ses"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_message_is_kept_as_it_was_with_its_envelope(client, provider):
    raw = RAW.replace(b"\xe4", b"a") if provider == "postmark" else RAW
    assert hand_over(client, provider, raw).status_code == 200
    kept = InboundMail.objects.get()
    assert bytes(kept.raw) == raw
    assert (kept.source, kept.envelope_to) == ("webhook", ["help@localhost"])
    assert kept.envelope_from.strip("<>") == "cleo@example.com"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_sent_again_it_is_kept_once(client, provider):
    raw = RAW.replace(b"\xe4", b"a")
    for _ in range(2):
        assert hand_over(client, provider, raw).status_code == 200
    assert InboundMail.objects.count() == 1


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("headers", [{}, authorised("svar:wrong"), {"Authorization": "Basic !"}])
def test_whoever_does_not_know_the_secret_hands_over_nothing(client, provider, headers):
    response = hand_over(client, provider, RAW.replace(b"\xe4", b"a"), headers=headers)
    assert response.status_code == 401
    assert "WWW-Authenticate" in response
    assert not InboundMail.objects.exists()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_without_a_secret_there_is_no_hook(client, provider, settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": [], "MAILGUN_WEBHOOK_SIGNING_KEY": None}
    assert hand_over(client, provider, RAW.replace(b"\xe4", b"a")).status_code == 404


def test_mailgun_needs_its_signature_and_that_is_enough(client, settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": [], "MAILGUN_WEBHOOK_SIGNING_KEY": KEY}
    forged = form(signed(**{"body-mime": RAW}) | {"token": "another"})
    assert client.post("/hooks/mail/mailgun/", **forged).status_code == 400
    assert hand_over(client, "mailgun", headers={}).status_code == 200
    assert InboundMail.objects.count() == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_while_it_cannot_be_stored_the_provider_is_told_to_come_again(client, provider, monkeypatch):
    def away(raw, **options):
        raise OperationalError("gone")

    monkeypatch.setattr(providers, "receive", away)
    client.raise_request_exception = False
    assert hand_over(client, provider, RAW.replace(b"\xe4", b"a")).status_code == 500


def test_mail_may_be_larger_than_a_form(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    raw = RAW + b"x" * 70 + b"\r\n" * 2000
    for provider in ("mailgun", "sendgrid", "amazon_ses"):
        assert hand_over(client, provider, raw + provider.encode()).status_code == 200
    assert InboundMail.objects.count() == 3
    settings.MAIL_MAX_BYTES = 1000
    assert hand_over(client, "mailgun", raw).status_code == 413


def test_a_message_sent_in_pieces_is_put_together(client):
    headers = json.dumps([["From", "Cleo <cleo@example.com>"], ["Subject", "Räksmörgås"], ["Message-ID", "<2@x>"]])
    fields = signed(**{"message-headers": headers, "body-plain": "Var är den?", "attachment-count": "1"})
    sent = form(fields)
    file = (
        b'--xYz123\r\nContent-Disposition: form-data; name="attachment-1"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\nhello\r\n--xYz123--\r\n"
    )
    sent["data"] = sent["data"].removesuffix(b"--xYz123--\r\n") + file
    assert client.post("/hooks/mail/mailgun/", **sent, headers=authorised()).status_code == 200
    mail = message_from_bytes(bytes(InboundMail.objects.get().raw))
    assert mail["Message-ID"] == "<2@x>"
    assert [part.get_filename() for part in mail.walk() if part.get_filename()] == ["a.txt"]
    text = next(part for part in mail.walk() if not part.is_multipart())
    assert "Var är den?" in text.get_payload(decode=True).decode()


@pytest.mark.parametrize("encoded", [True, False])
def test_amazon_sends_text_or_base_64(client, encoded):
    raw = RAW.replace(b"\xe4", b"a")
    body, headers = sns(raw, encoded=encoded)
    assert (
        client.post(
            "/hooks/mail/amazon_ses/", body, content_type="text/plain", headers=authorised() | headers
        ).status_code
        == 200
    )
    assert bytes(InboundMail.objects.get().raw) == raw


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\x00", b"--xYz123"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_nonsense_is_refused_and_not_taken_for_mail(client, provider, body):
    client.raise_request_exception = False
    for kind in ("application/json", "multipart/form-data; boundary=xYz123", "multipart/form-data"):
        response = client.post(f"/hooks/mail/{provider}/", body, content_type=kind, headers=authorised())
        assert response.status_code >= 400
    assert not InboundMail.objects.exists()


def test_no_form_token_is_asked_for_and_only_posts_are_taken(client):
    from django.test import Client

    assert hand_over(Client(enforce_csrf_checks=True), "sendgrid").status_code == 200
    assert client.get("/hooks/mail/postmark/", headers=authorised()).status_code == 405
    assert client.get("/hooks/mail/nobody/", headers=authorised()).status_code == 404


def sendgrid_form(fields: list[tuple[str, str, bytes]]) -> dict:
    """As SendGrid's Inbound Parse posts it: each field labelled as it comes, one of them in the letter's charset."""
    body = b"".join(
        f'--xYzZY\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"
        for name, more, value in fields
    )
    return {"data": body + b"--xYzZY--\r\n", "content_type": "multipart/form-data; boundary=xYzZY"}


SENDGRID_BESIDE = [
    ("dkim", "", b"{@example.com : pass}"),
    ("to", "", b"Help <help@localhost>"),
    ("from", "", b"Cleo <cleo@example.com>"),
    ("sender_ip", "", b"192.0.2.7"),
    ("spam_report", "", b"Spam detection software, running on the system ..."),
    ("spam_score", "", b"0.011"),
    ("SPF", "", b"pass"),
    ("subject", "", b"Parcel"),
]


def test_all_that_sendgrid_posts_with_a_whole_message(client):
    """And all addresses that it came to: one that was not named in To may be the one with the token."""
    envelope = json.dumps({"to": ["help@localhost", "help+c1-abc@localhost"], "from": "cleo@example.com"}).encode()
    charsets = b'{"to":"UTF-8","from":"UTF-8","subject":"UTF-8"}'
    fields = [*SENDGRID_BESIDE, ("email", "", RAW), ("envelope", "", envelope), ("charsets", "", charsets)]
    assert client.post("/hooks/mail/sendgrid/", **sendgrid_form(fields), headers=authorised()).status_code == 200
    kept = InboundMail.objects.get()
    assert bytes(kept.raw) == RAW
    assert kept.envelope_to == ["help@localhost", "help+c1-abc@localhost"]


def test_all_that_sendgrid_posts_in_pieces(client):
    headers = (
        "Received: by mx0011p1mdw1.sendgrid.net with SMTP; Sun, 22 Nov 2026 10:00:00 +0000 (UTC)\n"
        "Message-ID: <pieces@example.com>\nSubject: Paket\nFrom: Cleo <cleo@example.com>\nTo: help@localhost\n"
        "Content-Type: multipart/mixed; boundary=gone\nMIME-Version: 1.0"
    )
    info = {"attachment1": {"filename": "kvitto.txt", "name": "kvitto.txt", "type": "text/plain", "charset": "utf-8"}}
    file = '; filename="kvitto.txt"\r\nContent-Type: text/plain'
    fields = [
        ("headers", "", headers.encode()),
        *SENDGRID_BESIDE,
        ("text", "", "Var är paketet?".encode("iso-8859-1")),
        ("envelope", "", b'{"to":["help@localhost"],"from":"cleo@example.com"}'),
        ("charsets", "", b'{"to":"UTF-8","subject":"UTF-8","from":"UTF-8","text":"iso-8859-1"}'),
        ("attachments", "", b"1"),
        ("attachment-info", "", json.dumps(info).encode()),
        ("attachment1", file, b"45 kr"),
    ]
    assert client.post("/hooks/mail/sendgrid/", **sendgrid_form(fields), headers=authorised()).status_code == 200
    mail = message_from_bytes(bytes(InboundMail.objects.get().raw))
    assert mail["Message-ID"] == "<pieces@example.com>"
    text, attached = (part for part in mail.walk() if not part.is_multipart())
    assert text.get_payload(decode=True).decode(text.get_content_charset()).strip() == "Var är paketet?"
    assert (attached.get_filename(), attached.get_payload(decode=True)) == ("kvitto.txt", b"45 kr")
