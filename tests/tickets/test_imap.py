"""Reading a mailbox against a real dovecot: everything once, nothing lost, whatever breaks in between."""

from __future__ import annotations

import io
import os
import ssl
import subprocess
import sys
import threading
import time
from email.message import EmailMessage
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from tests.processes import until
from tests.tickets.imap_server import PASSWORD, USER, ImapServer, imap_server
from tests.tickets.own_site import OwnSite
from tickets.channels.email import imap
from tickets.channels.email.imap_account import Account, read_account
from tickets.models import FetchPosition, InboundMail
from tickets.services import fetching

pytestmark = [pytest.mark.django_db, pytest.mark.imap]


@pytest.fixture
def server():
    with imap_server() as running:
        yield running


def url(server: ImapServer, **options: str) -> str:
    query = "&".join(f"{name}={quote(value)}" for name, value in options.items())
    return f"imap://{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}/INBOX?{query}"


def account(server: ImapServer, **options: str) -> Account:
    return read_account(url(server, **options))


def mail(subject: str, body: str = "Where is my parcel?") -> bytes:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "Cleo <cleo@example.com>", USER, subject
    letter["Message-ID"] = f"<{subject.replace(' ', '.')}@example.com>"
    letter.set_content(body)
    return letter.as_bytes()


def taken() -> list[str]:
    return list(InboundMail.objects.order_by("pk").values_list("subject", flat=True))


def test_new_mail_is_taken_once_and_marked_as_read(server):
    uids = [server.deliver(mail("one")), server.deliver(mail("two"))]
    assert imap.fetch_once(account(server)) == 2
    assert imap.fetch_once(account(server)) == 0
    server.deliver(mail("three"))
    assert imap.fetch_once(account(server)) == 1
    assert taken() == ["one", "two", "three"]
    assert all(server.flags()[uid] == {"\\seen"} for uid in uids)
    kept = InboundMail.objects.get(subject="one")
    assert bytes(kept.raw).replace(b"\r\n", b"\n") == mail("one")
    assert kept.source == "imap"


def test_mail_that_a_colleague_has_read_is_taken_all_the_same(server):
    imap.fetch_once(account(server))
    server.deliver(mail("read on a phone"), flags=(b"\\Seen",))
    imap.fetch_once(account(server))
    assert taken() == ["read on a phone"]


def test_an_old_mailbox_brings_only_what_nobody_has_read(server):
    server.deliver(mail("years old"), flags=(b"\\Seen",))
    server.deliver(mail("waiting"))
    imap.fetch_once(account(server))
    assert taken() == ["waiting"]


@pytest.mark.parametrize(("start", "expected"), [("all", ["years old", "waiting"]), ("new", [])])
def test_what_an_old_mailbox_brings_can_be_chosen(server, start, expected):
    server.deliver(mail("years old"), flags=(b"\\Seen",))
    server.deliver(mail("waiting"))
    imap.fetch_once(account(server, start=start))
    assert taken() == expected
    server.deliver(mail("later"))
    imap.fetch_once(account(server, start=start))
    assert taken() == [*expected, "later"]


def test_a_run_killed_between_storing_and_marking_takes_nothing_twice(server, monkeypatch):
    imap.fetch_once(account(server))
    uid = server.deliver(mail("one"))

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(imap._Folder, "_mark", killed)
        with pytest.raises(KeyboardInterrupt):
            imap.fetch_once(account(server))
    assert taken() == ["one"]
    assert server.flags()[uid] == set()
    imap.fetch_once(account(server))
    assert taken() == ["one"]
    assert server.flags()[uid] == {"\\seen"}


def test_the_first_run_killed_half_way_goes_on_where_it_was(server, monkeypatch):
    server.deliver(mail("years old"), flags=(b"\\Seen",))
    for name in ("one", "two", "three"):
        server.deliver(mail(name))
    real = imap.receive

    def killed_at_two(raw, **options):
        if b"Subject: two" in raw:
            raise KeyboardInterrupt
        return real(raw, **options)

    with monkeypatch.context() as patch:
        patch.setattr(imap, "receive", killed_at_two)
        with pytest.raises(KeyboardInterrupt):
            imap.fetch_once(account(server))
    imap.fetch_once(account(server))
    assert taken() == ["one", "two", "three"]


def test_while_the_database_is_away_mail_stays_unread_in_the_mailbox(server, monkeypatch):
    uid = server.deliver(mail("one"))

    def away(raw, **options):
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(imap, "receive", away)
        with pytest.raises(OperationalError):
            imap.fetch_once(account(server))
    assert server.flags()[uid] == set()
    imap.fetch_once(account(server))
    assert taken() == ["one"]


