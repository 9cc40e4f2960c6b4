"""Which journeys are one attempt: joined by what somebody has shown, never by a guess, never across two people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from deflection.middleware import COOKIE
from deflection.models import Journey, JourneyEvent
from deflection.models.journeys import REST
from deflection.services import joining, journeys
from knowledge.models import SearchEvent
from tests.factories import make_ticket
from tests.helpcenter.test_customer_login import log_in
from tests.people import ada, max_
from tickets.models import ChannelKind, Customer
from tickets.services import history, lifecycle
from tickets.services.customer_merging import merge_customers, undo_merge
from tickets.services.customers import customer_by_email
from tickets.services.intake import VisitContext
from tickets.services.links import case_key, case_path, revoke

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def journey_at(hours: float = 0, **fields) -> Journey:
    """A journey that began and was last seen so many hours ago."""
    return journeys.begin(language="en", at=NOW - timedelta(hours=hours), **fields)


def searched(journey: Journey, text: str) -> None:
    SearchEvent.objects.create(
        text=text, normalised=text, language="en", result_count=1, origin=str(journey.pk), created_at=journey.started_at
    )


def ticket_of(journey: Journey, **fields):
    return make_ticket(visit=VisitContext(origin=str(journey.pk)), **fields)


def running(client) -> Journey | None:
    cookie = client.cookies.get(COOKIE)
    return journeys.find(cookie.value) if cookie else None


def letter_path(ticket) -> str:
    """The address that a letter about the case brings its customer."""
    return case_path(ticket, "en", key=case_key(ticket, for_letter=True))


def texts(summary) -> list[str]:
    return [step["text"] for step in summary if step["kind"] == "searched"]


@pytest.fixture
def cleo() -> Customer:
    return customer_by_email("cleo@example.com", name="Cleo")


@pytest.fixture
def sam() -> Customer:
    return customer_by_email("sam@example.com", name="Sam")


@pytest.mark.parametrize("channel", [ChannelKind.CHAT, ChannelKind.CALLBACK, ChannelKind.PHONE, ChannelKind.EMAIL])
def test_a_case_of_any_channel_carries_what_came_before(channel):
    journey = journey_at()
    searched(journey, "refund")
    ticket = ticket_of(journey, channel=channel)
    ticket.refresh_from_db()
    assert texts(ticket.journey_summary) == ["refund"]
    sent = journey.events.get(kind=JourneyEvent.Kind.CASE_SENT)
    assert (sent.channel, sent.data["ticket"]) == (channel, ticket.reference)
    journey.refresh_from_db()
    assert journey.ended_at is not None


def test_a_case_without_a_visit_or_of_an_unknown_one_is_taken_all_the_same():
    assert make_ticket().journey_summary == []
    assert make_ticket(visit=VisitContext(origin="nonsense")).journey_summary == []
    assert not JourneyEvent.objects.exists()


def test_the_next_journey_of_a_browser_keeps_its_visitor_and_goes_on_from_the_last(client):
    client.get("/en/contact/")
    first = running(client)
    searched(first, "refund")
    ticket_of(first)
    client.get("/en/contact/")
    second = running(client)
    assert second.pk != first.pk
    assert (second.visitor, second.continues) == (first.visitor, first)
    again = ticket_of(second, channel=ChannelKind.CHAT)
    assert texts(again.journey_summary) == ["refund"]


def test_after_a_rest_the_visitor_is_the_same_and_the_attempt_another():
    first = journey_at(hours=REST.total_seconds() / 3600 + 1)
    second = journeys.begin(language="en", after=first)
    assert second.visitor == first.visitor
    assert joining.whole(second) == [second]


def test_a_case_of_somebody_else_from_the_same_browser_shows_nothing_of_the_first():
    first = journey_at(hours=2)
    searched(first, "divorce")
    ticket_of(first, email="cleo@example.com")
    second = journeys.begin(language="en", after=first)
    theirs = ticket_of(second, email="sam@example.com")
    assert texts(theirs.journey_summary) == []


def test_two_devices_of_one_customer_are_joined_within_the_rest(cleo):
    laptop, phone = journey_at(hours=3), journey_at()
    joining.join_customer(laptop, cleo)
    assert joining.whole(phone) == [phone]
    joining.join_customer(phone, cleo)
    phone.refresh_from_db()
    assert joining.whole(phone) == [laptop, phone]
    assert joining.whole(laptop) == [laptop, phone]
    joining.join_customer(phone, cleo)
    assert joining.whole(phone) == [laptop, phone]


def test_journeys_of_long_ago_are_another_attempt(cleo):
    long_ago, now = journey_at(hours=30), journey_at()
    for one in (long_ago, now):
        joining.join_customer(one, cleo)
    now.refresh_from_db()
    assert joining.whole(now) == [now]


def test_coming_back_through_the_case_joins_whatever_time_has_passed(cleo):
    long_ago = journey_at(hours=80)
    now = joining.join_customer(journey_at(), cleo, case=ticket_of(long_ago))
    assert joining.whole(now) == [long_ago, now]


def test_coming_back_through_a_case_that_is_over_is_another_attempt(cleo):
    long_ago = journey_at(hours=80)
    ticket = ticket_of(long_ago)
    lifecycle.solve(ticket, agent=ada(), article=None, body="It has left today.")
    ticket.refresh_from_db()
    now = joining.join_customer(journey_at(), cleo, case=ticket)
    assert joining.whole(now) == [now]


def test_the_link_of_a_case_in_which_somebody_is_on_copy_joins_them_to_nothing_of_its_customer(sam):
    long_ago = journey_at(hours=80)
    now = joining.join_customer(journey_at(), sam, case=ticket_of(long_ago))
    assert joining.whole(now) == [now]


def test_another_customer_in_the_same_browser_is_another_visitor(cleo, sam):
    journey = joining.join_customer(journey_at(), cleo)
    other = joining.join_customer(journey, sam)
    assert other.pk != journey.pk
    assert other.visitor != journey.visitor
    assert joining.whole(other) == [other]
    journey.refresh_from_db()
    assert journey.customer == cleo


def test_no_chain_leads_from_one_customer_to_another(cleo, sam):
    first = joining.join_customer(journey_at(hours=3), cleo)
    middle = journeys.begin(language="en", after=journeys.find(str(first.pk)), at=NOW - timedelta(hours=2))
    Journey.objects.filter(pk=middle.pk).update(customer=None)
    last = journey_at(hours=1)
    Journey.objects.filter(pk=last.pk).update(continues=middle, customer=sam)
    last.refresh_from_db()
    assert first not in joining.whole(last)
    assert last not in joining.whole(first)
    assert middle not in joining.whole(last, customer=sam) or first not in joining.whole(last, customer=sam)


def test_a_ring_of_journeys_ends():
    one, two = journey_at(hours=1), journey_at()
    Journey.objects.filter(pk=one.pk).update(continues=two)
    Journey.objects.filter(pk=two.pk).update(continues=one)
    one.refresh_from_db()
    assert set(joining.whole(one)) == {one, two}


# --- In the browser -----------------------------------------------------------------------------------


def test_following_a_signed_link_tells_whose_journey_it_is(client, cleo):
    ticket = make_ticket()
    client.get("/en/contact/")
    client.get(letter_path(ticket))
    assert running(client).customer == cleo


def test_reading_a_case_begins_no_journey_but_is_remembered_for_the_next_one(client, cleo):
    ticket = make_ticket()
    client.get(letter_path(ticket))
    assert not Journey.objects.exists()
    client.get("/en/contact/")
    assert running(client).customer == cleo


def test_the_visitor_stays_the_same_over_a_link_that_was_followed(client, cleo):
    client.get("/en/contact/")
    first = running(client)
    Journey.objects.filter(pk=first.pk).update(ended_at=timezone.now())
    client.get(letter_path(make_ticket()))
    client.get("/en/contact/")
    assert running(client).visitor == first.visitor
    assert running(client).customer == cleo


@pytest.mark.parametrize("key", ["", "nonsense", "1:1:abc:def"])
def test_a_wrong_key_tells_nothing(client, key):
    ticket = make_ticket()
    client.get("/en/contact/")
    assert client.get(f"/en/cases/{ticket.reference}/?key={key}").status_code == 404
    assert running(client).customer is None


def test_a_revoked_key_and_the_key_of_another_case_tell_nothing(client):
    ticket, other = make_ticket(), make_ticket(email="sam@example.com")
    client.get("/en/contact/")
    key = letter_path(other).partition("?")[2]
    assert client.get(f"/en/cases/{ticket.reference}/?{key}").status_code == 404
    path = letter_path(ticket)
    revoke(ticket, by=history.SYSTEM)
    assert client.get(path).status_code == 404
    assert running(client).customer is None


def test_an_agent_who_looks_at_a_customers_page_is_no_customer(client):
    ticket = make_ticket()
    client.force_login(ada())
    client.get("/en/contact/")
    client.get(letter_path(ticket))
    assert running(client).customer is None


def test_a_forged_cookie_names_nobody(client, cleo):
    client.cookies[COOKIE] = f"{cleo.pk}.0.~abc~def"
    client.get("/en/contact/")
    assert running(client).customer is None


def test_logging_in_tells_whose_journey_it_is(client, cleo):
    client.get("/en/contact/")
    journey = running(client)
    make_ticket()
    log_in(client)
    journey.refresh_from_db()
    assert journey.customer == cleo
    assert running(client) == journey


def test_logging_out_parts_from_the_journey(client, cleo):
    make_ticket()
    client.get("/en/contact/")
    log_in(client)
    hers = running(client)
    client.logout()
    client.post("/accounts/logout/")
    log_in(client)
    client.post("/accounts/logout/")
    client.get("/en/contact/")
    after = running(client)
    assert after.pk != hers.pk
    assert after.visitor != hers.visitor
    assert after.customer is None
    assert joining.whole(after) == [after]


def test_another_customer_who_logs_in_gets_a_journey_of_their_own(client, cleo, sam):
    make_ticket()
    make_ticket(email="sam@example.com")
    client.get("/en/contact/")
    log_in(client)
    hers = running(client)
    searched(hers, "divorce")
    client.cookies.pop("sessionid")
    log_in(client, "sam@example.com")
    client.get("/en/contact/")
    his = running(client)
    assert (his.customer, hers.customer) == (sam, cleo)
    assert his.visitor != hers.visitor
    assert texts(ticket_of(his, email="sam@example.com").journey_summary) == []


def test_the_cookie_lives_as_long_as_journeys_are_kept(client, settings):
    settings.JOURNEY_DAYS = 12
    client.get("/en/contact/")
    assert client.cookies[COOKIE]["max-age"] == 12 * 24 * 3600


def test_two_records_that_become_one_have_their_journeys_together(cleo, sam):
    journey = joining.join_customer(journey_at(), sam)
    merge = merge_customers(cleo, sam, by=ada())
    journey.refresh_from_db()
    assert journey.customer == cleo
    undo_merge(merge, by=max_())
    journey.refresh_from_db()
    assert journey.customer is None


def test_whoever_asks_not_to_be_counted_is_left_out_at_once(client):
    client.get("/en/contact/")
    assert running(client).is_measured
    client.get("/en/contact/", headers={"Sec-GPC": "1"})
    assert not running(client).is_measured


def test_agents_who_try_the_pages_are_not_counted(client):
    client.force_login(ada())
    client.get("/en/contact/")
    assert not running(client).is_measured


def test_a_customer_who_is_known_and_opens_the_link_of_an_older_case_goes_on_from_it(client, cleo):
    long_ago = journey_at(hours=80)
    ticket = ticket_of(long_ago)
    log_in(client)
    client.get("/en/contact/")
    assert running(client).customer == cleo
    assert running(client).continues is None
    client.get(letter_path(ticket))
    assert running(client).continues == long_ago
