"""What the box for answers holds: drafts, files, where it goes, solving."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from tests import people
from tests.factories import make_ticket, publish_article
from tests.tickets.desk import answers, page, seen, send, url
from tickets.models import (
    Attachment,
    Draft,
    DraftFile,
    Message,
    RootCause,
    TicketSuggestion,
)
from tickets.services import drafts, history, intake, lifecycle, participants
from tickets.services.reply_channels import channels_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    return make_ticket()


def text_file(name: str = "a.txt", words: bytes = b"words") -> ContentFile[bytes]:
    return ContentFile(words, name=name)


# Drafts


def save(client, ticket, body: str, kind: str = "reply", **more: object):
    return client.post(url("draft", ticket.reference), {"kind": kind, "body": body} | more)


def test_a_draft_is_there_on_another_machine(client, ada, ticket):
    assert re.fullmatch(r"Saved \d+:\d\d.*", save(client, ticket, "Kept words").json()["saved"])
    save(client, ticket, "For us", "note")
    other = type(client)()
    other.force_login(ada)
    html = page(other, "case", ticket.reference)
    assert re.search(r"<textarea[^>]*>Kept words</textarea>", html)
    assert re.search(r"<textarea[^>]*>For us</textarea>", html)


def test_a_draft_is_ones_own(client, ada, ticket):
    save(client, ticket, "Kept words")
    client.force_login(people.max_())
    assert "Kept words" not in page(client, "case", ticket.reference)
    assert Draft.objects.count() == 1


def test_an_empty_draft_is_none(client, ada, ticket):
    save(client, ticket, "Kept words")
    save(client, ticket, "  ")
    assert not Draft.objects.exists()


@pytest.mark.parametrize(("kind", "body"), [("letter", "x"), ("", "x")])
def test_an_odd_kind_of_draft(client, ada, ticket, kind, body):
    assert save(client, ticket, body, kind).status_code == 422
    assert not Draft.objects.exists()


def test_even_a_text_too_long_to_be_sent_is_kept(client, ada, ticket):
    save(client, ticket, "x" * 30_000 + "\x00")
    assert Draft.objects.get().body == "x" * 30_000


def test_what_was_sent_is_no_draft_any_more(client, ada, ticket):
    save(client, ticket, "Kept words")
    save(client, ticket, "For us", "note")
    send(client, ticket, body="Kept words")
    assert [one.kind for one in Draft.objects.all()] == ["note"]
    client.post(url("note", ticket.reference), {"note": "For us"})
    assert not Draft.objects.exists()


def test_an_answer_that_could_not_leave_is_a_draft(client, ada, ticket):
    before = seen(ticket)
    intake.add_customer_message(ticket, body="Wait!", channel="email")
    assert send(client, ticket, body="Kept words", seen=before, attachments=[text_file()]).status_code == 409
    draft = Draft.objects.get()
    assert draft.body == "Kept words"
    assert [one.name for one in draft.files.all()] == ["a.txt"]


def test_old_drafts_go_with_their_files(ticket, commit):
    ada = people.ada()
    drafts.keep_files(ticket, user=ada, files=[text_file()], body="Old")
    file = DraftFile.objects.get().file
    Draft.objects.update(updated_at=timezone.now() - timedelta(days=100))
    with commit():
        assert drafts.prune(timezone.now() - drafts.KEPT_FOR) == 1
    assert not file.storage.exists(file.name)


# Files


def test_files_reach_the_customer(client, ada, ticket, commit):
    with commit():
        send(client, ticket, attachments=[text_file("guide.txt", b"Turn it on."), text_file("more.txt")])
    message = ticket.messages.last()
    assert [one.name for one in message.attachments.all()] == ["guide.txt", "more.txt"]
    letter = mail.outbox[-1]
    assert "guide.txt" in str(letter.message())
    assert "guide.txt" in page(client, "case", ticket.reference)


def upload(client, ticket, *files):
    return client.post(url("draft_files", ticket.reference), {"attachments": files})


def test_a_file_waits_with_the_draft_and_goes_with_the_answer(client, ada, ticket, commit):
    html = upload(client, ticket, text_file("guide.txt")).content.decode()
    waiting = re.search(r'name="kept" value="(\d+)" checked', html)
    assert waiting is not None
    assert "guide.txt" in page(client, "case", ticket.reference)
    with commit():
        send(client, ticket, kept=[waiting[1]])
    file = Attachment.objects.get(message=ticket.messages.last())
    assert (file.name, file.file.read()) == ("guide.txt", b"words")
    assert not DraftFile.objects.exists()


def test_a_file_that_was_unticked_does_not_go(client, ada, ticket, commit):
    upload(client, ticket, text_file("secret.txt"))
    stored = DraftFile.objects.get().file
    with commit():
        send(client, ticket)
    assert not ticket.messages.last().attachments.exists()
    assert not DraftFile.objects.exists()
    assert not stored.storage.exists(stored.name)


def test_a_file_can_be_taken_away(client, ada, ticket):
    upload(client, ticket, text_file())
    client.post(url("draft_files", ticket.reference), {"remove": DraftFile.objects.get().pk})
    assert not DraftFile.objects.exists()


@pytest.mark.parametrize(("name", "content"), [("x.exe", b"MZ\x90"), ("x.png", b"<html>"), ("x.txt", b"")])
def test_a_file_that_cannot_be_taken_is_named_and_the_rest_is_kept(client, ada, ticket, name, content):
    response = upload(client, ticket, text_file(name, content))
    assert response.status_code == 422
    assert name in response.content.decode()
    response = send(client, ticket, body="Kept words", attachments=[text_file("good.txt"), text_file(name, content)])
    html = response.content.decode()
    assert response.status_code == 422
    assert f"“{name}”" in html
    assert "Kept words" in html
    assert [one.name for one in DraftFile.objects.all()] == ["good.txt"]
    assert not answers(ticket)


def test_no_more_files_than_fit(client, ada, ticket):
    for _ in range(5):
        upload(client, ticket, text_file())
    assert "Up to 5 files" in upload(client, ticket, text_file()).content.decode()
    kept = list(DraftFile.objects.values_list("pk", flat=True))
    response = send(client, ticket, kept=kept, attachments=[text_file("six.txt")])
    assert response.status_code == 422
    assert "Up to 5 files" in response.content.decode()
    assert not answers(ticket)
    assert DraftFile.objects.count() == 5


def test_files_of_somebody_elses_draft_cannot_be_sent_or_taken(client, ada, ticket):
    drafts.keep_files(ticket, user=people.max_(), files=[text_file("theirs.txt")])
    theirs = DraftFile.objects.get()
    client.post(url("draft_files", ticket.reference), {"remove": theirs.pk})
    send(client, ticket, kept=[theirs.pk])
    assert not ticket.messages.last().attachments.exists()
    assert DraftFile.objects.filter(pk=theirs.pk).exists()


def test_a_picture_is_shown_in_the_case(client, ada):
    ticket = make_ticket(attachments=[ContentFile(PNG, name="broken.png")])
    html = page(client, "case", ticket.reference)
    assert re.search(r'<img src="/attachments/[^"]+" alt="broken.png"', html)


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360f8ffff3f0005fe02fea73581e40000000049454e44ae426082"
)


# Where it goes


def test_the_case_page_only(client, ada, ticket, commit):
    mail.outbox.clear()
    with commit():
        send(client, ticket, channel="form")
    message = ticket.messages.last()
    assert message.channel == "form"
    assert not mail.outbox
    assert not message.outbox.exists()


def test_who_is_on_copy_is_said(ticket):
    participants.add_participant(ticket, "ola@example.com", by=history.agent(people.ada()))
    assert channels_for(ticket)[0].label == "To cleo@example.com, with 1 on copy, and to the case page"


def test_a_channel_that_this_customer_does_not_have(client, ada, ticket):
    response = send(client, ticket, body="Kept words", channel="phone")
    assert response.status_code == 422
    assert "cannot be answered that way" in response.content.decode()
    assert not answers(ticket)


def test_a_customer_without_an_address_is_answered_on_the_case_page(ticket):
    ticket.customer.identities.all().delete()
    assert [one.kind for one in channels_for(ticket)] == ["form"]


def test_an_address_that_bounced_is_told_before_the_answer_is_written(client, ada, ticket):
    ticket.customer.identities.update(bounced_at=timezone.now(), bounce_reason="550 no such user")
    assert "came back: 550 no such user" in page(client, "case", ticket.reference)


def test_a_full_mailbox_is_told_as_what_may_pass(client, ada, ticket):
    found = {"bounced_at": timezone.now(), "bounce_reason": "552 mailbox full", "bounce_is_passing": True}
    ticket.customer.identities.update(**found)
    html = page(client, "case", ticket.reference)
    assert "did not arrive, and this one may: 552 mailbox full" in html
    assert "Last mail did not arrive" in html
    assert "Mail comes back" not in html


# Solving


def test_solving_asks_why_and_keeps_what_was_said(client, ada, ticket):
    cause = RootCause.objects.create(key="label", name="No label in the box")
    RootCause.objects.create(key="old", name="Not in use", is_active=False)
    html = page(client, "case", ticket.reference)
    assert "No label in the box" in html
    assert "Not in use" not in html
    send(client, ticket, body="", then="solved", article="none", root_cause=cause.pk, demand_type="failure")
    ticket.refresh_from_db()
    assert (ticket.root_cause, ticket.demand_type) == (cause, "failure")
    assert ticket.events.get(kind="classified").data == {"root_cause": "label", "demand_type": "failure"}


def test_neither_is_required(client, ada, ticket):
    assert send(client, ticket, body="", then="solved", article="none").status_code == 302
    assert not ticket.events.filter(kind="classified").exists()


def test_the_cause_can_be_said_when_the_case_is_over(client, ada, ticket):
    cause = RootCause.objects.create(key="label", name="No label in the box")
    lifecycle.close_by_customer(ticket)
    assert "No label in the box" in page(client, "case", ticket.reference)
    for root_cause, demand in ((cause, "value"), (None, "")):
        fields = {"root_cause": root_cause.pk if root_cause else "", "demand_type": demand}
        assert client.post(url("cause", ticket.reference), fields).status_code == 302
        ticket.refresh_from_db()
        assert (ticket.root_cause, ticket.demand_type) == (root_cause, demand)
    response = client.post(url("cause", ticket.reference), {"root_cause": "x", "demand_type": "value"})
    assert response.status_code == 422
    assert "Choose from the lists." in response.content.decode()
    assert ticket.events.filter(kind="classified").count() == 2


@pytest.mark.parametrize("fields", [{"root_cause": "x"}, {"root_cause": "999"}, {"demand_type": "nonsense"}])
def test_odd_causes(client, ada, ticket, fields):
    assert send(client, ticket, body="", then="solved", article="none", **fields).status_code == 422
    ticket.refresh_from_db()
    assert ticket.status == "new"


def test_a_guess_of_the_demand_is_marked_and_never_chosen(client, ada, ticket):
    type(ticket).objects.update(demand_guess="progress", demand_guess_probability=0.9)
    html = page(client, "case", ticket.reference)
    assert re.search(r'name="demand_type" value="progress" data-suggested', html)
    assert re.search(r'name="demand_type" value="" checked', html)


def test_a_guess_of_the_cause_is_marked_and_never_chosen(client, ada, ticket):
    cause = RootCause.objects.create(key="label", name="No label in the box")
    type(ticket).objects.update(root_cause_guess=cause)
    html = page(client, "case", ticket.reference)
    assert re.search(rf'name="root_cause" data-suggested="{cause.pk}"', html)
    assert re.search(rf'<option value="{cause.pk}">No label in the box \(Suggested\)</option>', html)
    send(client, ticket, body="", then="solved", article="none")
    ticket.refresh_from_db()
    assert ticket.root_cause is None


def test_a_guessed_cause_that_is_not_in_use_any_more_or_was_decided_is_not_shown(client, ada, ticket):
    old = RootCause.objects.create(key="old", name="Not in use", is_active=False)
    new = RootCause.objects.create(key="new", name="In use")
    type(ticket).objects.update(root_cause_guess=old)
    assert "data-suggestion" not in page(client, "case", ticket.reference)
    type(ticket).objects.update(root_cause_guess=new, root_cause=new)
    assert "data-suggestion" not in page(client, "case", ticket.reference)


@pytest.mark.parametrize(("probability", "is_chosen"), [(0.8, True), (0.3, False)])
def test_the_probable_answer_is_chosen_at_first(client, ada, ticket, probability, is_chosen):
    text = publish_article("Refund times")
    TicketSuggestion.objects.create(ticket=ticket, article=text.article, probability=probability)
    found = re.search(rf'name="article" value="{text.article_id}"( checked)?', page(client, "case", ticket.reference))
    assert found is not None
    assert bool(found[1]) is is_chosen


def test_what_we_linked_to_comes_before_what_was_suggested(client, ada, ticket):
    suggested, linked = publish_article("Refund times"), publish_article("Return labels")
    TicketSuggestion.objects.create(ticket=ticket, article=suggested.article, probability=0.9)
    lifecycle.send_reply(ticket, agent=ada, body=f"See http://testserver{linked.get_absolute_url()}")
    assert re.search(rf'name="article" value="{linked.article_id}" checked', page(client, "case", ticket.reference))


def test_notes_are_a_mode_of_the_same_box(client, ada, ticket):
    assert re.search(r'value="reply" data-key="r" checked', page(client, "case", ticket.reference))
    save(client, ticket, "For us", "note")
    assert re.search(r'value="note" data-key="n" checked', page(client, "case", ticket.reference))
    assert Message.objects.filter(ticket=ticket).count() == 1


def test_every_key_of_the_overview_has_something_to_press(client, ada, ticket):
    html = page(client, "case", ticket.reference)
    assert 'id="keys"' in html
    for key in "rnmafcs":
        assert f'data-key="{key}"' in html, key
    assert reverse("desk:colleagues") in html
