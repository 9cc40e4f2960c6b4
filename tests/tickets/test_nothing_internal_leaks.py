"""A case with a marked word in everything that only we may read: none of the marks may reach a customer."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.utils import timezone

from helpcenter.accounts.models import User
from knowledge.models import Organisation
from tests import people
from tests.factories import UserFactory, make_ticket
from tickets.models import (
    Attachment,
    Company,
    Customer,
    CustomField,
    CustomFieldText,
    Identity,
    MailContent,
    Message,
    Participant,
    RootCause,
    Tag,
    Team,
    Ticket,
    TicketEvent,
)
from tickets.services import history, lifecycle, link_notices, linking, merging, ratings
from tickets.services.customers import customer_by_email
from tickets.services.links import attachment_path, case_key, case_path

pytestmark = pytest.mark.django_db
LANGUAGES = ["en", "sv", "nb", "da"]
MARK = "XYZZY"


def agent() -> User:
    return UserFactory(
        email="xyzzy-agent@xyzzy.example", name="Ada Xyzzyson", display_name="Ada", roles=["agent"], is_staff=True
    )


@pytest.fixture
def ada():
    return agent()


@pytest.fixture
def ticket(ada):
    """Everything internal that a case can hold; a field added to the models should get its mark here."""
    ticket = make_ticket(subject="Where is my parcel?")
    lifecycle.add_note(ticket, agent=ada, body="XYZZY-note: sounds upset @max")
    note = ticket.messages.get(kind=Message.Kind.NOTE)
    Attachment.objects.create(
        message=note, file=ContentFile(b"XYZZY-bytes", "x"), name="XYZZY-file.txt", content_type="text/plain", size=12
    )
    team = Team.objects.create(name="XYZZY-team", key="xyzzy-team")
    cause = RootCause.objects.create(key="xyzzy-cause", name="XYZZY-cause", owner="XYZZY-owner")
    ticket.tags.add(Tag.objects.create(name="XYZZY-tag"))
    _fields(ticket)
    ticket.team, ticket.root_cause, ticket.demand_type = team, cause, "failure"
    ticket.root_cause_guess = cause
    ticket.demand_guess, ticket.demand_guess_probability = "progress", 0.987654321
    ticket.priority, ticket.type = "urgent", "complaint"
    ticket.origin = "XYZZY-origin"
    ticket.journey_summary = [{"kind": "search", "text": "XYZZY-search"}]
    ticket.assignee = ada
    ticket.save()
    ticket.followers.add(ada)
    Customer.objects.filter(pk=ticket.customer_id).update(
        notes="XYZZY-notes",
        region="XYZZY-region",
        company=Company.objects.create(name="XYZZY-company", notes="XYZZY"),
    )
    _people_and_mail(ticket)
    other = make_ticket(email="xyzzy-other@xyzzy.example", subject="XYZZY-other-case", name="Otto XYZZY")
    linking.link(ticket, other, by=history.agent(ada))
    for kind in TicketEvent.Kind.values:
        if kind not in ("received", "merged_away"):
            history.record(
                ticket, kind, history.agent(ada), now="XYZZY-now", what="XYZZY-what", to="XYZZY-to", who="XYZZY"
            )
    lifecycle.send_reply(ticket, agent=ada, body="We are looking into it.")
    lifecycle.send_reply(ticket, agent=ada, body="XYZZY-held", hold=timedelta(hours=1))
    ticket.refresh_from_db()
    return ticket


def _fields(ticket: Ticket) -> None:
    for key, is_shown in (("internal", False), ("shown", True)):
        field = CustomField.objects.create(key=key, is_for_customers=is_shown)
        label = "Order" if is_shown else "XYZZY-label"
        CustomFieldText.objects.create(field=field, language="en", label=label)
    ticket.fields = {"internal": "XYZZY-value", "shown": "HV-77", "unknown": "XYZZY-unknown"}


def _people_and_mail(ticket: Ticket) -> None:
    """Somebody on copy who wrote by mail: their words are shared, their addresses and the mail's inside are not."""
    petra = customer_by_email("xyzzy-petra@xyzzy.example", name="Petra")
    Identity.objects.create(customer=petra, kind=Identity.Kind.PHONE, value="XYZZY-phone")
    Participant.objects.create(ticket=ticket, customer=petra)
    said = ticket.messages.create(kind=Message.Kind.INBOUND, channel="email", body="I paid for it.", customer=petra)
    MailContent.objects.create(
        message=said, sender="xyzzy-petra@xyzzy.example", to=["XYZZY@xyzzy.example"], cc=["XYZZY@xyzzy.example"],
        subject="XYZZY-subject", text="I paid for it. XYZZY-quoted", html="<p>XYZZY-html</p>",
        authentication={"spf": "XYZZY-fail"}, left_out=[{"name": "XYZZY.exe"}],
    )  # fmt: skip


