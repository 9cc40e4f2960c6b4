"""The contact page: suggestions beside it, one case from it, nothing lost on it."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from deflection.matching.matcher import Match
from deflection.models import Journey, JourneyEvent
from tests.factories import TopicFactory, publish_article
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
URL = "/en/contact/"
STORY = "I sent a jacket back two weeks ago and still have no refund. When does the money come?"


@pytest.fixture
def hidden(client):
    """The form's hidden fields as rendered."""
    page = client.get(URL).content.decode()
    fields = {}
    for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            fields[name[1]] = value[1] if value else ""
    assert fields["key"]
    assert fields["stamp"]
    return fields


@pytest.fixture
def send(client, hidden):
    def post(**fields):
        return client.post(URL, {**hidden, "email": "cleo@example.com", "message": STORY, **fields})

    return post


def test_the_first_valid_post_makes_the_case_and_leads_to_its_page(client, send, commit):
    TopicFactory(slug="returns")
    with commit():
        response = send(topic="returns", name="Cleo", subject="Refund")
    ticket = Ticket.objects.get()
    assert response.status_code == 302
    assert response.url.startswith(f"/en/cases/{ticket.reference}/?key=")
    assert client.get(response.url).status_code == 200
    assert (ticket.subject, ticket.topic.slug, ticket.customer.name, ticket.language) == (
        "Refund",
        "returns",
        "Cleo",
        "en",
    )
    assert not ticket.is_suspected_spam
    assert len(mail.outbox) == 1


def test_sending_the_same_form_again_makes_no_second_case(send):
    first, second = send(), send()
    assert first.status_code == second.status_code == 302
    assert first.url.split("?")[0] == second.url.split("?")[0]
    assert Ticket.objects.count() == 1
    send(message="And one more thing.")
    assert Ticket.objects.count() == 1
    assert Ticket.objects.get().messages.count() == 2


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"message": ""}, "a sentence is enough"),
        ({"message": "x" * 50_000}, "50000 characters"),
        ({"email": ""}, "e-mail address"),
        ({"email": "cleo@"}, "e-mail address"),
        ({"email": "cleo"}, "e-mail address"),
        ({"subject": "x" * 500}, "200"),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_written_is_lost(send, fields, error):
    response = send(name="Cleo", **fields)
    page = response.content.decode()
    assert response.status_code == 422
    assert error in page
    assert 'value="Cleo"' in page
    assert fields.get("message", STORY)[:40] in page
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(("language", "word"), [("sv", "adress"), ("nb", "adresse"), ("da", "adresse")])
def test_errors_are_in_the_customers_language(client, language, word):
    response = client.post(f"/{language}/contact/", {"message": STORY, "email": "cleo@"})
    assert response.status_code == 422
    assert "Write your whole e-mail address" not in response.content.decode()
    assert word in response.content.decode()


@pytest.mark.parametrize("file", [("virus.png", b"MZ" + b"0" * 99), ("empty.png", b"")])
def test_a_file_that_cannot_be_taken_is_named_and_the_text_stays(send, file):
    response = send(attachments=SimpleUploadedFile(*file))
    assert response.status_code == 422
    page = response.content.decode()
    assert file[0] in page
    assert STORY[:30] in page
    assert not Ticket.objects.exists()


def test_files_come_along(send):
    send(attachments=[SimpleUploadedFile("a.txt", b"hello"), SimpleUploadedFile("b.txt", b"you")])
    assert Ticket.objects.get().messages.get().attachments.count() == 2


def test_odd_texts_are_taken_as_they_are(send):
    text = "🧦 مرحبا <b>x</b> \x00\x07 'quote\" & more"
    send(message=text, name="<script>\x00", subject="🧦\nBcc: x@example.com")
    message = Ticket.objects.get().messages.get()
    assert message.body == "🧦 مرحبا <b>x</b>  'quote\" & more"


def test_an_unknown_topic_is_no_obstacle(send):
    assert send(topic="nothing-such").status_code in (302, 422)


def test_an_expired_visit_costs_nothing(client, hidden):
    client.cookies.clear()
    response = client.post(URL, {**hidden, "stamp": "old:forged", "email": "cleo@example.com", "message": STORY})
    assert response.status_code == 302
    assert Ticket.objects.count() == 1


def test_a_robot_is_set_aside_and_gets_no_letter(send, commit):
    with commit():
        response = send(
            website="https://spam.example", message="https://a.example https://b.example https://c.example buy"
        )
    assert response.status_code == 302
    assert Ticket.objects.get().is_suspected_spam
    assert mail.outbox == []


