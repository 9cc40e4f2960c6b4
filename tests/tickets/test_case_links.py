"""Links to a case: they end, are revoked, are sent again, and never tell whether a case exists."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from tests import people
from tests.factories import make_ticket
from tickets.models import Identity, OutboxMessage, Participant, Ticket, TicketEvent
from tickets.services import history, link_notices, links
from tickets.services.customers import customer_by_email
from tickets.services.links import case_key, case_path

pytestmark = pytest.mark.django_db
FOLLOW = "/en/cases/"


@pytest.fixture
def ticket():
    return make_ticket()


def path(ticket: Ticket) -> str:
    return f"/en/cases/{ticket.reference}/"


def letters(commit, reference: str, email: str) -> list:
    sent = len(mail.outbox)
    with commit():
        link_notices.send_link_if_theirs(reference, email)
    return mail.outbox[sent:]


def later(monkeypatch, **ahead: int) -> None:
    monkeypatch.setattr("django.core.signing.time.time", lambda: (timezone.now() + timedelta(**ahead)).timestamp())


# --- Their end ----------------------------------------------------------------------------------------


def test_a_link_works_for_as_long_as_the_setting_says(client, ticket, settings, monkeypatch):
    url = case_path(ticket)
    later(monkeypatch, days=settings.CASE_LINK_DAYS - 1)
    assert client.get(url).status_code == 200
    later(monkeypatch, days=settings.CASE_LINK_DAYS + 1)
    page = client.get(url)
    assert page.status_code == 404
    assert "This link has ended" in page.content.decode()
    assert "My parcel has not come" not in page.content.decode()
    assert "cleo@example.com" not in page.content.decode()


@pytest.mark.parametrize("tail", ["", "close/", "rate/"])
def test_an_ended_link_changes_nothing_and_gives_back_what_was_written(client, ticket, monkeypatch, tail):
    key = case_key(ticket)
    later(monkeypatch, days=1000)
    page = client.post(path(ticket) + tail, {"key": key, "message": "Written <b>late</b>.", "satisfaction": 5})
    assert page.status_code == 404
    assert "Written &lt;b&gt;late&lt;/b&gt;." in page.content.decode()
    ticket.refresh_from_db()
    assert (ticket.status, ticket.messages.count()) == ("new", 1)


def test_revoking_ends_every_link_that_was_sent(client, ticket):
    old = case_path(ticket)
    links.revoke(ticket, by=history.agent(people.ada()))
    page = client.get(old)
    assert page.status_code == 404
    assert "This link has ended" in page.content.decode()
    assert client.get(case_path(ticket)).status_code == 200
    assert ticket.events.last().kind == TicketEvent.Kind.LINKS_REVOKED


def test_a_key_that_nobody_signed_for_this_case_learns_nothing(client, ticket, monkeypatch):
    other = make_ticket(email="sam@example.com")
    nowhere = client.get("/en/cases/SV-99999999/", {"key": "1:1:x:y"})
    for key in ("", "1:1:x:y", case_key(other), case_key(ticket)[:-1], case_key(ticket).replace(":1:", ":2:", 1)):
        page = client.get(path(ticket), {"key": key})
        assert page.status_code == 404
        assert page.templates[0].name == nowhere.templates[0].name == "errors/404.html"
    later(monkeypatch, days=1000)
    assert client.get(path(ticket), {"key": case_key(other)}).templates[0].name == "errors/404.html"


def test_a_key_does_not_renew_itself(client, ticket):
    """Otherwise a link that has leaked would work for ever."""
    key = case_key(ticket)
    reply = client.post(path(ticket), {"key": key, "message": "More."})
    assert f"key={key}&" in reply.url
    assert client.get(reply.url).context["key"] == key


def test_whose_login_is_right_needs_no_young_link(client, ticket, monkeypatch):
    old = case_path(ticket)
    client.force_login(people.cleo())
    links.revoke(ticket, by=history.SYSTEM)
    assert client.get(old).status_code == 200


# --- Those on copy ------------------------------------------------------------------------------------


@pytest.fixture
def petra(ticket):
    petra = customer_by_email("petra@example.com", name="Petra Holm")
    Participant.objects.create(ticket=ticket, customer=petra)
    return petra


def test_a_participant_reads_and_writes_under_their_own_name(client, ticket, petra):
    key = case_key(ticket, petra)
    page = client.get(path(ticket), {"key": key})
    assert "Cleo Lind" in page.content.decode()
    assert "cleo@example.com" not in page.content.decode()
    client.post(path(ticket), {"key": key, "message": "I paid for it."})
    said = ticket.messages.last()
    assert (said.body, said.customer) == ("I paid for it.", petra)
    hers = client.get(path(ticket), {"key": case_key(ticket)}).content.decode()
    assert "Petra Holm" in hers
    assert "petra@example.com" not in hers


def test_only_the_customer_closes_and_rates(client, ticket, petra):
    key = case_key(ticket, petra)
    assert client.post(path(ticket) + "close/", {"key": key}).status_code == 404
    assert client.post(path(ticket) + "rate/", {"key": key, "satisfaction": 1}).status_code == 404
    ticket.refresh_from_db()
    assert ticket.status == "new"


def test_a_participants_key_ends_with_their_part(client, ticket, petra):
    key = case_key(ticket, petra)
    Participant.objects.all().delete()
    page = client.get(path(ticket), {"key": key})
    assert page.status_code == 404
    assert "My parcel has not come" not in page.content.decode()


def test_a_participant_who_is_logged_in_sees_the_case_once_their_address_is_verified(client, ticket, petra):
    from tests.factories import UserFactory

    client.force_login(UserFactory(email="petra@example.com"))
    assert client.get(path(ticket)).status_code == 404
    Identity.objects.filter(customer=petra).update(is_verified=True)
    assert client.get(path(ticket)).status_code == 200


# --- Sending them again -------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["SV-{}", "sv-{}", "{}", " #SV {} "])
def test_the_link_goes_to_the_address_on_file(commit, client, ticket, number):
    number = number.format(ticket.reference.removeprefix("SV-"))
    (letter,) = letters(commit, number, "Cleo@Example.com ")
    assert letter.to == ["cleo@example.com"]
    link = re.search(r"http://testserver(\S+key=\S+)", letter.body)
    assert client.get(link[1]).status_code == 200
    assert letter.reply_to or letter.extra_headers["Reply-To"]
    assert ticket.events.last().kind == TicketEvent.Kind.LINK_SENT


def test_a_participant_gets_a_link_of_their_own(commit, client, ticket, petra):
    (letter,) = letters(commit, ticket.reference, "petra@example.com")
    assert letter.to == ["petra@example.com"]
    link = re.search(r"http://testserver(\S+key=\S+)", letter.body)[1]
    assert client.get(link).status_code == 200
    Participant.objects.all().delete()
    assert client.get(link).status_code == 404


@pytest.mark.parametrize(
    ("number", "email"),
    [
        ("SV-99999999", "cleo@example.com"),
        ("{}", "sam@example.com"),
        ("{}", "nobody@example.com"),
        ("{}", "not an address"),
        ("", "cleo@example.com"),
        ("SV-1 SV-2", "cleo@example.com"),
        ("²", "cleo@example.com"),
    ],
)
def test_nobody_else_gets_anything(commit, ticket, number, email):
    make_ticket(email="sam@example.com")
    assert letters(commit, number.format(ticket.reference), email) == []
    assert not TicketEvent.objects.filter(kind=TicketEvent.Kind.LINK_SENT).exists()


def test_suspected_spam_makes_us_write_to_nobody(commit):
    spam = make_ticket(email="victim@example.com", is_suspected_spam=True)
    assert letters(commit, spam.reference, "victim@example.com") == []


def test_asking_again_at_once_sends_one_letter(commit, ticket):
    at = timezone.now()
    for _time in range(3):
        with commit():
            link_notices.send_link_if_theirs(ticket.reference, "cleo@example.com", at=at)
    assert OutboxMessage.objects.filter(unique_key__startswith="link:").count() == 1


def test_the_page_answers_alike_whether_there_is_such_a_case_or_not(client, ticket):
    known = client.post(FOLLOW, {"reference": ticket.reference, "email": "cleo@example.com"})
    unknown = client.post(FOLLOW, {"reference": "SV-99999999", "email": "nobody@example.com"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url) == (302, "/en/cases/?sent=1")
    assert client.get(known.url).status_code == 200


def test_the_page_looks_nothing_up(client, ticket, django_assert_num_queries, monkeypatch):
    """So that it takes as long for a case that exists: the worker looks."""
    asked = []
    monkeypatch.setattr("tickets.views.my_cases.enqueue", lambda task, *words: asked.append(words) or True)
    with django_assert_num_queries(0):
        client.post(FOLLOW, {"reference": ticket.reference, "email": "cleo@example.com"})
    assert asked == [(ticket.reference, "cleo@example.com")]


def test_when_the_broker_is_away_the_letter_is_written_all_the_same(client, ticket, monkeypatch):
    monkeypatch.setattr("tickets.views.my_cases.enqueue", lambda task, *words: False)
    client.post(FOLLOW, {"reference": ticket.reference, "email": "cleo@example.com"})
    assert OutboxMessage.objects.filter(unique_key__startswith="link:").count() == 1


@pytest.mark.parametrize(
    ("reference", "email", "wrong"),
    [("", "cleo@example.com", "reference"), ("hello", "cleo@example.com", "reference"), ("SV-1", "cleo@", "email")],
)
def test_what_cannot_be_right_comes_back_with_all_that_was_written(client, reference, email, wrong):
    page = client.post(FOLLOW, {"reference": reference, "email": email})
    assert page.status_code == 422
    assert wrong in page.context["form"].errors
    assert email in page.content.decode()


def test_nul_bytes_break_nothing(client, ticket):
    assert client.post(FOLLOW, {"reference": "\x00SV-1", "email": "a\x00@example.com"}).status_code in (302, 422)
    assert client.post(case_path(ticket), {"message": "a\x00b"}).status_code == 302
    assert ticket.messages.last().body == "ab"


def test_one_address_is_not_flooded_and_one_place_not_served_for_ever(client, ticket, settings, monkeypatch):
    settings.RATELIMIT_ENABLE = True
    asked = []
    monkeypatch.setattr("tickets.views.my_cases.enqueue", lambda task, *words: asked.append(words) or True)
    codes = [
        client.post(FOLLOW, {"reference": f"SV-{number}", "email": "cleo@example.com"}).status_code
        for number in range(1, 40)
    ]
    assert len(asked) == 5
    assert codes[:30] == [302] * 30
    assert codes[-1] == 429
