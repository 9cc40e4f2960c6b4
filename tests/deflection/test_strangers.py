"""Whoever knows no more of somebody than an address or a number gets at nothing of theirs."""

from __future__ import annotations

import pytest
from django.test import Client

from deflection.middleware import COOKIE
from deflection.models import Journey
from deflection.services import drafts, joining, journeys, spoken, uploads
from deflection.services.callers import Call, log
from tests.factories import make_ticket
from tests.people import ada
from tests.tickets.calling import form as callback_form
from tickets.models import Callback, Chat, Customer, Ticket
from tickets.services.callback_links import callback_key
from tickets.services.customers import customer_by_email
from tickets.services.links import case_key, case_path

pytestmark = pytest.mark.django_db
SECRET = "My divorce is not to be known at work."


@pytest.fixture
def cleo() -> Customer:
    """Known in her browser, and in the middle of a message to us."""
    cleo = customer_by_email("cleo@example.com", name="Cleo")
    journey = joining.join_customer(journeys.begin(language="en"), cleo)
    drafts.save(journey, {"message": SECRET, "email": "cleo@example.com"})
    uploads.begin(journey, name="divorce.pdf", size=10)
    return cleo


def shown_to(stranger: Client) -> str:
    return stranger.get("/en/contact/").content.decode() + stranger.get("/en/contact/draft/").content.decode()


def test_a_case_sent_in_somebodys_name_opens_nothing_of_theirs(cleo, client):
    written = {"message": "Where is it?", "email": "cleo@example.com"}
    page = client.post("/en/contact/", written, follow=True)
    assert page.status_code == 200
    assert page.request["PATH_INFO"].startswith("/en/cases/")
    assert SECRET not in shown_to(client)
    assert "divorce.pdf" not in shown_to(client)
    assert not Journey.objects.filter(customer=cleo, draft=None).exists()


def test_its_page_opened_in_another_browser_opens_nothing_of_theirs(cleo):
    make_ticket(email="cleo@example.com")
    stranger = Client()
    assert stranger.get(case_path(Ticket.objects.get())).status_code == 200
    assert SECRET not in shown_to(stranger)


def test_a_chat_begun_in_somebodys_name_opens_nothing_of_theirs(cleo, client):
    made = client.post("/en/chat/", {"message": "Hello?", "email": "cleo@example.com"})
    assert Chat.objects.get().ticket.customer == cleo
    stranger = Client()
    assert stranger.get(made["Location"]).status_code == 200
    assert SECRET not in shown_to(stranger)
    assert SECRET not in shown_to(client)


def test_a_call_back_booked_in_somebodys_name_opens_nothing_of_theirs(cleo, client):
    made = client.post("/en/call-back/", callback_form(email="cleo@example.com"))
    assert Ticket.objects.get().customer == cleo
    stranger = Client()
    assert stranger.get(made["Location"]).status_code == 200
    assert SECRET not in shown_to(stranger)


def test_the_letter_about_a_call_back_shows_who_follows_it(cleo, client):
    client.post("/en/call-back/", callback_form(email="cleo@example.com"))
    key = callback_key(Callback.objects.get(), for_letter=True)
    other = Client()
    assert other.get(f"/en/call-back/{Callback.objects.get().pk}/", {"key": key}).status_code == 200
    other.get("/en/contact/")
    assert journeys.find(other.cookies[COOKIE].value).customer == cleo


def test_who_sent_a_case_in_somebodys_name_sees_nothing_of_them_once_they_open_the_letter_about_it(client):
    client.post("/en/contact/", {"message": "Where is it?", "email": "cleo@example.com"})
    ticket = Ticket.objects.get()
    hers = Client()
    hers.get(case_path(ticket, key=case_key(ticket, for_letter=True)))
    written = {"values": {"message": SECRET}, "base": 0}
    assert hers.post("/en/contact/draft/", written, content_type="application/json").status_code == 200
    assert SECRET in shown_to(hers)
    assert SECRET not in shown_to(client)


def test_a_caller_who_gives_anothers_name_to_an_agent_gets_nothing_of_theirs_on_the_screen(cleo, client):
    client.get("/en/contact/")
    mine = journeys.find(client.cookies[COOKIE].value)
    call = Call(about="Hello", language="en", key="call-1", customer=cleo, code=spoken.give(mine))
    log(call, agent=ada())
    mine.refresh_from_db()
    assert mine.customer == cleo
    assert SECRET not in shown_to(client)
