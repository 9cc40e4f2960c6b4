"""Letters at the desk: what is in no case, what can be made of it, and each as it came."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.factories import make_ticket
from tests.people import ada, sam
from tests.tickets.mail_corpus import PNG, letter
from tests.tickets.test_mail_threading import answer, write
from tickets.channels.email.inbound import receive, sweep
from tickets.channels.email.originals import originals_of
from tickets.models import InboundMail, OutboxMessage, Ticket

pytestmark = pytest.mark.django_db
Outcome, Cause = InboundMail.Outcome, InboundMail.Cause
ACTIONS = ["mail_retry", "mail_open", "mail_add", "mail_leave"]


def machine(name: str = "one", **fields: str) -> InboundMail:
    return receive(write(name, f"From {name}", **({"Auto_Submitted": "auto-generated"} | fields)))


def held() -> InboundMail:
    return receive(write("held", "Whose is this?", From="Cleo"))


@pytest.fixture
def agent(client):
    agent = ada()
    client.force_login(agent)
    return agent


def page(client, **query: str) -> str:
    response = client.get(reverse("desk:mail"), query)
    assert response.status_code == 200
    return response.content.decode()


def test_an_address_that_is_none_is_named_and_no_agent_is_asked_for_theirs(client, agent):
    mail = receive(write("held", "Where is my parcel?", From="Cleo <cleo@example>"))
    assert (mail.outcome, mail.cause) == (Outcome.HELD, Cause.NO_SENDER)
    assert "“cleo@example” is no e-mail address that can be answered." in page(client)
    said = client.post(reverse("desk:mail_open", args=[mail.pk]), follow=True).content.decode()
    assert "“cleo@example” is no e-mail address" in said
    assert "Write your whole e-mail address" not in said


class TestDoor:
    @pytest.mark.parametrize("name", ["mail_letter", "mail_raw"])
    def test_only_agents_read_letters(self, client, name):
        address = reverse(f"desk:{name}", args=[machine().pk])
        assert client.get(address).status_code == 302
        client.force_login(sam())
        assert client.get(address).status_code == 403
        assert client.get(reverse("desk:mail")).status_code == 403
        client.force_login(ada())
        assert client.get(address).status_code == 200
        assert client.post(address).status_code == 405
        assert client.get(reverse(f"desk:{name}", args=[999])).status_code == 404

    @pytest.mark.parametrize("name", ACTIONS)
    def test_only_agents_decide(self, client, name):
        mail = machine()
        address = reverse(f"desk:{name}", args=[mail.pk])
        client.force_login(sam())
        assert client.post(address).status_code == 403
        mail.refresh_from_db()
        assert (mail.outcome, mail.decided_by) == (Outcome.AUTOMATIC, None)
        client.force_login(ada())
        assert client.get(address).status_code == 405
        assert client.post(reverse(f"desk:{name}", args=[999]), {"case": make_ticket().reference}).status_code == 404


class TestList:
    def test_what_a_person_has_to_decide_comes_first(self, client, agent):
        assert "Every letter has found its case." in page(client)
        held()
        machine(Subject="Out of office")
        shown = page(client)
        assert "It does not say who sent it" in shown
        assert "Whose is this?" in shown
        assert "Out of office" not in shown
        assert "Out of office" in page(client, shelf="automatic")

    def test_hostile_words_are_words(self, client, agent):
        machine(Subject="<script>alert(1)</script>", From="x@example.com")
        shown = page(client, shelf="automatic")
        assert "<script>alert" not in shown
        assert "&lt;script&gt;" in shown

    def test_a_longer_list_costs_no_more(self, client, agent, django_assert_num_queries):
        machine()
        page(client, shelf="automatic")
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as few:
            page(client, shelf="automatic")
        ticket = make_ticket()
        for number in range(25):
            receive(answer(ticket, str(number), text=f"{number}", Auto_Submitted="auto-replied"))
        with django_assert_num_queries(len(few)):
            shown = page(client, shelf="automatic")
        assert "1 to 20 of 26" in shown
        assert "21 to 26 of 26" in page(client, shelf="automatic", page="2")

    @pytest.mark.parametrize("query", [{"shelf": "nope"}, {"page": "x"}, {"page": "99"}])
    def test_nonsense_in_the_address_is_no_error(self, client, agent, query):
        page(client, **query)

    def test_the_desk_says_how_many_wait(self, client, agent):
        held()
        assert reverse("desk:mail") in client.get(reverse("desk:list")).content.decode()


class TestDeciding:
    def test_a_machines_letter_becomes_a_case_and_nobody_is_written_to(self, client, agent):
        mail = machine()
        response = client.post(reverse("desk:mail_open", args=[mail.pk]))
        mail.refresh_from_db()
        assert response.url == mail.ticket.get_absolute_url()
        assert (mail.outcome, mail.decided_by) == (Outcome.OPENED, agent)
        assert mail.ticket.messages.get().body == "From one"
        assert not OutboxMessage.objects.exists()

    def test_twice_is_once(self, client, agent):
        mail = machine()
        for _ in range(2):
            client.post(reverse("desk:mail_open", args=[mail.pk]))
        assert Ticket.objects.count() == 1

    def test_a_letter_without_sender_needs_a_case_that_is_there(self, client, agent):
        mail = held()
        response = client.post(reverse("desk:mail_open", args=[mail.pk]), follow=True)
        assert "does not say who sent it" in response.content.decode()
        ticket = make_ticket()
        client.post(reverse("desk:mail_add", args=[mail.pk]), {"case": f" {ticket.reference.lower()} "})
        mail.refresh_from_db()
        assert (mail.outcome, mail.ticket) == (Outcome.TAKEN, ticket)
        assert ticket.messages.last().body == "Whose is this?"

    @pytest.mark.parametrize("case", ["", "SV-99999", "x\x00y"])
    def test_a_case_that_is_not_there_is_said(self, client, agent, case):
        mail = held()
        response = client.post(reverse("desk:mail_add", args=[mail.pk]), {"case": case}, follow=True)
        assert "There is no case" in response.content.decode()
        mail.refresh_from_db()
        assert mail.outcome == Outcome.HELD

    def test_the_words_of_a_stranger_in_a_case_are_told_as_theirs(self, client, agent):
        ticket = make_ticket()
        mail = machine(From="Bo <bo@example.com>")
        client.post(reverse("desk:mail_add", args=[mail.pk]), {"case": ticket.reference})
        assert ticket.messages.last().customer.email == "bo@example.com"

    def test_left_aside_it_can_still_be_found_and_taken(self, client, agent):
        mail = held()
        client.post(reverse("desk:mail_leave", args=[mail.pk]))
        assert "Whose is this?" not in page(client)
        assert "Whose is this?" in page(client, shelf="aside")
        assert (
            client.post(reverse("desk:mail_add", args=[mail.pk]), {"case": make_ticket().reference}).status_code == 302
        )
        mail.refresh_from_db()
        assert mail.outcome == Outcome.TAKEN

    def test_what_broke_is_tried_again(self, client, agent, monkeypatch):
        with monkeypatch.context() as broken:
            broken.setattr("tickets.channels.email.taking.open_ticket", lambda **given: 1 / 0)
            mail = receive(write())
        assert (mail.outcome, mail.cause) == (Outcome.UNREADABLE, Cause.BROKEN)
        assert "ZeroDivisionError" in page(client)
        client.post(reverse("desk:mail_retry", args=[mail.pk]))
        mail.refresh_from_db()
        assert (mail.outcome, mail.cause, mail.error) == (Outcome.OPENED, "", "")

    def test_trying_again_what_is_still_wrong_says_so(self, client, agent):
        response = client.post(reverse("desk:mail_retry", args=[held().pk]), follow=True)
        assert "It still cannot be taken" in response.content.decode()

    def test_a_letter_in_a_case_stays_there(self, client, agent):
        mail = receive(write())
        for name in ACTIONS:
            client.post(reverse(f"desk:{name}", args=[mail.pk]), {"case": make_ticket().reference})
        kept = InboundMail.objects.get(pk=mail.pk)
        assert (kept.outcome, kept.ticket, kept.decided_by) == (Outcome.OPENED, mail.ticket, None)

    def test_what_a_dying_process_left_is_looked_at(self):
        from datetime import timedelta

        from django.utils import timezone

        mail = InboundMail.objects.create(digest="x", raw=write(), received_at=timezone.now() - timedelta(minutes=6))
        InboundMail.objects.create(digest="y", raw=write("young"))
        assert sweep() == 1
        mail.refresh_from_db()
        assert mail.outcome == Outcome.OPENED


HTML = (
    '<p>Look: <img src="cid:p1" alt="Chart"><img src="https://tracker.example/x.png" alt="Logo">'
    '<script>alert(1)</script><a href="javascript:alert(1)">a</a><a href="https://shop.example">b</a></p>'
)


def formatted(html: str = HTML, **fields: str) -> bytes:
    head = {
        "From": "cleo@example.com",
        "To": "help@localhost",
        "Subject": "Chart",
        "Message-ID": "<h@x.example>",
    } | fields
    lines = [f"{name}: {value}" for name, value in head.items()]
    return (
        "\n".join(lines) + "\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\n"
        f"Content-Type: text/html; charset=utf-8\n\n{html}\n--b\nContent-Type: image/png\nContent-ID: <p1>\n"
        f"Content-Transfer-Encoding: base64\n\n{PNG}\n--b\n"
        "Content-Type: application/x-msdownload; name=x.exe\n\nMZ\n--b--\n"
    ).encode()


class TestLetter:
    def shown(self, client, mail: InboundMail, **query: str):
        return client.get(reverse("desk:mail_letter", args=[mail.pk]), query)

    def test_its_own_pictures_are_shown_and_others_only_when_asked_for(self, client, agent):
        mail = receive(formatted())
        response = self.shown(client, mail)
        body = response.content.decode()
        assert "/attachments/" in body.split("mail-html")[1]
        assert "tracker.example" not in body
        assert "https:" not in response["Content-Security-Policy"]
        asked = self.shown(client, mail, images="1")
        assert "https://tracker.example/x.png" in asked.content.decode()
        assert "img-src 'self' data: https:" in asked["Content-Security-Policy"]
        assert "script-src 'self';" in asked["Content-Security-Policy"] + ";"

    def test_nothing_in_it_runs(self, client, agent):
        body = self.shown(client, receive(formatted())).content.decode()
        assert "alert(1)" not in body
        assert 'href="https://shop.example"' in body
        assert "noopener" in body

    def test_a_picture_that_stands_in_the_html_is_shown(self, client, agent):
        html = f'<p>Look:</p><img src="data:image/png;base64,{PNG}">'
        mail = receive(
            letter("MIME-Version: 1.0\nContent-Type: text/html", html).replace(b"@@ID@@", b"<one@x.example>")
        )
        body = self.shown(client, mail).content.decode().split("mail-html")[1]
        assert 'src="/attachments/' in body
        assert "data:" not in body

    def test_that_it_is_longer_than_what_is_shown_is_said(self, client, agent):
        told = "longer than what is shown"
        kind = "MIME-Version: 1.0\nContent-Type: text/html"
        for number, (words, is_cut) in enumerate([(10, False), (60_000, True)]):
            raw = letter(kind, "<p>Some words</p>" * words).replace(b"@@ID@@", f"<{number}@x.example>".encode())
            assert (told in self.shown(client, receive(raw)).content.decode()) == is_cut

    def test_what_was_not_taken_is_named(self, client, agent):
        assert "x.exe" in self.shown(client, receive(formatted())).content.decode()

    def test_one_that_is_in_no_case_can_be_read_too(self, client, agent):
        mail = receive(formatted(**{"Auto-Submitted": "auto-generated"}))
        body = self.shown(client, mail).content.decode()
        assert "Look:" in body
        assert "Open a case" in body

    def test_a_forged_sender_is_told_at_the_top(self, client, agent, settings):
        settings.MAIL_AUTHSERV_IDS = ["mx.example.org"]
        mail = receive(formatted(**{"Authentication-Results": "mx.example.org; dmarc=fail; spf=fail"}))
        assert "probably forged" in self.shown(client, mail).content.decode()

    @pytest.mark.parametrize("raw", [b"x", b"\xff\x00\xfe", b"From: \n\n", b"Content-Type: multipart/mixed\n\n"])
    def test_what_nobody_can_read_has_a_page_all_the_same(self, client, agent, raw):
        assert self.shown(client, receive(raw)).status_code == 200

    def test_the_download_is_the_letter_byte_for_byte(self, client, agent):
        raw = formatted()
        response = client.get(reverse("desk:mail_raw", args=[receive(raw).pk]))
        assert response.content == raw
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"


class TestOriginals:
    def test_what_was_folded_stands_beside_the_message(self):
        ticket = make_ticket()
        quoted = "It came.\n\nMvh\nCleo\n\nOn Sun, 22 Nov 2026 at 10:00, Help <h@x> wrote:\n> Did it?"
        message = receive(answer(ticket, text=quoted)).message
        original = originals_of([message])[message.pk]
        assert message.body == "It came."
        assert original.folded == "Mvh\nCleo\n\nOn Sun, 22 Nov 2026 at 10:00, Help <h@x> wrote:\n> Did it?"
        assert original.row is not None

    def test_their_number_costs_nothing(self, django_assert_num_queries):
        ticket = make_ticket()
        for number in range(10):
            receive(answer(ticket, str(number), text=f"Text {number}"))
        messages = list(ticket.messages.all())
        with django_assert_num_queries(2):
            assert len(originals_of(messages)) == 10


def test_a_letter_whose_sender_is_no_address_can_be_added_to_a_case_and_opens_none(client, agent):
    mail, ticket = receive(write("bad", "Whose is this?", From="cleo@@")), make_ticket()
    answer = client.post(reverse("desk:mail_open", args=[mail.pk]), follow=True)
    assert "does not say who sent it" in answer.content.decode()
    client.post(reverse("desk:mail_add", args=[mail.pk]), {"case": ticket.reference})
    mail.refresh_from_db()
    assert (mail.ticket, mail.outcome) == (ticket, InboundMail.Outcome.TAKEN)