def test_what_was_searched_in_vain_begins_the_story(client):
    page = client.get(URL, {"q": "hem my trousers <b>"}).content.decode()
    assert "hem my trousers &lt;b&gt;" in page


class TestSuggestions:
    @pytest.fixture(autouse=True)
    def _articles(self):
        self.refund = publish_article(
            "When do I get my refund?", "The refund comes when the return has reached us. " * 3
        )
        publish_article("Wash wool", "Thirty degrees, no softener.")
        publish_article("Track my parcel", "Open the link in the e-mail that we sent.")

    def ask(self, client, text=STORY, **fields):
        return client.post("/en/contact/suggestions/", {"message": text, **fields}).content.decode()

    def test_the_right_article_is_suggested_and_noted(self, client):
        page = self.ask(client)
        assert f'data-article-id="{self.refund.article_id}"' in page
        event = JourneyEvent.objects.get(kind="suggestions_shown")
        assert event.data["articles"][0][0] == self.refund.article_id
        self.ask(client)
        assert JourneyEvent.objects.filter(kind="suggestions_shown").count() == 1

    def test_nothing_rather_than_something_wrong(self, client):
        assert "data-article-id" not in self.ask(client, "Do you sell bicycles?")
        assert "data-article-id" not in self.ask(client, "hi")

    def test_the_subject_counts(self, client):
        text = "It has been two weeks now."
        assert "data-article-id" not in self.ask(client, text)
        assert "data-article-id" in self.ask(client, text, subject="When does the refund for my return come?")

    def test_a_broken_matcher_means_no_suggestions_and_a_form_that_works(self, client, send, monkeypatch):
        def broken(*args, **kwargs):
            raise RuntimeError("broken")

        monkeypatch.setattr("deflection.services.suggestions.match", broken)
        assert "data-article-id" not in self.ask(client)
        assert send().status_code == 302

    def test_answered_ends_well_without_a_case(self, client):
        client.get(URL)
        response = client.post("/en/contact/answered/", {"article": self.refund.article_id})
        assert response.status_code == 302
        assert client.get(response.url).status_code == 200
        assert not Ticket.objects.exists()
        assert JourneyEvent.objects.filter(kind="answered", article=self.refund.article).exists()

    @pytest.mark.parametrize("article", ["", "x", "999999", "9" * 40])
    def test_answered_by_nothing_known_is_no_error(self, client, article):
        assert client.post("/en/contact/answered/", {"article": article}).status_code == 302

    def test_the_case_page_shows_what_may_answer(self, client, send):
        page = client.get(send().url).content.decode()
        assert "When do I get my refund?" in page

    def test_a_suggestion_opens_in_place(self, client):
        client.get(URL)
        page = client.get(f"/en/contact/articles/{self.refund.article_id}/").content.decode()
        assert "<html" not in page
        assert "The refund comes" in page
        assert client.get("/en/contact/articles/99999/").status_code == 404
        assert JourneyEvent.objects.filter(kind="suggestion_opened").exists()


class TestPassages:
    """The part that answers, with a link to its section; the matcher's own choice is tried elsewhere."""

    @pytest.fixture
    def text(self):
        parts = ["Yes, within thirty days.", "## Cost", "Free in a shop.", "## When the money comes"]
        body = "\n\n".join([*parts, "The refund takes five days."])
        return publish_article("Can I return it?", body, summary="You can.")

    @pytest.fixture
    def found(self, monkeypatch):
        def say(text, *terms, section=None):
            found = [Match(text.pk, text.article_id, text.language, 0.99, section, terms)]
            monkeypatch.setattr("deflection.services.suggestions.match", lambda *args, **kwargs: found)

        return say

    def ask(self, client, language="en"):
        return client.post(f"/{language}/contact/suggestions/", {"message": STORY}).content.decode()

    def test_the_passage_is_cut_out_of_the_section_that_the_matcher_found(self, client, text, found):
        found(text, "refund", section=2)
        page = self.ask(client)
        assert "The <mark>refund</mark> takes five days." in page
        assert f'href="{text.get_absolute_url()}#s-when-the-money-comes"' in page
        assert page.count("data-article-id=") == 1

    @pytest.mark.parametrize("section", [None, -1, 99])
    def test_without_a_section_it_is_the_part_that_says_most(self, client, text, found, section):
        found(text, "refund", "five", "days", section=section)
        assert "#s-when-the-money-comes" in self.ask(client)

    def test_what_stands_above_all_headings_has_no_section_to_lead_to(self, client, text, found):
        found(text, "day", section=0)
        page = self.ask(client)
        assert "within thirty <mark>days</mark>" in page
        assert "#s-" not in page.split("data-article-id")[1].split("</li>")[0]

    def test_a_text_in_another_language_is_marked(self, client, text, found):
        found(text, "refund", section=2)
        assert "suggest-language" not in self.ask(client)
        page = self.ask(client, "sv")
        assert 'lang="en"' in page
        assert "suggest-language" in page
        assert "engelska" in page

    def test_the_api_tells_language_and_section(self, client, text, found):
        found(text, "refund", section=2)
        answer = client.post("/api/v1/suggestions/", {"text": STORY, "lang": "sv"}, content_type="application/json")
        item = answer.json()["suggestions"][0]
        assert item["language"] == "en"
        assert item["section"] == {
            "title": "When the money comes",
            "url": f"{item['url']}#s-when-the-money-comes",
        }
        assert item["excerpt"] == "The refund takes five days."
        found(text, "day", section=0)
        answer = client.post("/api/v1/suggestions/", {"text": STORY}, content_type="application/json")
        assert answer.json()["suggestions"][0]["section"] is None