def test_a_mail_that_breaks_us_stays_flagged_and_does_not_hold_up_the_others(server, monkeypatch):
    imap.fetch_once(account(server))
    broken, fine = server.deliver(mail("broken")), server.deliver(mail("fine"))
    real = imap.receive

    def receive(raw, **options):
        if b"broken" in raw:
            raise ZeroDivisionError
        return real(raw, **options)

    monkeypatch.setattr(imap, "receive", receive)
    imap.fetch_once(account(server))
    assert taken() == ["fine"]
    assert server.flags() == {broken: {"\\flagged"}, fine: {"\\seen"}}


def test_a_folder_that_is_numbered_anew_is_read_again_and_nothing_is_taken_twice(server):
    server.deliver(mail("one"))
    imap.fetch_once(account(server))
    before = FetchPosition.objects.get()
    with server.client() as client:
        client.create_folder("Aside")
        client.select_folder("INBOX")
        client.copy([1], "Aside")
        client.delete_messages([1])
        client.expunge()
    server.stop()
    for file in (server.folder / "home" / "mail").glob("dovecot*"):
        file.unlink()
    server.start()
    server.deliver(mail("one"), flags=(b"\\Seen",))
    server.deliver(mail("came meanwhile, read on a phone"), flags=(b"\\Seen",))
    with server.client() as client:
        validity = client.select_folder("INBOX")[b"UIDVALIDITY"]
    if validity == before.uid_validity:
        FetchPosition.objects.update(uid_validity=validity - 1)
    imap.fetch_once(account(server))
    assert taken() == ["one", "came meanwhile, read on a phone"]
    after = FetchPosition.objects.get()
    assert (after.uid_validity, after.last_uid) == (validity, 2)


def test_deleted_mail_is_passed_over(server, monkeypatch):
    imap.fetch_once(account(server))
    server.deliver(mail("gone"))
    server.deliver(mail("here"))
    real = imap._Folder._take_if_there

    def delete_first(folder, uid):
        if uid == 1:
            with server.client() as client:
                client.select_folder("INBOX")
                client.delete_messages([1])
                client.expunge()
        return real(folder, uid)

    monkeypatch.setattr(imap._Folder, "_take_if_there", delete_first)
    assert imap.fetch_once(account(server)) == 1
    assert taken() == ["here"]


def test_mail_that_is_too_large_comes_with_its_text_and_stays_flagged(server, settings):
    settings.MAIL_MAX_BYTES = 100_000
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "cleo@example.com", USER, "film"
    letter.set_content("Look at this.")
    letter.add_attachment(os.urandom(90_000), maintype="video", subtype="mp4", filename="film.mp4")
    uid = server.deliver(letter.as_bytes())
    imap.fetch_once(account(server, move_to="Done"))
    kept = InboundMail.objects.get(subject="film")
    assert bytes(kept.raw).startswith(b"X-Svar-Cut: ")
    assert len(kept.raw) < 2_000
    assert b"Look at this." in bytes(kept.raw)
    assert b"film.mp4" not in bytes(kept.raw)
    assert server.flags()[uid] == {"\\flagged"}


@pytest.mark.parametrize("has_idle", [True, False])
def test_what_was_taken_can_be_moved_to_another_folder(has_idle):
    with imap_server(has_idle=has_idle) as server:
        server.deliver(mail("one"))
        imap.fetch_once(account(server, move_to="Done"))
        assert server.flags() == {}
        assert list(server.flags("Done").values()) == [{"\\seen"}]


def test_a_wrong_password_is_told_and_never_written_down(server, settings, caplog):
    settings.IMAP_URLS = [url(server).replace(quote(PASSWORD, safe=""), "wrong-secret")]
    with pytest.raises(CommandError) as error:
        call_command("fetch_mail", once=True)
    assert "AUTHENTICATIONFAILED" in str(error.value)
    stop = threading.Event()
    stop.wait = lambda seconds=0: stop.set() or True
    imap.follow(read_account(settings.IMAP_URLS[0]), stop)
    position = FetchPosition.objects.get()
    assert "refuses the login" in position.last_error
    assert "wrong-secret" not in str(error.value) + position.last_error + caplog.text


def test_a_folder_is_read_by_one_process_at_a_time(server):
    server.deliver(mail("one"))
    held = fetching.claim(account(server).name, "INBOX", reader="elsewhere/1")
    assert held is not None
    with pytest.raises(imap.Busy):
        imap.fetch_once(account(server))
    assert taken() == []
    FetchPosition.objects.update(reader_until=timezone.now())
    assert imap.fetch_once(account(server)) == 1


def test_the_successor_of_a_dead_process_on_this_machine_need_not_wait(server):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    dead = fetching.this_process().rpartition("/")[0] + f"/{process.pid}"
    fetching.claim(account(server).name, "INBOX", reader=dead)
    server.deliver(mail("one"))
    assert imap.fetch_once(account(server)) == 1


