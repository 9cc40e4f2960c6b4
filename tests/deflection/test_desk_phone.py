"""The phone at the desk: finding the caller, and their call as a case."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.cache import cache

from deflection.models import ContactDraft, Journey, JourneyEvent
from deflection.services import callers, drafts, joining, journeys, spoken
from deflection.services.callers import Call, Solved
from knowledge.models import SearchEvent
from tests.factories import TopicFactory, make_ticket, publish_article
from tests.people import ada, cleo, ed
from tickets.errors import TicketError
from tickets.models import Channel, ChannelKind, Customer, Message, Ticket, TicketEvent
from tickets.services import lifecycle
from tickets.services.case_history import history_lines
from tickets.services.customers import customer_by_email

pytestmark = pytest.mark.django_db
URL, LOG = "/desk/phone/", "/desk/phone/log/"
ABOUT = "The jacket has not come, and she leaves on Friday."


@pytest.fixture
def agent(client):
    user = ada()
    client.force_login(user)
    return user


@pytest.fixture
def journey() -> Journey:
    begun = journeys.begin(language="sv")
    SearchEvent.objects.create(
        text="var är min jacka", normalised="var är min jacka", language="sv", result_count=0, origin=str(begun.pk)
    )
    article = publish_article("Where is my parcel?").article
    journeys.note(begun, JourneyEvent.Kind.SUGGESTION_DISMISSED, article=article)
    drafts.save(begun, {"message": "Jackan är inte här & jag reser", "email": "cleo@example.com", "name": "Cleo"})
    return begun


def call(**fields) -> Call:
    return Call(**({"about": ABOUT, "language": "en", "key": "k1", "name": "Cleo"} | fields))


def fields_of(page: str) -> dict[str, str]:
    return {"key": re.search(r'name="key" value="([^"]+)"', page)[1]}


# --- Looking up ---------------------------------------------------------------------------------------


def test_the_reference_brings_what_came_before_and_what_was_written(client, agent, journey):
    page = client.get(URL, {"find": spoken.give(journey).lower()}).content.decode()
    assert "var är min jacka" in page
    assert "Where is my parcel?" in page
    assert "Jackan är inte här &amp; jag reser" in page
    assert 'value="cleo@example.com"' in page
    assert "found nothing" in page


def test_a_wrong_reference_is_said_and_too_many_end_the_looking_up(client, agent, journey):
    good = spoken.give(journey)
    wrong = "FFF FFK" if good != "FFF FFK" else "KKK KKF"
    for _ in range(spoken.WRONG_AN_HOUR):
        assert "No reference given today" in client.get(URL, {"find": wrong}).content.decode()
    page = client.get(URL, {"find": good}).content.decode()
    assert "Too many wrong references" in page
    assert "Jackan" not in page


def test_names_of_six_letters_are_no_wrong_references(client, agent, journey):
    make_ticket(email="anders@example.com", name="Anders")
    for _ in range(spoken.WRONG_AN_HOUR + 1):
        assert 'value="anders@example.com"' in client.get(URL, {"find": "Anders"}).content.decode()
    assert "Nobody was found" in client.get(URL, {"find": "Berget"}).content.decode()
    assert "No reference given today" in client.get(URL, {"find": "S7M 4QX"}).content.decode()
    assert "Jackan" in client.get(URL, {"find": spoken.give(journey)}).content.decode()


def test_who_reads_like_a_reference_is_found_after_too_many_wrong_ones(client, agent):
    callers.log(call(number="+46 70 734 79 34", name="Kim"), agent=agent)
    cache.set("spoken.wrong", spoken.WRONG_AN_HOUR_BY_ALL, 60)
    assert "Kim" in client.get(URL, {"find": "347934"}).content.decode()


def test_guessing_while_a_call_is_noted_is_guessing(agent, journey):
    wrong = "FFFFFK" if spoken.read(spoken.give(journey)) != "FFFFFK" else "KKKKKF"
    for number in range(spoken.WRONG_AN_HOUR):
        callers.log(call(code=wrong, key=f"k{number}"), agent=agent)
    ticket, _left = callers.log(call(code=spoken.read(spoken.give(journey)), key="last"), agent=agent)
    assert (ticket.origin, ticket.journey_summary) == ("", [])


@pytest.mark.parametrize("words", ["cleo@example.com", "Cleo Lind", "{reference}", "{lower}"])
def test_addresses_names_and_cases_lead_to_the_customer_and_what_is_open(client, agent, words):
    ticket, over = make_ticket(), make_ticket(subject="OVER")
    make_ticket(email="sam@example.com", name="Sam", subject="NOT-HERS")
    lifecycle.solve(over, agent=agent, article=None)
    words = words.format(reference=ticket.reference, lower=ticket.reference.lower())
    page = client.get(URL, {"find": words}).content.decode()
    assert f'value="{ticket.reference}"' in page
    assert "cleo@example.com" in page
    assert "OVER" not in page
    assert "NOT-HERS" not in page


def test_a_number_finds_its_customer_and_digits_are_a_number_before_a_wrong_reference(client, agent):
    callers.log(call(number="+46 70 734 79 34", name="Kim"), agent=agent)
    assert "Kim" in client.get(URL, {"find": "070-734 79 34"}).content.decode()
    assert "Kim" in client.get(URL, {"find": "347934"}).content.decode()


def test_of_several_people_one_is_picked(client, agent):
    make_ticket(email="a@example.com", name="Eva Berg")
    make_ticket(email="b@example.com", name="Eva Dahl")
    page = client.get(URL, {"find": "Eva"}).content.decode()
    assert "Who of them?" in page
    person = Customer.objects.get(name="Eva Dahl")
    assert 'value="b@example.com"' in client.get(URL, {"find": "Eva", "person": person.pk}).content.decode()


@pytest.mark.parametrize("words", ["\x00", "%", "' OR 1=1", "x" * 5000, "☃☃☃☃☃☃", "<script>alert(1)</script>"])
def test_anything_can_be_looked_for(client, agent, words):
    response = client.get(URL, {"find": words})
    assert response.status_code in (200, 400)
    assert b"<script>alert" not in response.content


@pytest.mark.parametrize("person", [cleo, ed])
def test_nobody_but_agents_gets_there(client, journey, person):
    user = person()
    if person is ed:
        user.groups.clear()
    client.force_login(user)
    for response in (
        client.get(URL, {"find": spoken.give(journey)}),
        client.post(LOG, {}),
        client.post(URL + "articles/"),
    ):
        assert response.status_code == 403
    client.logout()
    assert client.get(URL).url.startswith("/accounts/login/")
    assert client.get(LOG).status_code == 405


# --- The call as a case ---------------------------------------------------------------------------------


def test_one_form_makes_the_case_with_all_that_came_before(client, agent, journey):
    topic = TopicFactory(slug="delivery")
    code = spoken.give(journey)
    page = client.get(URL, {"find": code}).content.decode()
    sent = fields_of(page) | {
        "about": ABOUT, "name": "Cleo", "email": "cleo@example.com", "number": "070-123 45 67", "language": "sv",
        "topic": "delivery", "then": "open", "code": spoken.read(code), "case": "",
    }  # fmt: skip
    response = client.post(LOG, sent)
    ticket = Ticket.objects.get()
    assert response.url == f"/desk/{ticket.reference}/"
    assert (ticket.channel, ticket.language, ticket.topic, ticket.status) == ("phone", "sv", topic, "new")
    assert ticket.customer.email == "cleo@example.com"
    assert "+46701234567" in ticket.customer.identities.values_list("value", flat=True)
    assert [step["text"] for step in ticket.journey_summary if step["kind"] == "searched"] == ["var är min jacka"]
    message = ticket.messages.get()
    assert (message.body, message.author, message.channel) == (ABOUT, agent, "phone")
    journey.refresh_from_db()
    assert journey.customer == ticket.customer
    assert journey.events.get(kind="case_sent").channel == "phone"
    assert ContactDraft.objects.get().taken_as == ticket.reference
    assert "Ada Ek noted a call" in [line.text for line in history_lines(list(ticket.events.all()))]


def test_the_button_pressed_twice_makes_one_case_and_one_customer(client, agent):
    sent = {"key": "one", "about": ABOUT, "name": "Kim", "language": "en", "then": "open"}
    client.post(LOG, sent)
    client.post(LOG, sent)
    assert (Ticket.objects.count(), Customer.objects.count(), Message.objects.count()) == (1, 1, 1)
    assert TicketEvent.objects.filter(kind="call_logged").count() == 1


def test_it_can_be_solved_at_once_with_an_article(client, agent, commit):
    article = publish_article("Where is my parcel?").article
    sent = {"key": "one", "about": ABOUT, "email": "cleo@example.com", "language": "en", "then": "solved"}
    refused = client.post(LOG, sent)
    assert refused.status_code == 422
    assert ABOUT in refused.content.decode()
    with commit():
        assert client.post(LOG, sent | {"article": str(article.pk)}).url == URL
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.answered_by, ticket.first_response_at is not None) == ("solved", article, True)
    assert [letter.to for letter in mail.outbox] == [["cleo@example.com"]]


def test_a_caller_without_any_address_is_a_case_too(agent):
    ticket, _left = callers.log(call(name="Kim", email="", number=""), agent=agent, solved=Solved(article=None))
    assert (str(ticket.customer), ticket.resolution) == ("Kim", "no_article")


def test_a_call_about_a_case_that_is_there_is_added_to_it(client, agent, journey):
    ticket = make_ticket()
    code = spoken.read(spoken.give(journey))
    sent = {"key": "one", "about": ABOUT, "language": "en", "then": "open", "case": ticket.reference, "code": code}
    client.post(LOG, sent)
    client.post(LOG, sent)
    ticket.refresh_from_db()
    assert Ticket.objects.count() == 1
    assert list(ticket.messages.values_list("body", flat=True))[1:] == [ABOUT]
    assert ticket.events.filter(kind="call_logged").count() == 1
    assert "var är min jacka" in str(ticket.journey_summary)
    assert JourneyEvent.objects.get(kind="case_sent").channel == ChannelKind.PHONE


def test_the_journey_of_another_customer_goes_onto_no_case(client, agent, journey):
    joining.join_customer(journey, customer_by_email("sam@example.com", name="Sam"))
    mine = make_ticket()
    code = spoken.read(spoken.give(journey))
    sent = {"key": "one", "about": ABOUT, "language": "en", "then": "open", "case": mine.reference, "code": code}
    response = client.post(LOG, sent)
    assert response.status_code == 422
    assert "Leave it out" in response.content.decode()
    assert ABOUT in response.content.decode()
    mine.refresh_from_db()
    assert mine.journey_summary == []
    assert mine.messages.count() == 1
    client.post(LOG, sent | {"code": ""})
    assert mine.messages.count() == 2


def test_a_number_that_is_somebody_elses_is_said_and_stays_theirs(agent):
    callers.log(call(number="+46 70 123 45 67", name="Sam"), agent=agent)
    ticket, left = callers.log(call(number="+46701234567", email="cleo@example.com", key="k2"), agent=agent)
    assert ticket.customer.email == "cleo@example.com"
    assert "Sam" in left[0]


def test_a_number_is_kept_with_its_country_whatever_the_record_speaks(agent):
    Channel.objects.update_or_create(kind=ChannelKind.PHONE, defaults={"address": "+46 31 390 06 10"})
    cache.clear()
    customer = customer_by_email("cleo@example.com")
    for number in ("070-123 45 67", "+46 70 123 45 67"):
        callers.log(call(number=number, customer=customer, key=number), agent=agent)
    assert list(customer.identities.filter(kind="phone").values_list("value", flat=True)) == ["+46701234567"]


def test_a_call_about_a_merged_or_unknown_case_is_refused_and_nothing_is_lost(client, agent):
    sent = {"key": "one", "about": ABOUT, "language": "en", "then": "open", "case": "SV-99999", "name": "Kim"}
    response = client.post(LOG, sent)
    assert response.status_code == 422
    assert ABOUT in response.content.decode()


@pytest.mark.parametrize(
    ("fields", "error"),
    [({"about": ""}, "a sentence is enough"), ({"name": ""}, "who called"), ({"email": "x@"}, "e-mail address"),
     ({"number": "12"}, "number"), ({"language": "xx"}, "xx")],
)  # fmt: skip
def test_what_cannot_be_taken_is_said(client, agent, fields, error):
    sent = {"key": "one", "about": ABOUT, "name": "Kim", "language": "en", "then": "open"}
    response = client.post(LOG, sent | fields)
    assert response.status_code == 422
    assert error in response.content.decode()
    assert not Ticket.objects.exists()


def test_a_reference_that_ended_meanwhile_does_not_lose_the_call(agent, journey):
    code = spoken.read(spoken.give(journey))
    journey.spoken_references.all().delete()
    ticket, _left = callers.log(call(code=code), agent=agent)
    assert ticket.origin == ""


def test_nothing_of_a_failed_call_stays(agent):
    with pytest.raises(TicketError):
        callers.log(call(about="x" * 30_000, name="Kim"), agent=agent)
    assert not Customer.objects.exists()


def test_articles_are_found_while_the_agent_writes(client, agent):
    publish_article("Where is my parcel?")
    assert "Where is my parcel?" in client.post(URL + "articles/", {"find": "parcel"}).content.decode()


def test_the_page_asks_the_database_little_however_many_cases(client, agent, django_assert_max_num_queries):
    for number in range(8):
        make_ticket(subject=f"Case {number}")
    with django_assert_max_num_queries(40):
        client.get(URL, {"find": "cleo@example.com"})
