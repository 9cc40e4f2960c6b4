"""The agents' desk: who gets in, and what the list and the case show."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import trans_real

from tests import people
from tests.factories import TopicFactory, make_ticket, publish_article
from tests.tickets.desk import GET_VIEWS, POST_VIEWS, answers, page, references, send, url
from tickets.models import Mention, OutboxMessage, SavedFilter, Team, Ticket
from tickets.services import answering, intake, lifecycle
from tickets.services.intake import VisitContext
from tickets.services.queues import QUEUES

pytestmark = pytest.mark.django_db

MOST_QUERIES_OF_A_CASE = 60
SCRIPT = '<script>alert("x")</script>'


@pytest.fixture
def ticket():
    return make_ticket()


# The door


@pytest.mark.parametrize("name", GET_VIEWS)
def test_a_stranger_logs_in_first_and_comes_back(client, ticket, name):
    response = client.get(url(name, ticket.reference))
    assert response.status_code == 302
    assert response.url == f"{reverse('account_login')}?next={url(name, ticket.reference)}"


@pytest.mark.parametrize("name", POST_VIEWS)
def test_a_form_sent_after_the_session_ended_leads_back_to_the_case(client, ticket, name):
    response = client.post(url(name, ticket.reference), {"body": "x", "note": "x"})
    assert response.status_code == 302
    assert response.url.endswith(f"?next=/desk/{ticket.reference}/")
    assert ticket.messages.count() == 1


def test_a_fragment_never_becomes_the_login_page(client, ticket):
    assert client.get(url("rail"), headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.parametrize("name", GET_VIEWS + POST_VIEWS)
def test_sam_who_works_no_cases_is_refused(client, ticket, name):
    client.force_login(people.sam())
    method = client.get if name in GET_VIEWS else client.post
    assert method(url(name, ticket.reference)).status_code == 403
    assert ticket.events.count() == 1


@pytest.mark.parametrize("name", GET_VIEWS + POST_VIEWS)
def test_wrong_method(client, ada, ticket, name):
    method = client.post if name in GET_VIEWS else client.get
    assert method(url(name, ticket.reference)).status_code == 405


@pytest.mark.parametrize("name", ["case", "articles", *POST_VIEWS])
def test_unknown_reference(client, ada, name):
    method = client.post if name in POST_VIEWS else client.get
    assert method(url(name, "SV-1")).status_code == 404


def test_forms_need_their_csrf_token(ticket):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.ada())
    response = strict.post(url("reply", ticket.reference), {"body": "Kept words", "then": "open"})
    assert response.status_code == 403
    assert not answers(ticket)


# The list


def test_each_view_holds_its_cases_and_says_how_many(client, ada):
    old = make_ticket(body="Old", at=timezone.now() - timedelta(days=2))
    new = make_ticket(body="New")
    mine, waiting, solved = make_ticket(), make_ticket(), make_ticket()
    lifecycle.assign(mine, to=ada, by=ada)
    lifecycle.change_status(waiting, "waiting_customer", agent=ada)
    lifecycle.solve(solved, agent=ada, article=None)
    spam = make_ticket(is_suspected_spam=True)
    third, followed, merged = make_ticket(), make_ticket(), make_ticket()
    lifecycle.change_status(third, "waiting_third_party", agent=ada)
    followed.followers.add(ada)
    note = lifecycle.add_note(followed, agent=ada, body="@Ada, look")
    Mention.objects.create(message=note, user=ada)
    Ticket.objects.filter(pk=merged.pk).update(merged_into=old)
    expected = {
        "mine": [mine],
        "mentions": [followed],
        "unassigned": [old, new, followed, waiting, third],
        "waiting": [old, new, mine, followed],
        "chats": [],
        "customer": [waiting],
        "others": [third],
        "followed": [followed],
        "open": [old, new, mine, followed, waiting, third],
        "solved": [solved],
        "spam": [spam],
    }
    assert set(expected) == {queue.key for queue in QUEUES}
    html = page(client)
    for key, tickets in expected.items():
        assert references(page(client, view=key)) == [one.reference for one in tickets], key
        assert f'data-count="{key}">{len(tickets)}<' in html


def test_the_first_view_is_ones_own_cases_or_what_waits_for_us(client, ada, ticket):
    assert "<h1" in page(client)
    assert references(page(client)) == [ticket.reference]
    assert 'id="view-waiting"' in page(client)
    lifecycle.assign(make_ticket(), to=ada, by=ada)
    assert re.search(r'id="view-mine"[^>]*aria-current', page(client))


def test_every_view_says_so_when_it_is_empty(client, ada):
    for queue in QUEUES:
        assert str(queue.empty).replace("“", "") in page(client, view=queue.key).replace("“", "")


def test_a_row_tells_who_what_and_how_long(client, ada):
    topic = TopicFactory(names={"en": "Delivery"})
    make_ticket(
        topic=topic, subject="Where is it", language="sv", name="Åsa Holm", at=timezone.now() - timedelta(days=4)
    )
    html = page(client, view="waiting")
    for text in ("Åsa Holm", "Where is it", "Delivery", "4\xa0days", ">sv<", "New", "wait num bad"):
        assert text in html


@pytest.mark.parametrize(
    "words",
    ["{reference}", "cleo@example.com", "Cleo", "jacket", "RAIN", "cleo jacket", "åsa", "secret note"],
)
def test_search_finds_a_case_by_what_somebody_remembers(client, ada, words):
    other = make_ticket(email="sam@example.com", name="Sam Strand", body="Something else")
    ticket = make_ticket(subject="Jacket leaks", body="In the rain. Åsa said so.")
    lifecycle.add_note(ticket, agent=ada, body="A secret note")
    lifecycle.solve(ticket, agent=ada, article=None)
    found = references(page(client, q=words.format(reference=ticket.reference)))
    assert found == [ticket.reference]
    assert other.reference not in found


@pytest.mark.parametrize("words", ["*", "%", "_____", "'\"", "AND OR NOT", "x" * 5000, "\x00", "(((", "😀"])
def test_no_search_is_too_odd(client, ada, ticket, words):
    assert client.get(url("list"), {"q": words}).status_code == 200


def test_a_team_narrows_view_counts_and_search(client, ada):
    team = Team.objects.create(key="returns", name="Returns")
    ours, theirs = make_ticket(body="Parcel"), make_ticket(body="Parcel")
    Ticket.objects.filter(pk=ours.pk).update(team=team)
    html = page(client, view="waiting", team="returns")
    assert references(html) == [ours.reference]
    assert 'data-count="waiting">1<' in html
    assert references(page(client, q="parcel", team="returns")) == [ours.reference]
    assert len(references(page(client, view="waiting", team="unknown"))) == 2
    assert theirs.reference in page(client, view="waiting")


def test_pages(client, ada):
    for number in range(27):
        make_ticket(email=f"c{number}@example.com")
    assert len(references(page(client, view="waiting"))) == 25
    html = page(client, view="waiting", page="2")
    assert len(references(html)) == 2
    assert "26 to 27 of 27" in html
    for odd in ("1000000000", "-1", "x", "9" * 5000, ""):
        assert client.get(url("list"), {"view": "waiting", "page": odd}).status_code == 200


def _many(count: int, ada) -> None:
    topic = TopicFactory(names={"en": "Delivery"})
    for number in range(count):
        ticket = make_ticket(email=f"person{number}.{count}@example.com", topic=topic)
        lifecycle.assign(ticket, to=ada, by=ada)


@pytest.mark.parametrize("count", [3, 20])
def test_the_list_costs_the_same_however_many_cases(client, ada, count, django_assert_num_queries):
    _many(count, ada)
    page(client)
    # Session, user, two of permissions; teams; a count a view; the page's count, its rows, and what they show (3);
    # whether the agent takes chats, how many wait, what is unread and offered (3 without offers).
    with django_assert_num_queries(4 + 1 + len(QUEUES) + 8):
        page(client, view="waiting")


def _case_with(count: int, ada, email: str) -> Ticket:
    """A case in which much was said, of a customer with as many others."""
    visit = VisitContext(suggestions=[(publish_article(f"Refunds of {email}").article_id, 0.8)])
    ticket = make_ticket(email=email, visit=visit)
    for number in range(count):
        files = [ContentFile(b"words", name="a.txt")]
        intake.add_customer_message(ticket, body=f"More {number}", channel="email", attachments=files)
        lifecycle.send_reply(ticket, agent=ada, body=f"Answer {number}")
        answering.add_note(ticket, agent=ada, body=f"@ed@example.com see {number}")
        make_ticket(email=email, body=f"Another {number}")
    return ticket


def test_a_case_costs_the_same_however_much_was_said(client, ada):
    people.ed()
    short, long = _case_with(1, ada, "short@example.com"), _case_with(25, ada, "long@example.com")
    page(client, "case", short.reference)
    counts = []
    for ticket in (short, long):
        with CaptureQueriesContext(connection) as queries:
            page(client, "case", ticket.reference)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= MOST_QUERIES_OF_A_CASE


def test_the_rail_refreshes_alone(client, ada, ticket):
    html = page(client, "rail", view="waiting")
    assert html.strip().startswith("<header")
    assert 'data-count="waiting">1<' in html


# The case


def test_the_case_shows_what_was_said_and_done(client, ada):
    text = publish_article("Track your parcel")
    summary = [
        {"kind": "searched", "text": "where is it", "results": 0, "at": "2026-11-20T09:00:00+00:00"},
        {"kind": "read", "article": text.article_id, "title": "Track your parcel", "at": "2026-11-20T09:01:00+00:00"},
        {"kind": "something later", "at": "odd"},
        "odd",
    ]
    earlier = make_ticket(subject="An earlier one")
    ticket = make_ticket(
        language="sv",
        visit=VisitContext(origin="o", summary=summary, suggestions=[(text.article_id, 0.82)]),
        attachments=[ContentFile(b"words", name="receipt.txt")],
    )
    lifecycle.send_reply(ticket, agent=ada, body="An answer of ours")
    lifecycle.add_note(ticket, agent=ada, body="A note of ours")
    html = page(client, "case", ticket.reference)
    for kind, words in (("inbound", "My parcel has not come"), ("outbound", "An answer"), ("note", "A note of ours")):
        assert re.search(rf'data-kind="{kind}".*?{words}', html, re.DOTALL)
    for words in (
        "Answer in Swedish",
        "Searched for “where is it”",
        "found nothing",
        "82% likely",
        "http://testserver/en/articles/track-your-parcel/",
        "An earlier one",
        "Ada Ek answered the customer",
        "Ada Ek took the case",
        "The case came in by contact form",
        "from “New” to “Waiting for customer”",
    ):
        assert words in html, words
    assert html.count('href="/en/articles/track-your-parcel/"') == 2
    assert earlier.reference in html
    link = re.search(r'href="(/attachments/[^"]+)"', html)
    assert link is not None
    assert client.get(link[1].replace("&amp;", "&")).status_code == 200


def test_html_and_script_are_shown_as_written(client, ada):
    ticket = make_ticket(
        body=SCRIPT, subject=SCRIPT, name=SCRIPT,
        visit=VisitContext(summary=[{"kind": "searched", "text": SCRIPT}, {"kind": "read", "title": SCRIPT}]),
    )  # fmt: skip
    lifecycle.add_note(ticket, agent=ada, body=SCRIPT)
    lifecycle.send_reply(ticket, agent=ada, body=SCRIPT)
    OutboxMessage.objects.filter(ticket=ticket).update(status="failed", last_error=SCRIPT)
    for html in (page(client, "case", ticket.reference), page(client, view="customer"), page(client, q=SCRIPT)):
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html
    response = send(client, ticket, body=SCRIPT, then="solved")
    assert "<script>alert" not in response.content.decode()


def test_a_delivery_that_failed_is_seen_and_can_be_tried_again(client, ada, ticket, commit):
    with commit():
        lifecycle.send_reply(ticket, agent=ada, body="Hello")
    row = OutboxMessage.objects.get(message__kind="outbound")
    OutboxMessage.objects.filter(pk=row.pk).update(status="failed", last_error="550 User unknown")
    html = page(client, "case", ticket.reference)
    assert "could not be delivered" in html
    assert "550 User unknown" in html
    with commit():
        response = client.post(reverse("desk:retry_delivery", args=[ticket.reference, row.pk]))
    assert response.status_code == 302
    row.refresh_from_db()
    assert row.status == "sent"


def test_a_delivery_of_another_case_is_not_found(client, ada, ticket):
    row = OutboxMessage.objects.get(ticket=ticket)
    other = make_ticket(email="sam@example.com")
    assert client.post(reverse("desk:retry_delivery", args=[other.reference, row.pk])).status_code == 404


def test_the_desk_is_in_the_agents_language_and_names_the_customers(client, ada, ticket):
    ada.language = "sv"
    ada.save()
    html = page(client, "case", ticket.reference)
    assert '<html lang="sv">' in html
    assert "engelska" in html


def test_what_a_list_is_called_is_said_of_many_cases_and_not_of_one(client, ada, monkeypatch):
    """Where a language has a plural for it, the list can have it and the status another word."""
    words = trans_real.translation("en")._catalog._catalogs[0]
    monkeypatch.setitem(words, "cases\x04Solved", "Solved ones")
    monkeypatch.setitem(words, "views\x04Saved", "Saved ones")
    SavedFilter.objects.create(name="Late", owner=ada, query="view=mine")
    html = page(client)
    assert "<span>Solved ones</span>" in html
    assert ">Saved ones</h2>" in html
    assert "Solved" in [str(label) for _value, label in Ticket.Status.choices]
