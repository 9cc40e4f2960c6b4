"""Whatever bytes come in, there is a row with what became of them, and nothing is raised."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.factories import make_ticket
from tests.tickets.mail_corpus import headers, machines, programs, structures, texts, threads
from tickets.channels.email.display import safe_markup
from tickets.channels.email.inbound import receive
from tickets.channels.email.letter import read_letter
from tickets.models import InboundMail
from tickets.services.links import reply_address

pytestmark = pytest.mark.django_db
MODULES = (headers, texts, structures, threads, machines, programs)
CORPUS = [one.raw for module in MODULES for one in module.LETTERS]
SMALL = [raw for raw in CORPUS if len(raw) < 4_000]

# What mail is made of: put together at random it goes further into the code than noise does.
PIECES = st.sampled_from(
    [
        b"\n", b"\r\n", b"\n\n", b"\r", b" ", b"\t", b"\x00", b"\xff\xfe", b"\xc3", b"=?utf-8?B?", b"?=",
        b"=?utf-8?Q?=C3",
        b"From: ", b"To: ", b"Subject: ", b"Message-ID: <", b">", b"<", b"@", b"a@example.com", b"References: ",
        b"Content-Type: multipart/mixed; boundary=b1", b"Content-Type: multipart/alternative; boundary=b1", b"--b1",
        b"--b1--", b"Content-Type: text/html", b"Content-Type: text/plain; charset=", b"utf-16", b"punycode", b"hex",
        b"Content-Type: message/rfc822", b"Content-Type: message/delivery-status", b"Content-Type: text/calendar",
        b"Content-Type: application/ms-tnef", b"\x78\x9f\x3e\x22", b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: x-uuencode", b"Content-Transfer-Encoding: quoted-printable", b"begin 644 a\n",
        b"Content-Disposition: attachment; filename", b"*=utf-8''%", b"*0*=", b"\"", b"\\", b";", b"=", b"(", b")",
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:", b"Action: failed\n", b"Auto-Submitted: auto-replied", b"> ",
        b"On a wrote:", b"<blockquote>", b"<!--", b"Date: Sun, 99 Nov", b"List-Id: <", b"Mvh",
    ]
)  # fmt: skip
QUICK = settings(
    deadline=None, derandomize=True, database=None, phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@pytest.fixture(autouse=True)
def _nobody_writes_too_much(settings):
    settings.MAIL_SENDER_PER_DAY = settings.MAIL_SENDER_PER_HOUR = 1_000_000


def check(raw: bytes) -> None:
    mail = receive(raw)
    kept = InboundMail.objects.get(pk=mail.pk)
    assert bytes(kept.raw) == raw
    assert kept.outcome not in (InboundMail.Outcome.RECEIVED, InboundMail.Outcome.UNREADABLE), kept.error
    if kept.outcome != InboundMail.Outcome.DUPLICATE:
        assert (kept.message is not None) == (kept.outcome in ("opened", "taken", "linked"))


@settings(QUICK, max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes(raw):
    check(raw)


@settings(QUICK, max_examples=120)
@given(st.lists(PIECES | st.binary(max_size=6), max_size=40).map(b"".join))
def test_pieces_of_mail_in_any_order(raw):
    check(raw)


@settings(QUICK, max_examples=150)
@given(st.data())
def test_letters_with_something_changed(data):
    """Bytes put in, taken out, doubled, or two letters grown together."""
    raw = bytearray(data.draw(st.sampled_from(SMALL)))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw)))
        end = min(len(raw), at + data.draw(st.integers(0, 40)))
        change = data.draw(st.sampled_from(["insert", "delete", "double", "graft"]))
        if change == "insert":
            raw[at:at] = data.draw(PIECES | st.binary(max_size=4))
        elif change == "delete":
            del raw[at:end]
        elif change == "double":
            raw[at:at] = raw[at:end]
        else:
            raw[at:end] = data.draw(st.sampled_from(SMALL))[: data.draw(st.integers(0, 400))]
    check(bytes(raw))


@settings(QUICK, max_examples=60)
@given(st.lists(PIECES | st.binary(max_size=6), max_size=30).map(b"".join))
def test_an_answer_with_anything_in_it_gets_into_its_own_case_or_none(rest):
    ticket = make_ticket()
    address = reply_address(ticket.pk, "help@localhost")
    other = make_ticket(email="bo@example.com")
    mail = receive(f"From: cleo@example.com\nTo: {address}\nMessage-ID: <{ticket.pk}@x.example>\n".encode() + rest)
    assert mail.ticket != other
    assert other.messages.count() == 1


@settings(QUICK, max_examples=150)
@given(st.lists(PIECES | st.binary(max_size=20), max_size=40).map(b"".join))
def test_reading_a_letter_never_raises(raw):
    letter = read_letter(raw, envelope_from="<>", envelope_to=["x", "(((", ""])
    assert letter.rfc_id.startswith("<")
    letter.contents.text.encode()
    letter.contents.html.encode()


MARKUP = st.sampled_from(
    ["<", ">", "\"", "'", "/", "<a href=", "javascript:alert(1)", "<img src=", "cid:p", "onerror=alert(1)", "<style>",
     "</style>", "<!--", "-->", "<svg", "<math>", "<mtext>", "<noscript>", "<template>", "<p title='", "<script>",
     "&lt;", "&#106;", "\x00", "<table><td>", "expression(", "<base href=", "<form action=",
     "<meta http-equiv=refresh content="]
)  # fmt: skip


@settings(QUICK, max_examples=300)
@given(st.lists(MARKUP | st.text(max_size=5), max_size=30).map("".join))
def test_no_markup_becomes_a_program(html):
    shown = str(safe_markup(html, {"p": "/attachments/p/"}))
    # What is safe stays as it is when it is made safe again: a browser and we read it alike.
    again = str(safe_markup(shown, {}))
    for text in (shown, again):
        tags = text.replace("&lt;", "").lower()
        assert not any(
            f"<{name}" in tags for name in ("script", "style", "svg", "math", "iframe", "form", "base", "meta")
        )