class TestJourney:
    def test_what_was_done_before_travels_with_the_case(self, client, commit):
        with commit():
            text = publish_article("Track my parcel", "Open the link.")
        client.get("/en/search/", {"q": "parcel"})
        client.get(f"/en/articles/{text.slug}/")
        client.get(URL)
        client.post(URL, {"email": "cleo@example.com", "message": STORY, "key": "k1"})
        ticket = Ticket.objects.get()
        journey = Journey.objects.get()
        assert ticket.origin == str(journey.pk)
        assert [(step["kind"], step.get("text") or step.get("title")) for step in ticket.journey_summary] == [
            ("searched", "parcel"),
            ("read", "Track my parcel"),
        ]
        assert journey.ended_at is not None

    def test_reading_alone_begins_no_journey_and_sets_no_cookie(self, client):
        text = publish_article()
        client.get("/en/")
        response = client.get(f"/en/articles/{text.slug}/")
        assert not Journey.objects.exists()
        assert "svar_journey" not in response.cookies

    def test_the_one_cookie_is_the_journeys(self, client):
        response = client.get(URL)
        assert set(response.cookies) == {"svar_journey"}
        assert response.cookies["svar_journey"]["httponly"]

    @pytest.mark.parametrize("header", [{"DNT": "1"}, {"Sec-GPC": "1"}])
    def test_who_asks_not_to_be_counted_is_not(self, client, header):
        client.get("/en/search/", {"q": "parcel"}, headers=header)
        assert not Journey.objects.measured().exists()
        from knowledge.models import SearchEvent

        assert not SearchEvent.objects.exists()


def test_an_address_put_right_after_going_back_makes_a_case_of_its_own(send):
    first = send(email="cleo@exampel.com")
    second = send(email="cleo@example.com")
    assert first.url.split("?")[0] != second.url.split("?")[0]
    assert set(Ticket.objects.values_list("customer__identities__value", flat=True)) == {
        "cleo@exampel.com",
        "cleo@example.com",
    }


def test_a_file_added_after_going_back_joins_the_case_once(send):
    for _ in range(2):
        send(attachments=SimpleUploadedFile("receipt.txt", b"Paid in full."))
    send(attachments=SimpleUploadedFile("label.txt", b"To the warehouse."))
    ticket = Ticket.objects.get()
    assert [file.name for message in ticket.messages.all() for file in message.attachments.all()] == [
        "receipt.txt",
        "label.txt",
    ]


def test_a_topic_that_is_gone_does_not_stand_in_the_way(send):
    assert send(topic="gone-since-then").status_code == 302
    assert Ticket.objects.get().topic is None


def test_no_e_mail_is_promised_for_a_case_set_aside_as_spam(client, send):
    response = send(website="https://casino.example")
    page = client.get(response.url).content.decode()
    assert Ticket.objects.get().is_suspected_spam
    assert "data-case-sent" in page
    assert "We have sent you an e-mail" not in page


def test_the_page_works_out_the_ways_to_a_person_once(client, django_assert_max_num_queries):
    client.get("/en/contact/")
    with django_assert_max_num_queries(20):
        client.get("/en/contact/")
