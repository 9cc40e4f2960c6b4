"""Mail over LMTP, from smtplib to the real command."""

from __future__ import annotations

import smtplib
import socket
from email.message import EmailMessage

import pytest

from tests.factories import make_ticket
from tests.processes import free_port, until
from tests.tickets.own_site import OwnSite
from tickets.channels.email.lmtp import Listen, read_listen, takes_mail_for
from tickets.models import Mailbox
from tickets.services.links import reply_address


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return OwnSite(tmp_path_factory.mktemp("lmtp"), MAIL_DOMAINS="shop.example", MAIL_MAX_BYTES="200000")


@pytest.fixture(scope="module")
def port(site):
    found = free_port()
    with site.running("serve_lmtp", LMTP_LISTEN=f"127.0.0.1:{found}"):
        until(lambda: _answers(("127.0.0.1", found)), seconds=60, what="serve_lmtp")
        yield found


def _answers(address, family=socket.AF_INET) -> bool:
    with socket.socket(family) as line:
        return line.connect_ex(address) == 0


def mail(subject: str, body: str = "Where is my parcel?") -> bytes:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "cleo@example.com", "help@shop.example", subject
    letter.set_content(body)
    return letter.as_bytes()


@pytest.fixture
def line(port):
    with smtplib.LMTP("127.0.0.1", port) as session:
        session.ehlo()
        yield session


def test_each_recipient_gets_an_answer_and_the_mail_is_stored_once(site, line):
    refused = line.sendmail(
        "cleo@example.com", ["help@shop.example", "sales@shop.example", "x@elsewhere.example"], mail("two")
    )
    assert {address: code for address, (code, _) in refused.items()} == {"x@elsewhere.example": 550}
    assert site.ask("select source, envelope_from, envelope_to from tickets_inboundmail where subject = 'two'") == [
        ("lmtp", "cleo@example.com", '["help@shop.example", "sales@shop.example"]')
    ]
    # smtplib reads one of the two answers to the data; the other one waits.
    assert line.getreply()[0] == 250
    assert line.docmd("VRFY", "help")[0] == 252, "and nothing after it"


def test_the_same_mail_twice_is_stored_once(site, line):
    for _ in range(2):
        line.sendmail("cleo@example.com", ["help@shop.example"], mail("twice"))
    assert len(site.ask("select 1 from tickets_inboundmail where subject = 'twice'")) == 1


def test_a_bounce_has_an_empty_return_path(site, line):
    line.sendmail("", ["help@shop.example"], mail("bounce"))
    assert site.ask("select envelope_from from tickets_inboundmail where subject = 'bounce'") == [("<>",)]


def test_bytes_arrive_as_they_were(site, line):
    raw = mail("bytes").replace(b"\n", b"\r\n") + b"\xff\xfe.\r\n.dot\r\n" + b"x" * 150_000 + b"\r\n"
    line.sendmail("cleo@example.com", ["help@shop.example"], raw, mail_options=["BODY=8BITMIME"])
    ((kept,),) = site.ask("select raw from tickets_inboundmail where subject = 'bytes'")
    assert kept == raw


def test_while_the_database_is_away_the_mail_server_keeps_the_mail(site, line):
    site.ask("alter table tickets_inboundmail rename to away")
    try:
        with pytest.raises(smtplib.SMTPDataError) as told:
            line.sendmail("cleo@example.com", ["help@shop.example"], mail("later"))
        assert told.value.smtp_code == 451
    finally:
        site.ask("alter table away rename to tickets_inboundmail")
    line.sendmail("cleo@example.com", ["help@shop.example"], mail("later"))
    assert len(site.ask("select 1 from tickets_inboundmail where subject = 'later'")) == 1


def test_the_sender_of_a_mail_that_is_too_large_is_told(site, line):
    assert line.esmtp_features["size"] == "200000"
    with pytest.raises(smtplib.SMTPResponseException) as told:
        line.sendmail("cleo@example.com", ["help@shop.example"], mail("large", "x\n" * 150_000))
    assert told.value.smtp_code == 552
    line.docmd("LHLO", "again")
    assert line.mail("cleo@example.com")[0] == 250
    for address in ("help@shop.example", "sales@shop.example"):
        assert line.rcpt(address)[0] == 250
    line.putcmd("data")
    assert line.getreply()[0] == 354
    line.send(b"x" * 70 + b"\r\n")
    for _ in range(3_000):
        line.send(b"x" * 70 + b"\r\n")
    line.send(b".\r\n")
    assert [line.getreply()[0], line.getreply()[0]] == [552, 552], "an answer for each recipient"


def test_it_listens_on_a_path_and_ends_when_told(site, tmp_path):
    path = tmp_path / "lmtp"
    path.touch()
    with site.running("serve_lmtp", LMTP_LISTEN=f"unix:{path}") as process:
        until(lambda: _answers(str(path), socket.AF_UNIX), seconds=60, what="serve_lmtp")
        with smtplib.LMTP(str(path)) as session:
            session.sendmail("cleo@example.com", ["help@shop.example"], mail("by path"))
        process.terminate()
        assert process.wait(20) == 0
    assert len(site.ask("select 1 from tickets_inboundmail where subject = 'by path'")) == 1


@pytest.mark.django_db
def test_our_own_addresses_are_taken_whatever_the_domains(settings):
    settings.MAIL_DOMAINS = ["shop.example"]
    Mailbox.objects.create(address="returns@Other.example")
    ticket = make_ticket()
    for address in ("a@SHOP.example", "b@other.example", "help@localhost", reply_address(ticket.pk, "x@third.example")):
        assert takes_mail_for(address), address
    assert not takes_mail_for("a@third.example")
    settings.MAIL_DOMAINS = []
    assert takes_mail_for("a@third.example")


def test_where_to_listen():
    assert read_listen("127.0.0.1:24") == Listen(host="127.0.0.1", port=24)
    assert read_listen("[::1]:24") == Listen(host="::1", port=24)
    assert read_listen("unix:/run/x") == Listen(path="/run/x")
    for wrong in ("24", "localhost", ":24", "a:b"):
        with pytest.raises(ValueError, match="LMTP_LISTEN"):
            read_listen(wrong)
