"""The case page, from the right and the wrong person's side."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import get_user_model
from django.utils import translation

from tests import people
from tests.factories import make_ticket, publish_article
from tickets.models import Identity, MailContent
from tickets.services import lifecycle
from tickets.services.links import case_key, case_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    return make_ticket()


@pytest.fixture
def url(ticket):
    return case_path(ticket)


def bare(url: str) -> str:
    return url.split("?")[0]


def test_the_key_opens_the_case(client, url, ticket):
    response = client.get(url)
    assert response.status_code == 200
    assert ticket.reference in response.content.decode()
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("key", ["", "x", "1:1:abc:def", None])
def test_without_the_right_key_there_is_no_such_page(client, url, key):
    query = {} if key is None else {"key": key}
    assert client.get(bare(url), query).status_code == 404
    assert client.post(bare(url), {**query, "message": "x"}).status_code == 404
    assert client.post(bare(url) + "close/", query).status_code == 404


def test_a_case_that_they_closed_themselves_is_not_called_answered(client, url, ticket):
    client.post(f"{bare(url)}close/", {"key": case_key(ticket)})
    assert [(step.text, step.is_done) for step in client.get(url).context["story"].steps] == [
        ("Received", True), ("Solved", True),
    ]  # fmt: skip


def test_a_case_that_we_answered_and_they_closed_went_all_the_way(client, url, ticket):
    lifecycle.send_reply(ticket, agent=people.ada(), body="Here it is.", then="waiting_customer")
    client.post(f"{bare(url)}close/", {"key": case_key(ticket)})
    assert [step.text for step in client.get(url).context["story"].steps if step.is_done] == [
        "Received", "Being worked on", "Answered", "Solved",
    ]  # fmt: skip


def test_a_key_opens_its_own_case_only(client, url, ticket):
    other = make_ticket(email="sam@example.com")
    assert client.get(bare(case_path(other)), {"key": case_key(ticket)}).status_code == 404


def test_who_is_logged_in(client, ticket, url):
    client.force_login(people.ada())
    assert client.get(bare(url)).status_code == 200
    client.force_login(people.sam())
    assert client.get(bare(url)).status_code == 404
    client.force_login(get_user_model().objects.create_user("cleo@example.com"))
    assert client.get(bare(url)).status_code == 404
    Identity.objects.update(is_verified=True)
    assert client.get(bare(url)).status_code == 200


def test_a_session_reads_and_only_the_key_writes(client, ticket, url):
    """These views check no CSRF token, so a cookie, which a foreign site can borrow, must not be enough."""
    client.force_login(people.cleo())
    assert client.post(bare(url), {"message": "Forged."}).status_code == 404
    assert client.post(bare(url) + "close/").status_code == 404
    assert client.post(bare(url) + "rate/", {"satisfaction": 1}).status_code == 404
    page = client.get(bare(url))
    assert client.post(bare(url), {"message": "Meant.", "key": page.context["key"]}).status_code == 302
    assert [message.body for message in ticket.messages.all()][1:] == ["Meant."]


def test_an_agent_looks_and_does_not_speak_for_the_customer(client, ticket, url):
    client.force_login(people.ada())
    page = client.get(bare(url))
    assert page.context["key"] == ""
    assert "<textarea" not in page.content.decode()
    assert f'href="/desk/{ticket.reference}/"' in page.content.decode()


@pytest.mark.parametrize("article", ["²", "x", "9" * 30, "\x00"])
def test_closing_with_nonsense_for_an_article_closes(client, url, ticket, article):
    response = client.post(bare(url) + "close/", {"key": case_key(ticket), "article": article})
    assert response.status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.answered_by) == ("closed", None)


def test_writing_more(client, url, ticket):
    response = client.post(url, {"message": "It came today.", "nonce": "n1"}, follow=True)
    assert response.status_code == 200
    assert "It came today." in response.content.decode()
    client.post(url, {"message": "It came today.", "nonce": "n1"})
    assert ticket.messages.count() == 2


def test_an_empty_message_gets_an_error_and_a_long_one_is_kept(client, url, ticket):
    response = client.post(url, {"message": " "})
    assert response.status_code == 422
    response = client.post(url, {"message": "long " * 10_000})
    assert response.status_code == 422
    assert "long long" in response.content.decode()
    assert ticket.messages.count() == 1


def test_closing_with_the_article_that_answered(client, url, ticket):
    article = publish_article().article
    client.post(bare(url) + "close/", {"key": case_key(ticket), "article": article.pk})
    ticket.refresh_from_db()
    assert (ticket.status, ticket.answered_by, ticket.resolution) == ("closed", article, "article")
    assert client.get(bare(url) + "close/").status_code == 405


def test_writing_in_a_closed_case_opens_it(client, url, ticket):
    lifecycle.close_by_customer(ticket)
    client.post(url, {"message": "Not solved after all."})
    ticket.refresh_from_db()
    assert ticket.status == "open" or ticket.status == "new"
    assert not ticket.is_settled


def test_notes_and_full_names_never_reach_the_customer(client, url, ticket):
    agent = people.ada()
    lifecycle.add_note(ticket, agent=agent, body="SECRET-NOTE: customer seems upset")
    lifecycle.send_reply(ticket, agent=agent, body="We are looking.")
    page = client.get(url).content.decode()
    assert "SECRET-NOTE" not in page
    assert "Ada Ek" not in page
    assert "ada@example.com" not in page
    assert "Ada" in page


@pytest.mark.parametrize("language", ["en", "sv", "nb", "da"])
def test_the_page_exists_in_each_language(client, ticket, language):
    with translation.override(language):
        assert client.get(case_path(ticket, language)).status_code == 200


def test_markup_that_a_customer_wrote_is_shown_as_text(client):
    ticket = make_ticket(body="<script>alert(1)</script>", subject="<img src=x onerror=alert(1)>", name="<b>x</b>")
    page = client.get(case_path(ticket)).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_a_long_conversation_costs_no_more_than_a_short_one(client, ticket, url, django_assert_max_num_queries):
    client.get(url)
    for number in range(12):
        client.post(url, {"message": f"More, number {number}."})
        lifecycle.send_reply(ticket, agent=people.UserFactory(name="Ada Ek"), body=f"Answer {number}.")
    with django_assert_max_num_queries(22):
        page = client.get(url).content.decode()
    assert page.count('class="msg') == 25


def test_pictures_are_shown_and_other_files_linked(client):
    from tests.tickets.test_attachments import PDF, PNG, upload

    ticket = make_ticket(attachments=[upload("bild.png", PNG), upload("brev.pdf", PDF)])
    page = client.get(case_path(ticket)).content.decode()
    assert re.search(r'<img src="/attachments/[0-9a-f-]{36}/\?sig=[^"]+" alt="bild.png"', page)
    assert re.search(r'<a href="/attachments/[0-9a-f-]{36}/\?sig=[^"]+">brev.pdf</a>', page)


def test_their_own_mail_can_be_read_whole(client, ticket, url):
    message = ticket.messages.get()
    MailContent.objects.create(message=message, sender="cleo@example.com", text="My parcel.\n> Quoted <b>words</b>")
    page = client.get(url).content.decode()
    assert "Show the whole e-mail" in page
    assert "&gt; Quoted &lt;b&gt;words&lt;/b&gt;" in page


def test_it_says_what_we_wait_for(client, ticket, url):
    lifecycle.send_reply(ticket, agent=people.ada(), body="Which size?")
    page = client.get(url)
    assert "We wait for your answer" in page.content.decode()
    assert 'href="#said-2"' in page.content.decode()
    assert 'id="said-2"' in page.content.decode()


def test_the_language_links_keep_the_key_whatever_was_posted(client, ticket, url):
    for response in (client.get(url), client.post(bare(url), {"key": case_key(ticket), "message": ""})):
        for language in response.context["languages"]:
            assert client.get(language["url"]).status_code == 200
