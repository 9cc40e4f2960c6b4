"""Logging in to mail servers by token: against a real dovecot, a real SMTP server and a token server on loopback."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.core.management import CommandError, call_command

from tests.factories import make_ticket
from tests.people import ada
from tests.processes import free_port
from tests.tickets.imap_server import USER, imap_server
from tests.tickets.token_server import SECRET, token_server
from tickets.channels.email import imap, oauth
from tickets.channels.email.imap_account import Account, read_account
from tickets.models import FetchPosition, InboundMail
from tickets.services import outbox
from tickets.services.lifecycle import send_reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def tokens(settings, monkeypatch):
    monkeypatch.setattr(oauth, "_kept", {})
    with token_server(USER) as running:
        settings.MAIL_OAUTH_URLS = [running.client(scope="mail")]
        yield running


@pytest.fixture
def server(tokens):
    with imap_server(introspection_url=tokens.introspection_url) as running:
        yield running


def account_of(server) -> Account:
    return read_account(f"imap://{quote(USER, safe='')}@127.0.0.1:{server.port}/INBOX?oauth=office")


def mail(subject: str) -> bytes:
    return f"From: cleo@example.com\nTo: {USER}\nSubject: {subject}\n\nWhere is my parcel?\n".encode()


@pytest.mark.imap
class TestReadingAMailbox:
    def test_mail_is_read_by_a_token_that_is_asked_for_once(self, server, tokens):
        server.deliver(mail("one"))
        assert imap.fetch_once(account_of(server)) == 1
        server.deliver(mail("two"))
        assert imap.fetch_once(account_of(server)) == 1
        assert set(InboundMail.objects.values_list("subject", flat=True)) == {"one", "two"}
        (asked,) = tokens.asked
        assert asked == {
            "grant_type": "client_credentials", "client_id": "svar", "client_secret": SECRET, "scope": "mail",
        }  # fmt: skip

    def test_one_that_was_revoked_before_its_time_is_replaced_at_once(self, server, tokens):
        imap.fetch_once(account_of(server))
        tokens.revoke()
        imap.fetch_once(account_of(server))
        assert len(tokens.asked) == 2

    def test_a_mail_server_that_takes_none_of_them_is_a_refused_login(self, server, tokens):
        tokens.user = "somebody.else@example.com"
        with pytest.raises(imap.LoginError):
            imap.fetch_once(account_of(server))
        assert len(tokens.asked) == 2

    def test_a_refused_client_is_told_in_the_words_of_the_token_server(self, server, tokens, settings):
        settings.MAIL_OAUTH_URLS = [tokens.client().replace("s3cret%2F%2B", "old-secret")]
        settings.IMAP_URLS = [f"imap://{quote(USER, safe='')}@127.0.0.1:{server.port}/INBOX?oauth=office"]
        with pytest.raises(CommandError, match="invalid_client: AADSTS7000215") as raised:
            call_command("fetch_mail", "--once")
        assert "old-secret" not in str(raised.value)

    def test_the_state_of_the_account_tells_it_too_and_it_is_not_tried_again_at_once(self, server, tokens, settings):
        settings.MAIL_OAUTH_URLS = [tokens.client().replace("s3cret%2F%2B", "old-secret")]
        stop = _StopsAtTheFirstPause()
        imap.follow(account_of(server), stop)
        assert "refuses: invalid_client" in FetchPosition.objects.get().last_error
        assert stop.waited == [60]


class _StopsAtTheFirstPause:
    def __init__(self) -> None:
        self.waited: list[float] = []

    def is_set(self) -> bool:
        return bool(self.waited)

    def wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        return True


class TestTokens:
    def test_a_refresh_token_is_used_where_there_is_one_and_the_newest_counts(self, tokens, settings):
        settings.MAIL_OAUTH_URLS = [tokens.client(refresh_token="refresh-1")]
        tokens.rotates, tokens.expires_in = True, 0
        client = oauth.client_named("office")
        first = oauth.token_for(client)
        oauth.forget(client)
        assert oauth.token_for(client) != first
        assert [one["grant_type"] for one in tokens.asked] == ["refresh_token"] * 2
        assert tokens.asked[1]["refresh_token"] == "refresh-2"

    def test_a_token_is_kept_until_it_ends(self, tokens, monkeypatch):
        client = oauth.client_named("office")
        first = oauth.token_for(client)
        assert oauth.token_for(client) == first
        now = oauth.time.time()
        monkeypatch.setattr(oauth.time, "time", lambda: now + tokens.expires_in)
        assert oauth.token_for(client) != first

    def test_a_token_server_that_is_down_is_no_refusal(self, tokens):
        tokens.fails_with = 503
        with pytest.raises(OSError, match="503"):
            oauth.token_for(oauth.client_named("office"))

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("http://id:hidden@login.example.com/token?name=x", "https://"),
            ("https://id:hidden@login.example.com/token", "lacks something"),
            ("https://id:hidden@login.example.com/token?name=x&secret=hidden", "unknown option"),
            ("https://id:hid/den@login.example.com/token?name=x", "not understood|lacks something"),
        ],
    )
    def test_what_is_written_wrongly_is_told_without_the_secret(self, url, said):
        with pytest.raises(ValueError, match=said) as raised:
            oauth.read_client(url)
        assert "hidden" not in str(raised.value)

    def test_an_account_names_a_client_that_there_is_and_has_no_password_beside_it(self, tokens):
        with pytest.raises(ValueError, match="no client of the name 'other'"):
            read_account("imaps://help@imap.example.com/INBOX?oauth=other")
        with pytest.raises(ValueError, match="both a password and oauth"):
            read_account("imaps://help:word@imap.example.com/INBOX?oauth=office")


class _Takes:
    """Lets in whoever has a token that holds."""

    def __init__(self, tokens) -> None:
        self.tokens = tokens
        self.taken: list[str] = []
        self.refused = 0

    async def auth_XOAUTH2(self, server, args):
        said = base64.b64decode(args[1]).decode()
        token = said.split("auth=Bearer ")[1].strip("\x01")
        if said.startswith(f"user={USER}\x01") and token in self.tokens.valid:
            return AuthResult(success=True)
        self.refused += 1
        # As Google and Microsoft do it: first why, and after an empty answer the refusal.
        await server.challenge_auth(json.dumps({"status": "400", "schemes": "bearer"}))
        return AuthResult(success=False, handled=False)

    async def handle_DATA(self, server, session, envelope):
        self.taken.append(envelope.rcpt_tos[0])
        return "250 OK"


@pytest.fixture
def smtp(tokens, settings):
    handler = _Takes(tokens)
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), auth_require_tls=False, auth_required=True)
    controller.start()
    settings.EMAIL_BACKEND = "tickets.channels.email.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD, settings.EMAIL_OAUTH = USER, None, "office"
    yield handler
    controller.stop()


class TestSending:
    def test_an_answer_leaves_by_token(self, smtp, tokens):
        agent = ada()
        assert outbox.deliver(str(_letter(agent).pk))
        tokens.revoke()
        assert outbox.deliver(str(_letter(agent).pk))
        assert (len(smtp.taken), smtp.refused, len(tokens.asked)) == (2, 1, 2)

    @pytest.mark.parametrize("trouble", ["refused by the mail server", "refused by the token server", "no such client"])
    def test_a_refusal_loses_nothing_and_is_told(self, smtp, tokens, settings, trouble):
        if trouble == "refused by the mail server":
            settings.EMAIL_HOST_USER = "somebody.else@example.com"
        elif trouble == "refused by the token server":
            settings.MAIL_OAUTH_URLS = [tokens.client().replace("s3cret%2F%2B", "old-secret")]
        else:
            settings.EMAIL_OAUTH = "other"
        row = _letter(ada())
        assert not outbox.deliver(str(row.pk))
        row.refresh_from_db()
        assert row.status == "queued"
        words = {"refused by the mail server": "535", "refused by the token server": "invalid_client"}
        assert words.get(trouble, "no client of the name") in row.last_error


def _letter(agent):
    ticket = make_ticket()
    send_reply(ticket, agent=agent, body="It is on its way.")
    return ticket.outbox.latest("created_at")