def check(text: str) -> None:
    lower = text.lower()
    if "xyzzy" in lower:
        place = lower.index("xyzzy")
        raise AssertionError(f"leaked: {text[max(0, place - 120) : place + 60]}")
    for inner in ("0.987654321", "urgent", "complaint"):
        assert inner not in lower


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("names", Organisation.AgentNames.values)
def test_the_case_page_and_the_list(client, ticket, language, names):
    Organisation(agent_names=names).save()
    Organisation.forget_current()
    page = client.get(case_path(ticket, language)).content.decode()
    check(page)
    assert "HV-77" in page
    assert "I paid for it." in page
    assert ("Ada" in page) is (names == "short")
    client.force_login(people.cleo())
    check(client.get(case_path(ticket, language).split("?")[0]).content.decode())
    check(client.get(f"/{language}/cases/").content.decode())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter(commit, ada, language, ticket):
    ticket.held_sends.all().delete()
    ticket.messages.filter(held_until__isnull=False).delete()
    Ticket.objects.filter(pk=ticket.pk).update(language=language)
    ticket.refresh_from_db()
    ours = {"xyzzy-petra@xyzzy.example"}
    with commit():
        lifecycle.send_reply(ticket, agent=ada, body="It comes tomorrow.")
        lifecycle.solve(ticket, agent=ada, article=None, root_cause=ticket.root_cause, demand_type="failure")
        link_notices.send_case_link(ticket, ticket.customer)
    letters = [letter for letter in mail.outbox if letter.to == ["cleo@example.com"]]
    assert len(letters) >= 3
    for letter in letters:
        html = " ".join(str(content) for content, _kind in letter.alternatives)
        headers = {name: value for name, value in letter.extra_headers.items() if name not in ("To", "Cc")}
        # Who is on copy of a mail stands in its header, as in any mail; nothing else of them is told.
        check(" ".join([letter.subject, letter.body, html, json.dumps(headers), letter.from_email]))
        assert set(letter.cc) <= ours


def _public_answers(client, ticket: Ticket) -> list[Any]:
    paths = [
        f"/api/v1/tickets/{ticket.reference}/", f"/api/v1/tickets/{ticket.reference}/messages/", "/api/v1/tickets/",
        "/api/v1/search/?q=XYZZY&lang=en".replace("XYZZY", "parcel"), "/api/v1/articles/?lang=en", "/api/schema/",
        "/en/status/", "/en/", "/metrics",
    ]  # fmt: skip
    return [client.get(path) for path in paths]


@pytest.mark.parametrize("who", ["anonymous", "customer", "stranger", "participant"])
def test_the_api_and_all_that_is_open(client, ticket, who):
    if who == "customer":
        client.force_login(people.cleo())
    if who == "stranger":
        client.force_login(people.sam())
    if who == "participant":
        Identity.objects.filter(value="xyzzy-petra@xyzzy.example").update(is_verified=True)
        client.force_login(UserFactory(email="xyzzy-petra@xyzzy.example", name=""))
    for response in _public_answers(client, ticket):
        if response.streaming:
            continue
        text = response.content.decode()
        if "securitySchemes" not in text:
            check(text.replace("xyzzy-petra@xyzzy.example", ""))
        if "/api/v1/tickets" in response.request["PATH_INFO"]:
            assert response.status_code in (401, 403, 404, 405)
            assert "Where is my parcel?" not in text


def test_asking_again_with_the_same_key_tells_only_the_number(client):
    first = {"email": "cleo@example.com", "message": "Where is it?", "lang": "en"}
    headers = {"Idempotency-Key": "one"}
    for _time in range(2):
        answer = client.post("/api/v1/tickets/", json.dumps(first), content_type="application/json", headers=headers)
        assert set(answer.json()) == {"reference", "status", "url"}


