"""Drafts of messages: one for an attempt, never lost to another, gone when the message is sent."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from deflection.models import ContactDraft, Journey, Upload
from deflection.services import drafts, joining, journeys, uploads
from tests import people
from tests.factories import TopicFactory, make_ticket
from tickets.models import Ticket
from tickets.services.customers import customer_by_email

pytestmark = pytest.mark.django_db
PAGE = "/en/contact/"
URL = "/en/contact/draft/"
STORY = "I sent a jacket back two weeks ago and still have no refund."


def save(client, message=STORY, base=0, **more):
    values = {"message": message, "key": "k1", **more.pop("values", {})}
    response = client.post(URL, {"values": values, "base": base, **more}, content_type="application/json")
    assert response.status_code == 200, response.content
    return response.json()


def kept(client):
    return client.get(URL).json()


def test_what_is_written_is_kept_and_stands_in_the_page_again(client):
    client.get(PAGE)
    assert kept(client)["values"] is None
    answer = save(client, values={"email": "cleo@example.com", "fields": {"order": "HV-1"}, "dismissed": [3]})
    assert (answer["version"], answer["is_other"], answer["others"], answer["taken"]) == (1, False, [], "")
    page = client.get(PAGE).content.decode()
    assert STORY in page
    assert 'value="cleo@example.com"' in page
    assert 'data-version="1"' in page
    assert 'data-dismissed="3"' in page
    assert 'name="key" value="k1"' in page


def test_a_strangers_browser_sees_nothing_of_it(client):
    save(client)
    stranger = Client()
    assert STORY not in stranger.get(PAGE).content.decode()
    assert kept(stranger)["values"] is None


def test_an_expired_attempt_in_the_same_browser_goes_on_where_it_was(client):
    save(client)
    Journey.objects.update(last_seen_at=timezone.now() - timedelta(days=3))
    assert STORY in client.get(PAGE).content.decode()
    assert Journey.objects.count() == 2


def test_two_tabs_the_newer_wins_and_the_older_is_offered_back(client):
    first = save(client, "From the first tab.")
    second = save(client, "From the second tab.", base=0)
    assert second["values"]["message"] == "From the second tab."
    assert [one["values"]["message"] for one in second["others"]] == ["From the first tab."]
    assert second["version"] == first["version"] + 1
    left = save(client, "From the second tab.", base=second["version"], forget=second["others"][0]["id"])
    assert left["others"] == []


def test_a_text_that_was_written_earlier_and_comes_later_does_not_win(client):
    save(client, "Written now.")
    answer = save(client, "Written on the train, an hour ago.", base=0, age=3_600_000)
    assert answer["is_other"]
    assert answer["values"]["message"] == "Written now."
    assert [one["values"]["message"] for one in answer["others"]] == ["Written on the train, an hour ago."]


def test_a_text_that_goes_on_from_the_other_loses_nothing_and_offers_nothing(client):
    save(client, "It broke.")
    assert save(client, "It broke. On Monday.", base=0)["others"] == []
    assert save(client, "It broke. On Monday.", base=0)["version"] == 2


def test_joined_journeys_have_one_draft(client):
    phone = Client()
    save(client, "From the laptop.")
    save(phone, "From the phone.")
    customer = customer_by_email("cleo@example.com", name="", language="en")
    for journey in Journey.objects.order_by("started_at"):
        joining.join_customer(journey, customer)
    assert kept(client)["values"]["message"] == "From the phone."
    answer = save(client, "From the laptop, again.", base=kept(client)["version"])
    assert [one["values"]["message"] for one in answer["others"]] == ["From the laptop."]
    assert ContactDraft.objects.count() == 1
    assert kept(phone)["values"]["message"] == "From the laptop, again."


def test_sending_clears_it_and_a_save_that_comes_late_brings_nothing_back(client):
    save(client, values={"email": "Cleo@example.com"})
    fields = {"message": STORY, "email": "Cleo@example.com", "key": "k1"}
    assert client.post(PAGE, fields).status_code == 302
    assert not ContactDraft.objects.exists()
    save(client, base=1, values={"email": "Cleo@example.com"})
    assert not ContactDraft.objects.exists()
    save(client, "Something else.", values={"email": "Cleo@example.com"})
    assert ContactDraft.objects.count() == 1


def test_starting_over_and_undoing_it(client):
    save(client)
    journey = Journey.objects.get()
    upload = uploads.begin(journey, name="a.txt", size=3)
    cleared = client.post(URL, {"clear": True}, content_type="application/json").json()
    assert cleared["values"] is None
    assert uploads.waiting(journey) == []
    save(client, undo=True)
    assert kept(client)["values"]["message"] == STORY
    assert uploads.waiting(journey) == [upload]


def test_answered_puts_all_away_and_the_way_back_brings_the_files(client):
    save(client)
    journey = Journey.objects.get()
    uploads.begin(journey, name="a.txt", size=3)
    from tests.factories import publish_article

    client.post("/en/contact/answered/", {"article": publish_article().article_id})
    assert not ContactDraft.objects.exists()
    assert "a.txt" not in client.get(PAGE).content.decode()
    assert "a.txt" in client.get(f"{PAGE}?back=1").content.decode()


def test_an_agent_who_took_it_down_is_told_of_on_the_page(client):
    TopicFactory(slug="returns")
    save(client, values={"topic": "returns", "name": "Cleo", "fields": {"order": "HV-1"}})
    journey = Journey.objects.get()
    written = drafts.text_of(journey)
    assert (written.message, written.topic, written.name, written.fields) == (
        STORY,
        "returns",
        "Cleo",
        {"order": "HV-1"},
    )
    ticket = make_ticket()
    drafts.taken_by(journey, ticket)
    drafts.taken_by(journey, ticket)
    assert kept(client)["taken"] == ticket.reference
    page = client.get(PAGE).content.decode()
    assert f"it is case {ticket.reference} now" in page
    assert STORY in page


def test_without_a_script_an_error_keeps_it_too(client):
    response = client.post(PAGE, {"message": STORY, "email": "cleo@", "name": "Cleo", "key": "k1"})
    assert response.status_code == 422
    page = client.get(PAGE).content.decode()
    assert STORY in page
    assert 'value="Cleo"' in page


def test_what_was_searched_in_vain_is_added_to_it(client):
    save(client)
    page = client.get(PAGE, {"q": "hem my trousers"}).content.decode()
    assert f"{STORY}\n\nhem my trousers" in page


@pytest.mark.parametrize(
    "body",
    ["", "[]", "null", "{", '"x"', "[" * 100_000, json.dumps({"values": {"message": "x" * 500_000}})],
)
def test_what_is_no_draft_is_refused(client, body):
    assert client.post(URL, body, content_type="application/json").status_code == 400
    assert not ContactDraft.objects.exists()


def test_a_form_of_another_site_cannot_write_here(client):
    assert client.post(URL, {"values": "x"}).status_code == 400
    assert client.post(URL, '{"values": {"message": "x"}}', content_type="text/plain").status_code == 400
    assert client.put(URL).status_code == 405


@pytest.mark.parametrize(
    "values",
    [
        {"message": 7, "fields": [], "dismissed": "x"},
        {"message": ["x"], "fields": {"a": {}}, "dismissed": [True, -1, "1", None, 2**70]},
        {"key": "only", "topic": "these"},
        {},
    ],
)
def test_odd_values_are_left_out(client, values):
    answer = client.post(URL, {"values": values}, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["values"] is None


def test_too_much_is_cut_rather_than_refused(client):
    save(client, "xx\x00" * 22_000, values={"fields": {f"f{number}": "y" * 2000 for number in range(60)}})
    values = ContactDraft.objects.get().values
    assert len(values["message"]) == drafts.TEXTS["message"]
    assert "\x00" not in values["message"]
    assert len(values["fields"]) <= 50
    assert {len(text) for text in values["fields"].values()} == {1000}


def test_what_is_known_can_be_had_and_erased(client, django_capture_on_commit_callbacks):
    save(client)
    journey = Journey.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        uploads.append(uploads.begin(journey, name="a.txt", size=2), offset=0, content=_Bytes(b"hi"))
    (told,) = drafts.export_of([journey])
    assert told["written"] == {"message": STORY}
    assert told["files"] == ["a.txt"]
    stored = Upload.objects.get().file
    with django_capture_on_commit_callbacks(execute=True):
        drafts.erase([journey])
    assert not ContactDraft.objects.exists()
    assert not stored.storage.exists(stored.name)


def test_the_draft_goes_with_its_journey(client):
    save(client)
    Journey.objects.all().delete()
    assert not ContactDraft.objects.exists()
    assert not Ticket.objects.exists()


class _Bytes:
    def __init__(self, content):
        self.rest = content

    def read(self, size=-1):
        part, self.rest = self.rest, b""
        return part


def test_saving_does_not_wake_a_journey_that_has_ended(client):
    client.get(PAGE)
    journey = Journey.objects.get()
    journeys.note(journey, "case_sent", ticket="SV-1")
    save(client)
    assert ContactDraft.objects.get().journey != journey


@pytest.mark.parametrize("key", ["a\x00b", "a\ud800b"])
def test_what_no_database_keeps_is_left_out_of_names_too(client, key):
    assert save(client, values={"fields": {key: "x"}})["values"]["fields"] == {"ab": "x"}


@pytest.mark.parametrize(("person", "leaves_nothing"), [(people.cleo, True), (people.ada, False)])
def test_a_customer_who_logs_out_leaves_no_text_to_who_comes_next(client, person, leaves_nothing):
    client.force_login(person())
    save(client)
    response = client.post("/accounts/logout/")
    assert response.get("Clear-Site-Data", "") == ('"storage"' if leaves_nothing else "")
    assert STORY not in client.get(PAGE).content.decode()
