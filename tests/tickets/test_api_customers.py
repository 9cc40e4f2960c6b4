"""Customers, looked up by other systems."""

from __future__ import annotations

import pytest

from tests.factories import make_ticket
from tests.people import ada, sam
from tests.tickets.tokens import Caller, caller_for
from tickets.models import Identity

pytestmark = pytest.mark.django_db
CUSTOMERS = "/api/v1/customers/"


@pytest.fixture
def crm():
    return caller_for(ada())


def test_by_email_in_any_case_and_by_phone_in_any_notation(crm):
    customer = make_ticket().customer
    make_ticket()
    make_ticket(email="sam@example.com")
    Identity.objects.create(customer=customer, kind="phone", value="+46701234567")
    for query in ({"email": "Cleo@Example.com"}, {"phone": "+46 70-123 45 67"}):
        (found,) = crm.get(CUSTOMERS, query).json()["results"]
        assert (found["id"], found["name"], found["cases"]) == (customer.pk, "Cleo Lind", 2)
        assert {one["value"] for one in found["identities"]} == {"cleo@example.com", "+46701234567"}
    assert crm.get(CUSTOMERS, {"email": "nobody@example.com"}).json() == {"results": []}


@pytest.mark.parametrize("query", [{}, {"email": "a@example.com", "phone": "+46701234567"}, {"phone": "call me"}])
def test_what_cannot_be_asked(crm, query):
    assert crm.get(CUSTOMERS, query).status_code == 400


def test_what_agents_note_about_them_is_not_told(crm):
    customer = make_ticket().customer
    customer.notes = "Difficult."
    customer.save()
    assert b"Difficult" not in crm.get(CUSTOMERS, {"email": "cleo@example.com"}).content


def test_nobody_without_a_token_that_may():
    make_ticket()
    assert Caller().get(CUSTOMERS, {"email": "cleo@example.com"}).status_code == 401
    stranger = caller_for(sam(), "administrator")
    assert stranger.get(CUSTOMERS, {"email": "cleo@example.com"}).status_code == 403