def test_asking_again_with_the_same_key_tells_nothing_of_a_held_answer(client, ada):
    def send() -> dict[str, str]:
        body = json.dumps({"email": "cleo@example.com", "message": "Where is it?", "lang": "en"})
        headers = {"Idempotency-Key": "one"}
        return client.post("/api/v1/tickets/", body, content_type="application/json", headers=headers).json()

    case = Ticket.objects.get(reference=send()["reference"])
    lifecycle.send_reply(case, agent=ada, body="XYZZY-held", hold=timedelta(hours=1))

    assert send()["status"] == "new"


def test_a_participant_reads_the_conversation_and_nothing_of_the_customer(client, ticket):
    petra = Customer.objects.get(name="Petra")
    page = client.get(case_path(ticket, key=case_key(ticket, petra))).content.decode()
    assert "cleo@example.com" not in page
    check(page.replace("XYZZY.exe", "").replace("XYZZY-quoted", ""))


def test_files_open_by_their_own_link_alone(client, ticket):
    hidden = Attachment.objects.get(name="XYZZY-file.txt")
    path, signature = attachment_path(hidden).split("?")
    other = make_ticket(email="sam@example.com", attachments=[ContentFile(b"mine", "mine.txt")])
    own = other.messages.get().attachments.get()
    for user in (None, people.cleo(), people.sam()):
        if user:
            client.force_login(user)
        assert client.get(path).status_code == 404
        assert client.get(path, {"sig": attachment_path(own).split("sig=")[1]}).status_code == 404
        assert client.get(path, {"key": case_key(ticket)}).status_code == 404
        assert client.get(f"/attachments/{'0' * 8}-0000-0000-0000-{'0' * 12}/?{signature}").status_code == 404


def test_a_held_answer_changes_nothing_that_is_seen_until_its_time(client, ada):
    ticket = make_ticket()
    before = client.get(case_path(ticket)).context["story"]
    lifecycle.send_reply(ticket, agent=ada, body="XYZZY-held", hold=timedelta(seconds=10))
    page = client.get(case_path(ticket))
    check(page.content.decode())
    held = page.context["story"]
    assert (held.status, held.steps, held.next_step, held.history) == (
        before.status, before.steps, before.next_step, before.history,
    )  # fmt: skip
    client.force_login(people.cleo())
    assert "We have got it" in client.get("/en/cases/").content.decode()
    from tickets.services.case_story import story_for_customer

    after = story_for_customer(ticket, at=timezone.now() + timedelta(seconds=11))
    assert "XYZZY-held" in [said.body for said in after.messages]


def test_a_case_solved_with_a_held_answer_asks_for_no_rating_yet(client, ada):
    ticket = make_ticket()
    lifecycle.solve(ticket, agent=ada, article=None, hold=timedelta(seconds=10))
    story = client.get(case_path(ticket)).context["story"]
    assert (story.is_settled, story.asks_rating) == (False, False)


def test_a_note_is_never_the_headline(client, ada):
    ticket = make_ticket(body="Where is it?")
    note = lifecycle.add_note(ticket, agent=ada, body="XYZZY-first")
    Message.objects.filter(pk=note.pk).update(created_at=ticket.created_at - timedelta(days=1))
    client.force_login(people.cleo())
    check(client.get(case_path(ticket)).content.decode())
    check(client.get("/en/cases/").content.decode())


def test_of_a_case_merged_into_theirs_they_read_what_was_said_and_no_address(client, ada):
    other = make_ticket(email="xyzzy-other@xyzzy.example", name="Otto", body="Mine broke too.")
    ticket = make_ticket()
    lifecycle.add_note(other, agent=ada, body="XYZZY-note")
    merging.merge(other, into=ticket, by=history.agent(ada), may_share=True)
    page = client.get(case_path(ticket)).content.decode()
    check(page)
    assert "Mine broke too." in page
    assert "Otto" in page


def test_a_rating_is_read_by_us_alone(client, ticket):
    ratings.rate(_solved(ticket), satisfaction=1, comment="XYZZY-comment")
    petra = Customer.objects.get(name="Petra")
    assert "XYZZY-comment" not in client.get(case_path(ticket, key=case_key(ticket, petra))).content.decode()


def _solved(ticket: Ticket) -> Ticket:
    ticket.held_sends.all().delete()
    Ticket.objects.filter(pk=ticket.pk).update(status=Ticket.Status.SOLVED)
    ticket.refresh_from_db()
    return ticket
