"""Merging cases and parting them again: nothing is lost, and nobody reads what is not theirs in silence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from tests import people
from tests.factories import make_ticket
from tickets.errors import TicketError
from tickets.models import Draft, Message, OutboxMessage, Ticket, TicketLink
from tickets.services import history, intake, lifecycle
from tickets.services.linking import follow, link
from tickets.services.merging import kept_case, merge, unmerge
from tickets.services.participants import add_participant
from tickets.services.tagging import add_tags

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return people.ada()


@pytest.fixture
def by(ada):
    return history.agent(ada)


def kinds(ticket: Ticket) -> list[str]:
    return list(ticket.events.values_list("kind", flat=True))


def test_everything_moves_into_the_kept_case_and_both_histories_say_so(ada, by):
    kept = make_ticket(body="First")
    gone = make_ticket(body="Second", attachments=[ContentFile(b"words", name="receipt.txt")])
    lifecycle.add_note(gone, agent=ada, body="A note")
    add_participant(gone, "sam@example.com", by=by)
    add_tags(gone, ["parcel", "late"], by=by)
    add_tags(kept, ["late"], by=by)
    follow(gone, ada)
    third = make_ticket()
    link(gone, third, by=by)
    letters = set(gone.outbox.values_list("pk", flat=True))

    assert merge(gone, into=kept, by=by) == kept

    gone.refresh_from_db()
    kept.refresh_from_db()
    assert [one.body for one in kept.messages.all()] == ["First", "Second", "A note"]
    assert kept.messages.get(body="Second").attachments.get().name == "receipt.txt"
    assert set(kept.tags.values_list("name", flat=True)) == {"parcel", "late"}
    assert [str(one) for one in kept.participants.all()] == ["sam@example.com"]
    assert kept.followers.get() == ada
    assert TicketLink.objects.get() in kept.links_out.all()
    assert letters <= set(kept.outbox.values_list("pk", flat=True))
    assert (gone.status, gone.merged_into, gone.waiting_since) == ("closed", kept, None)
    assert not gone.messages.exists()
    assert kinds(gone)[-1] == "merged_away"
    assert "merged" in kinds(kept)


def test_a_case_of_somebody_else_is_merged_only_when_somebody_says_that_they_may_read_it(by):
    kept = make_ticket()
    gone = make_ticket(email="sam@example.com", name="Sam Strand")
    with pytest.raises(TicketError, match="two people"):
        merge(gone, into=kept, by=by)
    gone.refresh_from_db()
    assert gone.merged_into is None
    merge(gone, into=kept, by=by, may_share=True)
    assert kept.participants.get().customer == gone.customer
    assert kept.messages.get(customer__isnull=False).customer == gone.customer


def test_the_longest_wait_counts_and_a_settled_case_goes_on(ada, by):
    kept = make_ticket()
    lifecycle.solve(kept, agent=ada, article=None)
    gone = make_ticket(at=timezone.now() - timedelta(days=2))
    merge(gone, into=kept, by=by)
    kept.refresh_from_db()
    assert (kept.status, kept.resolution, kept.waiting_since) == ("open", "", gone.waiting_since)
    assert "reopened" in kinds(kept)


def test_a_settled_case_changes_nothing_in_the_one_that_it_goes_into(ada, by):
    kept, gone = make_ticket(), make_ticket()
    lifecycle.send_reply(kept, agent=ada, body="Done?")
    lifecycle.solve(gone, agent=ada, article=None)
    merge(gone, into=kept, by=by)
    kept.refresh_from_db()
    assert (kept.status, kept.waiting_since) == ("waiting_customer", None)


def test_neither_circles_nor_chains(by):
    one, two, three = make_ticket(), make_ticket(), make_ticket()
    with pytest.raises(TicketError, match="this very case"):
        merge(one, into=one, by=by)
    merge(one, into=two, by=by)
    for ticket, into in ((one, three), (two, one), (three, one)):
        with pytest.raises(TicketError, match="was merged into"):
            merge(ticket, into=into, by=by)
    merge(two, into=three, by=by)
    one.refresh_from_db()
    assert kept_case(one) == three


def test_a_merged_case_is_worked_on_in_the_kept_one(ada, by):
    kept, gone = make_ticket(), make_ticket()
    merge(gone, into=kept, by=by)
    with pytest.raises(TicketError, match="Work on it there"):
        add_tags(gone, ["late"], by=by)
    intake.add_customer_message(gone, body="By an old link", channel="form")
    assert kept.messages.last().body == "By an old link"


def test_one_mail_in_both_cases_is_no_obstacle(by):
    kept, gone = make_ticket(), make_ticket()
    for ticket in (kept, gone):
        intake.add_customer_message(ticket, body="To both", channel="email", external_id="<one@example.com>")
    merge(gone, into=kept, by=by)
    assert kept.messages.filter(body="To both").count() == 2
    unmerge(gone, by=by)
    assert gone.messages.get(body="To both").external_id == "<one@example.com>"


def test_drafts_are_put_together(ada, by):
    kept, gone = make_ticket(), make_ticket()
    Draft.objects.create(ticket=kept, user=ada, body="Begun here")
    Draft.objects.create(ticket=gone, user=ada, body="Begun there")
    merge(gone, into=kept, by=by)
    assert Draft.objects.get().body == "Begun here\n\nBegun there"


def test_parting_brings_everything_back(ada, by):
    kept = make_ticket(body="First")
    gone = make_ticket(body="Second", email="sam@example.com", name="Sam Strand")
    lifecycle.send_reply(kept, agent=ada, body="To the first")
    add_tags(gone, ["parcel"], by=by)
    add_participant(gone, "kim@example.com", by=by)
    third = make_ticket()
    link(third, gone, by=by)
    kept.refresh_from_db()
    gone.refresh_from_db()
    before = {name: getattr(gone, name) for name in ("status", "waiting_since", "first_response_at", "customer")}
    merge(gone, into=kept, by=by, may_share=True)
    intake.add_customer_message(kept, body="Later", channel="form")

    unmerge(gone, by=by)

    gone.refresh_from_db()
    kept.refresh_from_db()
    assert [one.body for one in gone.messages.all()] == ["Second"]
    assert [one.body for one in kept.messages.all()] == ["First", "To the first", "Later"]
    assert {name: getattr(gone, name) for name in before} == before
    assert gone.merged_into is None
    assert not kept.participants.exists()
    assert not kept.tags.exists()
    assert TicketLink.objects.get().target == gone
    assert gone.messages.get().customer is None
    assert OutboxMessage.objects.filter(ticket=gone).exists()
    assert kinds(gone)[-1] == kinds(kept)[-1] == "unmerged"
    merge(gone, into=kept, by=by, may_share=True)


def test_parting_a_case_in_the_middle_takes_what_was_merged_into_it_along(by):
    one, two, three = make_ticket(body="1"), make_ticket(body="2"), make_ticket(body="3")
    merge(one, into=two, by=by)
    merge(two, into=three, by=by)
    unmerge(two, by=by)
    one.refresh_from_db()
    assert one.merged_into == two
    assert sorted(two.messages.values_list("body", flat=True)) == ["1", "2"]
    unmerge(one, by=by)
    assert [ticket.messages.get().body for ticket in (one, two, three)] == ["1", "2", "3"]


def test_only_a_merged_case_is_parted(by):
    with pytest.raises(TicketError, match="is not merged"):
        unmerge(make_ticket(), by=by)


def test_the_other_order_of_locking_is_the_same(by):
    """Whoever merges 2 into 1 takes hold of them as whoever merges 1 into 2."""
    first, second = make_ticket(), make_ticket()
    merge(second, into=first, by=by)
    assert kept_case(Ticket.objects.get(pk=second.pk)) == first
    assert Message.objects.filter(ticket=first).count() == 2
