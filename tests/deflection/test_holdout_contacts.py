"""A guest of whom nothing is known counts as having turned to a person, by whichever way they really took."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from deflection.middleware import COOKIE
from deflection.models import Assignment, Journey
from deflection.services import callers, holdout_rounds, spoken
from deflection.services.assignment_results import work_out_results
from deflection.services.effect import effect, units_of
from deflection.services.holdout import sees_suggestions
from tests.factories import make_ticket
from tests.people import ada
from tests.tickets.calling import form, hours
from tickets.models import AgentAvailability, Channel, ChannelKind, Customer
from tickets.services.customer_merging import merge_customers

pytestmark = pytest.mark.django_db
STORY = "The jacket has not come, and I leave on Friday."


def journey_of(browser: Client) -> Journey:
    return Journey.objects.get(pk=browser.cookies[COOKIE].value)


def by_the_form(browser: Client) -> None:
    assert browser.post("/en/contact/", {"message": STORY, "email": "guest@example.com"}).status_code == 302


def by_the_api(browser: Client) -> None:
    sent = {"message": STORY, "email": "guest@example.com", "lang": "en", "journey": str(journey_of(browser).pk)}
    assert browser.post("/api/v1/tickets/", sent, content_type="application/json").status_code == 201


def by_chat(browser: Client) -> None:
    Channel.objects.update_or_create(kind=ChannelKind.CHAT, defaults={"promised_seconds": 120, "calendar": None})
    AgentAvailability.objects.create(user=ada(), state=AgentAvailability.State.AVAILABLE)
    assert browser.post("/en/chat/", {"message": STORY}).status_code == 302


def by_chat_in_another_site(browser: Client) -> None:
    asked = {"message": STORY, "lang": "en", "key": "k" * 32, "place": "shop.example"}
    address = f"/api/v1/chats/?journey={journey_of(browser).pk}"
    assert Client().post(address, asked, content_type="application/json").status_code == 201


def by_call_back(browser: Client) -> None:
    hours(("00:00", "23:59"), days=range(7))
    assert browser.post("/en/call-back/", form()).status_code == 302


def by_phone(browser: Client) -> None:
    code = spoken.give(journey_of(browser))
    callers.log(callers.Call(about=STORY, language="en", key="one call", name="Somebody", code=code), agent=ada())


def by_phone_about_an_older_case(browser: Client) -> None:
    code = spoken.give(journey_of(browser))
    older = make_ticket(email="guest@example.com", at=timezone.now() - timedelta(days=40))
    callers.log(callers.Call(about=STORY, language="en", key="one call", code=code, case=older), agent=ada())


WAYS: dict[Callable[[Client], None], str] = {
    by_the_form: "form",
    by_the_api: "form",
    by_chat: "chat",
    by_chat_in_another_site: "chat",
    by_call_back: "callback",
    by_phone: "phone",
    by_phone_about_an_older_case: "phone",
}


@pytest.mark.parametrize("turn_to_us", WAYS, ids=lambda way: way.__name__)
def test_every_way_counts_once_in_the_group_of_the_visit(turn_to_us):
    running = holdout_rounds.start_round(share=50, effect=5)
    browser = Client()
    browser.get("/en/contact/")
    before = Assignment.objects.get()
    turn_to_us(browser)
    work_out_results(at=timezone.now() + timedelta(days=8))
    row = Assignment.objects.get(pk=before.pk)
    assert (row.contacts, row.channel, row.arm, row.is_complete) == (1, WAYS[turn_to_us], before.arm, True)
    assert effect(units_of(running)).counted == 1


def test_two_records_of_one_customer_that_are_merged_stay_as_they_were_drawn():
    """Both were assigned before anybody knew: each stays in its group, with what the one person did."""
    running = holdout_rounds.start_round(share=50, effect=5)
    rows = []
    for name in ("Cleo", "Cleo Lind"):
        journey = Journey.objects.create(language="en", customer=Customer.objects.create(name=name))
        sees_suggestions(journey)
        rows.append((journey, Assignment.objects.units().latest("pk").arm))
    (first, _arm), (second, _other) = rows
    merge_customers(first.customer, second.customer, by=ada())
    make_ticket(sender_customer=first.customer, email="")
    work_out_results(at=timezone.now() + timedelta(days=8))
    found = Assignment.objects.units().filter(round=running).order_by("pk")
    assert [(row.arm, row.contacts) for row in found] == [(arm, 1) for _journey, arm in rows]
