"""The fields that a topic needs, on the contact page and by the API; and topics where a person comes first."""

from __future__ import annotations

import pytest

from deflection.models import JourneyEvent
from deflection.services import holdout
from tests.factories import TopicFactory, publish_article
from tickets.models import CustomField, Ticket

pytestmark = pytest.mark.django_db
PAGE = "/en/contact/"
STORY = "I sent a jacket back two weeks ago and still have no refund. When does the money come?"


@pytest.fixture
def topic():
    return TopicFactory(slug="returns", names={"en": "Returns", "sv": "Returer"})


@pytest.fixture
def order(topic):
    field = CustomField.objects.create(
        key="order", kind="order", pattern="HV-?[0-9]{4}", check_digit="luhn", is_for_customers=True, is_required=True
    )
    field.texts.create(language="en", label="Order number", hint="On the receipt", error="HV- and four digits, please.")
    field.texts.create(language="sv", label="Ordernummer")
    field.topics.add(topic)
    return field


@pytest.fixture
def product(topic):
    field = CustomField.objects.create(key="product", kind="choice", choices=["coat"], is_for_customers=True)
    field.texts.create(language="en", label="Product", choice_labels={"coat": "Coat"})
    field.topics.add(topic)
    return field


def send(client, language="en", **fields):
    values = {"message": STORY, "email": "cleo@example.com", "topic": "returns", "key": "k1", **fields}
    return client.post(f"/{language}/contact/", values)


def test_only_the_topics_fields_are_asked_and_only_what_customers_may_see(client, order, product):
    CustomField.objects.create(key="margin").topics.add(order.topics.get())
    other = CustomField.objects.create(key="colour", is_for_customers=True)
    other.topics.add(TopicFactory(slug="other"))
    assert "field-" not in client.get(PAGE).content.decode().replace("field-error", "")
    page = client.get(PAGE, {"topic": "returns"}).content.decode()
    parts = client.get("/en/contact/topic/", {"topic": "returns"}).content.decode()
    for text in (page, parts):
        assert 'name="field-order"' in text
        assert "On the receipt" in text
        assert '<option value="coat">Coat</option>' in text
        assert "margin" not in text
        assert "colour" not in text
    assert "data-escape-hatches" in parts
    assert "Ordernummer" in client.get("/sv/contact/topic/", {"topic": "returns"}).content.decode()
    assert client.get("/en/contact/topic/", {"topic": "gone"}).status_code == 200
    assert client.post("/en/contact/topic/").status_code == 405


def test_they_come_with_the_case_and_its_customer_sees_them(client, order, product):
    response = send(client, **{"field-order": "hv-1230", "field-product": "coat", "field-margin": "9"})
    ticket = Ticket.objects.get()
    assert ticket.fields == {"order": "HV-1230", "product": "coat"}
    page = client.get(response.url).content.decode()
    assert "HV-1230" in page
    assert "Coat" in page


@pytest.mark.parametrize(
    ("value", "said"),
    [("", "cannot be left empty"), ("12", "HV- and four digits, please."), ("HV-1231", "a digit may be mistyped")],
)
def test_what_is_missing_or_wrong_is_said_at_its_field_and_nothing_is_lost(client, order, value, said):
    response = send(client, **{"field-order": value})
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert 'href="#id_field-order"' in page
    assert f'value="{value}"' in page or not value
    assert STORY in page
    assert not Ticket.objects.exists()


def test_it_is_said_in_the_customers_language(client, order):
    page = send(client, "sv", **{"field-order": "x"}).content.decode()
    assert "Ordernummer" in page
    assert "please" not in page


def test_the_first_send_without_them_brings_what_must_be_filled_in_and_what_need_not_stands_in_no_way(client, product):
    assert send(client).status_code == 302
    assert Ticket.objects.get().fields == {}


def test_values_of_another_topic_do_not_stand_in_the_way(client, order):
    assert send(client, topic="", **{"field-order": "anything"}).status_code == 302
    assert Ticket.objects.get().fields == {}


def test_the_api_takes_them_and_names_those_that_it_cannot_take(client, order, product):
    body = {"email": "cleo@example.com", "message": STORY, "topic": "returns"}

    def post(**more):
        return client.post("/api/v1/tickets/", {**body, **more}, content_type="application/json")

    assert post(fields={"order": "hv1230", "product": None}).status_code == 201
    assert Ticket.objects.get().fields == {"order": "HV1230"}
    for wrong in ({"order": "HV-1231"}, {"product": "boat"}, {"unknown": 1}, {"order": ["x"]}):
        refused = post(fields=wrong)
        assert refused.status_code == 400
        assert set(refused.json()["errors"]["fields"]) == set(wrong)
    assert post(fields=[]).status_code == 400
    assert post(message="Another one, without any.").status_code == 201
    assert Ticket.objects.count() == 2


class TestAPersonFirst:
    @pytest.fixture(autouse=True)
    def _articles(self, commit):
        with commit():
            self.refund = publish_article("When do I get my refund?", "The refund comes when it has reached us. " * 3)
            publish_article("Wash wool", "Thirty degrees.")
            publish_article("Track my parcel", "Open the link in the e-mail that we sent.")

    def ask(self, client, **fields):
        return client.post("/en/contact/suggestions/", {"message": STORY, **fields}).content.decode()

    @pytest.mark.parametrize("kind", ["sensitive", "buying"])
    def test_no_article_comes_between(self, client, topic, kind):
        assert "data-article-id" in self.ask(client, topic="returns")
        topic.kind = kind
        topic.save()
        page = self.ask(client, topic="returns")
        assert "data-article-id" not in page
        assert "straight to a person" in page
        assert "straight to a person" in client.get(PAGE, {"topic": "returns"}).content.decode()
        sent = send(client)
        assert Ticket.objects.get().suggestions.count() == 0
        assert "When do I get my refund?" not in client.get(sent.url).content.decode()

    def test_what_was_hidden_is_not_shown_again_while_the_draft_lives(self, client, topic):
        article = self.refund.article_id
        assert f'data-article-id="{article}"' not in self.ask(client, dismissed=[str(article), "x"])
        values = {"message": STORY, "dismissed": [article]}
        client.post("/en/contact/draft/", {"values": values}, content_type="application/json")
        sent = send(client)
        assert "When do I get my refund?" not in client.get(sent.url).content.decode()

    def test_who_is_held_out_sees_the_same_page_without_articles(self, client, monkeypatch):
        empty = self.ask(client, message="hi")
        monkeypatch.setattr(holdout, "shown_of", lambda journey, found, **kwargs: [])
        assert self.ask(client) == empty
        assert not JourneyEvent.objects.filter(kind="suggestions_shown").exists()

    def test_the_panel_asks_whether_it_was_the_answer(self, client):
        client.get(PAGE)
        page = client.get(f"/en/contact/articles/{self.refund.article_id}/").content.decode()
        assert "Did this answer your question?" in page
        assert f'data-not-answered="{self.refund.article_id}"' in page
        assert f'form="answered-form" name="article" value="{self.refund.article_id}"' in page