def follow_until(server: ImapServer, subject: str, monkeypatch, act, **options: str) -> None:
    """Follows the mailbox in this thread while `act` works on it in another, until the mail named so is taken."""
    stop = threading.Event()
    real = imap.receive

    def receive(raw, **fields):
        found = real(raw, **fields)
        if f"Subject: {subject}".encode() in raw:
            stop.set()
        return found

    monkeypatch.setattr(imap, "receive", receive)
    monkeypatch.setattr(imap, "_PAUSES", (1,))
    worker = threading.Thread(target=act, daemon=True)
    deadline = threading.Timer(30, stop.set)
    deadline.start()
    worker.start()
    imap.follow(account(server, **options), stop)
    deadline.cancel()
    worker.join(10)


def test_idle_tells_of_new_mail_at_once(server, monkeypatch):
    """The clock alone would look again in an hour."""
    idling = threading.Event()
    real = imap.IMAPClient.idle
    monkeypatch.setattr(imap.IMAPClient, "idle", lambda client: (real(client), idling.set())[0])
    monkeypatch.setattr(imap, "_IDLE_SECONDS", 3600)

    def act():
        for name in ("one", "two"):
            idling.wait(20)
            idling.clear()
            server.deliver(mail(name))

    follow_until(server, "two", monkeypatch, act)
    assert taken() == ["one", "two"]
    assert FetchPosition.objects.get().reader == ""


def test_without_idle_it_looks_again_by_the_clock(monkeypatch):
    with imap_server(has_idle=False) as server:
        follow_until(server, "one", monkeypatch, lambda: (time.sleep(1), server.deliver(mail("one"))), poll="5")
        assert taken() == ["one"]


def test_a_dropped_line_is_taken_up_again(server, monkeypatch):
    def act():
        time.sleep(1)
        server.drop_connections()
        server.deliver(mail("after the drop"))

    server.deliver(mail("before"))
    follow_until(server, "after the drop", monkeypatch, act)
    assert taken() == ["before", "after the drop"]


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_the_line_is_encrypted_and_the_server_has_to_prove_who_it_is(monkeypatch, scheme):
    with imap_server(has_tls=True) as server:
        server.deliver(mail("one"))
        written = url(server).replace("imap://", f"{scheme}://")
        if scheme == "imaps":
            written = written.replace(f":{server.port}", f":{server.tls_port}")
        with pytest.raises(ssl.SSLCertVerificationError):
            imap.fetch_once(read_account(written))
        assert taken() == []
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        assert imap.fetch_once(read_account(written)) == 1


def test_the_command_follows_the_mailbox_until_it_is_ended(server, tmp_path):
    """The real process, with a database of its own."""
    uid = server.deliver(mail("one"))
    with OwnSite(tmp_path).running("fetch_mail", IMAP_URLS=url(server)) as process:
        until(lambda: server.flags()[uid] == {"\\seen"}, seconds=60)
        process.terminate()
        assert process.wait(20) == 0


def test_the_command_reads_what_is_there_and_forgets_the_trouble_with_accounts_of_old(server, settings):
    FetchPosition.objects.create(account="old (imap.example.com)", last_error="AUTHENTICATIONFAILED")
    settings.IMAP_URLS = [url(server)]
    server.deliver(mail("one"))
    told = io.StringIO()
    call_command("fetch_mail", once=True, stdout=told)
    assert told.getvalue().endswith(": 1 taken\n")
    assert not FetchPosition.objects.failing().exists()


def test_the_command_says_when_nothing_is_set(settings):
    settings.IMAP_URLS = []
    with pytest.raises(CommandError, match="IMAP_URLS"):
        call_command("fetch_mail", once=True, stdout=io.StringIO())


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("https://u:sesame@h/", "imaps://"),
        ("imaps://sesame@h/", "lacks"),
        ("imap://u:sesame@mail.example.com/", "everybody"),
        ("imaps://u:sesame@h:port/", "not understood"),
        ("imaps://u:ses@me/@h/?x=1", "unknown option"),
        ("imaps://u:sesame@h/?poll=1", "poll=1"),
        ("imaps://u:sesame@h/?start=old", "start=old"),
        ("imaps://u:sesame@h/?mvoe_to=x", "mvoe_to"),
    ],
)
def test_an_address_that_is_wrong_is_told_without_its_password(written, complaint):
    with pytest.raises(ValueError, match=complaint) as error:
        read_account(written)
    assert "sesame" not in str(error.value)


def test_an_account_does_not_show_its_password():
    assert "sesame" not in repr(read_account("imaps://u:sesame@h/Support%20mail"))
    assert read_account("imaps://u%40x.example:sesame@h/Support%20mail").folder == "Support mail"
