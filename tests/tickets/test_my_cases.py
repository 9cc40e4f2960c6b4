"""All my cases, after login: mine and those in which I take part, and nobody else's."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tests import people
from tests.factories import UserFactory, make_ticket
from tickets.models import Callback, Participant, Ticket
from tickets.services import history, lifecycle, merging
from tickets.services.customers import customer_by_email
from tickets.services.links import case_key, case_path

pytestmark = pytest.mark.django_db
URL = "/en/cases/"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def listed(client, **query: object) -> list[str]:
    page = client.get(URL, query)
    assert page.status_code == 200
    return re.findall(r'class="card case-line" href="/en/cases/(SV-\d+)/"', page.content.decode())


def test_mine_and_those_where_i_am_on_copy(client):
    mine = make_ticket(subject="Mine")
    shared = make_ticket(email="petra@example.com", subject="Shared")
    make_ticket(email="sam@example.com", subject="SOMEBODY-ELSES")
    Participant.objects.create(ticket=shared, customer=customer_by_email("cleo@example.com"))
    client.force_login(people.cleo())
    assert set(listed(client)) == {mine.reference, shared.reference}
    page = client.get(URL).content.decode()
    assert "SOMEBODY-ELSES" not in page
    assert "petra@example.com" not in page
    for reference in listed(client):
        assert client.get(f"{URL}{reference}/").status_code == 200


def test_what_waits_for_me_comes_first_and_what_is_finished_last(client):
    solved, ours, mine = (make_ticket(subject=name) for name in ("solved", "ours", "mine"))
    agent = people.ada()
    lifecycle.solve(solved, agent=agent, article=None)
    lifecycle.send_reply(mine, agent=agent, body="Which size?")
    Ticket.objects.filter(pk=ours.pk).update(updated_at=timezone.now() + timedelta(hours=1))
    client.force_login(people.cleo())
    assert listed(client) == [mine.reference, ours.reference, solved.reference]


def test_it_says_where_each_stands_in_plain_words(client):
    ticket = make_ticket(subject="Parcel")
    client.force_login(people.cleo())
    assert "We have got it" in client.get(URL).content.decode()
    lifecycle.send_reply(ticket, agent=people.ada(), body="Which size?")
    assert "We wait for your answer" in client.get(URL).content.decode()


def test_a_call_that_is_promised_is_what_comes_next_for_whoever_is_called(client):
    called, petras = make_ticket(subject="Call me"), make_ticket(email="petra@example.com", subject="Call Petra")
    Participant.objects.create(ticket=petras, customer=customer_by_email("cleo@example.com"))
    for ticket in (called, petras):
        moments = {"booked_at": NOON, "promised_at": NOON, "due_at": NOON}
        Callback.objects.create(ticket=ticket, number="+46701740605", language="en", **moments)
    client.force_login(people.cleo())
    page = client.get(URL).content.decode()
    assert page.count("We call you as soon as someone is free.") == 1
    assert page.count("Next: a person reads your case") == 1


@pytest.mark.parametrize("who", [None, "sam", "unverified", "agent"])
def test_whoever_has_confirmed_no_address_of_a_customer_sees_the_form_alone(client, who):
    make_ticket(subject="CLEOS-OWN")
    if who == "sam":
        client.force_login(people.sam())
    if who == "unverified":
        client.force_login(UserFactory(email="cleo@example.com"))
    if who == "agent":
        client.force_login(people.ada())
    page = client.get(URL)
    assert page.status_code == 200
    assert "CLEOS-OWN" not in page.content.decode()
    assert 'name="reference"' in page.content.decode()


def test_pages_and_queries(client, django_assert_max_num_queries):
    for number in range(25):
        make_ticket(subject="" if number % 2 else f"Case {number}")
    client.force_login(people.cleo())
    with django_assert_max_num_queries(16):
        first = listed(client)
    second = listed(client, page=2)
    assert (len(first), len(second)) == (20, 5)
    assert not set(first) & set(second)
    assert listed(client, page="nonsense") == first
    assert listed(client, page=99) == second


def test_a_merged_case_is_listed_once_and_leads_on(client):
    gone, kept = make_ticket(subject="Gone"), make_ticket(subject="Kept")
    merging.merge(gone, into=kept, by=history.agent(people.ada()))
    client.force_login(people.cleo())
    assert listed(client) == [kept.reference]
    assert client.get(f"{URL}{gone.reference}/").url.startswith(f"{URL}{kept.reference}/?key=")


# --- Links to merged cases --------------------------------------------------------------------------------


def test_the_link_of_a_merged_case_leads_to_the_kept_one(client):
    gone, kept = make_ticket(subject="Gone"), make_ticket(subject="Kept")
    link = case_path(gone)
    merging.merge(gone, into=kept, by=history.agent(people.ada()))
    page = client.get(link, follow=True)
    assert page.context["ticket"] == kept
    client.post(link, {"message": "Written on the old page."})
    assert kept.messages.last().body == "Written on the old page."


def test_who_has_left_the_kept_case_is_told_where_it_goes_on_and_no_more(client):
    gone = make_ticket(email="petra@example.com", subject="Gone", name="Petra Holm")
    kept = make_ticket(subject="KEPT-SECRET")
    link = case_path(gone)
    merging.merge(gone, into=kept, by=history.agent(people.ada()), may_share=True)
    assert client.get(link, follow=True).context["ticket"] == kept
    Participant.objects.all().delete()
    page = client.get(link)
    assert "goes on in another conversation" in page.content.decode()
    assert "KEPT-SECRET" not in page.content.decode()
    assert kept.reference not in page.content.decode()
    written = client.post(link, {"message": "Do not lose this."})
    assert "Do not lose this." in written.content.decode()
    assert "Do not lose this." not in [message.body for message in kept.messages.all()]


def test_the_key_of_a_merged_case_opens_no_other(client):
    gone, kept = make_ticket(), make_ticket()
    merging.merge(gone, into=kept, by=history.agent(people.ada()))
    assert client.get(f"{URL}{kept.reference}/", {"key": case_key(gone)}).status_code == 404
