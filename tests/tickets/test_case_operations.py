"""Splitting, linking, people on copy, tags, properties and fields of cases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from tests import people
from tests.factories import TopicFactory, make_ticket
from tickets.errors import TicketError
from tickets.models import CustomField, Mailbox, MailContent, Tag, Team, Ticket, TicketLink, TopicTeam
from tickets.services import history, intake, lifecycle
from tickets.services.case_history import history_lines
from tickets.services.fields import FieldsError, fields_for, fields_of_topic, set_fields
from tickets.services.linking import follow, link, linked_cases, unlink
from tickets.services.participants import MAX_PARTICIPANTS, add_participant, on_last_mail, people_on, remove_participant
from tickets.services.properties import change_property
from tickets.services.splitting import split
from tickets.services.tagging import MAX_TAGS, add_tags, often_used, remove_tags, split_tags

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return people.ada()


@pytest.fixture
def by(ada):
    return history.agent(ada)


@pytest.fixture
def ticket():
    return make_ticket()


def sentences(ticket: Ticket) -> list[str]:
    return [line.text for line in history_lines(list(ticket.events.select_related("actor")))]


# Splitting


def test_a_message_becomes_a_case_of_its_own(ada, by, ticket):
    lifecycle.assign(ticket, to=ada, by=ada)
    message = intake.add_customer_message(
        ticket, body="Something else", channel="email", attachments=[ContentFile(b"x", name="a.txt")]
    )
    later = intake.add_customer_message(ticket, body="Back to the first", channel="email")
    new = split(message, by=by, subject="  Another  matter ")
    assert (new.subject, new.channel, new.assignee, new.status) == ("Another matter", "email", ada, "open")
    assert new.waiting_since == message.created_at
    assert new.customer == ticket.customer
    assert new.reference
    assert [one.body for one in new.messages.all()] == ["Something else"]
    assert new.messages.get().attachments.count() == 1
    assert ticket.messages.last() == later
    assert TicketLink.objects.get(source=new, target=ticket).kind == "split"
    assert f"Ada Ek split this case off from {ticket.reference}" in sentences(new)
    assert f"Ada Ek made a case of its own of 1 message: {new.reference}" in sentences(ticket)


def test_a_message_goes_with_all_that_follows(ada, by, ticket):
    message = intake.add_customer_message(ticket, body="Something else", channel="email")
    lifecycle.add_note(ticket, agent=ada, body="A note")
    reply = lifecycle.send_reply(ticket, agent=ada, body="An answer")
    new = split(message, by=by, with_following=True)
    assert [one.body for one in new.messages.all()] == ["Something else", "A note", "An answer"]
    assert (new.status, new.waiting_since) == ("waiting_customer", None)
    assert new.outbox.filter(message=reply).exists()


def test_somebody_on_copy_gets_the_case_that_begins_with_their_words(by, ticket):
    sam = add_participant(ticket, "sam@example.com", by=by).customer
    message = intake.add_customer_message(ticket, body="Mine is broken", channel="email", customer=sam)
    new = split(message, by=by)
    assert new.customer == sam
    assert new.messages.get().customer is None


def test_what_cannot_be_split_off(ada, by, ticket):
    with pytest.raises(TicketError, match="would be left"):
        split(ticket.messages.get(), by=by)
    with pytest.raises(TicketError, match="begins with what a customer wrote"):
        split(lifecycle.add_note(ticket, agent=ada, body="A note"), by=by)
    assert Ticket.objects.count() == 1


# Links and followers


def test_cases_are_linked_once_and_seen_from_both_sides(by, ticket):
    other = make_ticket(subject="Other")
    made = link(other, ticket, TicketLink.Kind.FOLLOW_UP, by=by)
    assert link(ticket, other, by=by) == made
    seen = [linked_cases(one, Ticket.objects.all()) for one in (ticket, other)]
    assert [[(row.ticket, row.words) for row in rows] for rows in seen] == [
        [(other, "Came after this one was closed")],
        [(ticket, "Comes after a closed case")],
    ]
    assert linked_cases(ticket, Ticket.objects.none()) == []
    assert unlink(ticket, other, by=by)
    assert not unlink(ticket, other, by=by)
    assert sentences(other)[-1] == f"Ada Ek removed the link with {ticket.reference}"
    with pytest.raises(TicketError):
        link(ticket, ticket, by=by)


def test_only_agents_follow(ada, ticket):
    follow(ticket, ada)
    assert ada.followed_tickets.get() == ticket
    with pytest.raises(TicketError):
        follow(ticket, people.sam())


# People


def test_people_on_copy(by, ticket):
    added = add_participant(ticket, " SAM@example.com ", "Sam Strand", by=by)
    assert add_participant(ticket, "sam@example.com", by=by) == added
    assert [str(one) for one in people_on(ticket)] == ["Cleo Lind", "Sam Strand"]
    assert sentences(ticket)[-1] == "Ada Ek put Sam Strand (sam@example.com) on copy"
    assert remove_participant(ticket, added.customer, by=by)
    assert not remove_participant(ticket, added.customer, by=by)
    assert sentences(ticket)[-1] == "Ada Ek took Sam Strand (sam@example.com) off the copies"


@pytest.mark.parametrize(
    "address", ["cleo@example.com", "box@example.com", "nonsense", "", "a@b", "x\x00@example.com "]
)
def test_who_is_not_put_on_copy(by, ticket, address):
    Mailbox.objects.create(address="Box@example.com")
    if address.startswith("x"):
        # The NUL is not part of what somebody meant to write.
        assert add_participant(ticket, address, by=by).customer.email == "x@example.com"
        return
    with pytest.raises(TicketError):
        add_participant(ticket, address, by=by)
    assert not ticket.participants.exists()


def test_not_half_the_town_is_put_on_copy(by, ticket):
    for number in range(MAX_PARTICIPANTS):
        add_participant(ticket, f"p{number}@example.com", by=by)
    with pytest.raises(TicketError, match="at most"):
        add_participant(ticket, "one-more@example.com", by=by)


def test_whom_the_last_mail_was_sent_to_is_offered(by, ticket):
    Mailbox.objects.create(address="help@example.com")
    message = intake.add_customer_message(ticket, body="With my boss", channel="email")
    MailContent.objects.create(
        message=message,
        sender="cleo@example.com",
        to=["help+c1-aaaa@example.com", "Kim Berg <kim@example.com>"],
        cc=["boss@example.com", "cleo@example.com", "sam@example.com"],
    )
    add_participant(ticket, "sam@example.com", by=by)
    assert [(one.address, one.name) for one in on_last_mail(ticket)] == [
        ("kim@example.com", "Kim Berg"),
        ("boss@example.com", ""),
    ]


# Tags


def test_tags_are_written_in_one_way(by, ticket):
    assert add_tags(ticket, split_tags("#Late, late;  Blå   Jacka,,"), by=by)
    assert set(ticket.tags.values_list("name", flat=True)) == {"late", "blå jacka"}
    assert not add_tags(ticket, ["LATE"], by=by)
    assert sentences(ticket)[-1] == "Ada Ek added the tags “late”, “blå jacka”"
    assert remove_tags(ticket, ["Late"], by=by)
    assert not remove_tags(ticket, ["late"], by=by)
    assert sentences(ticket)[-1] == "Ada Ek removed the tag “late”"
    assert Tag.objects.filter(name="late").exists()


def test_too_long_and_too_many_tags(by, ticket):
    with pytest.raises(TicketError, match="too long"):
        add_tags(ticket, ["x" * 51], by=by)
    with pytest.raises(TicketError, match="at most"):
        add_tags(ticket, [f"tag{number}" for number in range(MAX_TAGS + 1)], by=by)
    assert not Tag.objects.exists()


def test_tags_of_the_same_topic_are_offered_first(by):
    topic = TopicFactory()
    one, two, other = make_ticket(topic=topic), make_ticket(topic=topic), make_ticket()
    add_tags(one, ["zebra", "apple"], by=by)
    add_tags(other, ["banana"], by=by)
    assert often_used(two) == ["apple", "zebra", "banana"]
    assert often_used(one) == ["banana"]


# Properties


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("priority", "urgent", "Ada Ek changed the priority from “Normal” to “Urgent”"),
        ("type", "complaint", "Ada Ek changed the type from “Question” to “Complaint”"),
        ("language", "sv", "Ada Ek changed the language from “English” to “Swedish”"),
        ("subject", " A  new subject ", "Ada Ek set the subject to “A new subject”"),
        ("topic", "delivery", "Ada Ek set the topic to “Delivery”"),
        ("team", "returns", "Ada Ek set the team to “Returns team”"),
        ("mailbox", "box@example.com", "Ada Ek set the mailbox to “box@example.com”"),
    ],
)
def test_a_property_is_changed_once_and_told(by, ticket, name, value, sentence):
    TopicFactory(slug="delivery")
    Team.objects.create(key="returns", name="Returns team")
    Mailbox.objects.create(address="box@example.com")
    before = ticket.updated_at
    assert change_property(ticket, name, value, by=by)
    assert not change_property(ticket, name, value, by=by)
    assert sentences(ticket)[-1] == sentence
    ticket.refresh_from_db()
    assert ticket.updated_at > before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("priority", "nonsense"), ("type", ""), ("language", "xx"), ("topic", "none"), ("team", "\x00"),
        ("mailbox", 5), ("subject", "x" * 201), ("status", "solved"), ("merged_into", 1), ("pk", 1),
    ],
)  # fmt: skip
def test_what_cannot_be_set(by, ticket, name, value):
    with pytest.raises(TicketError):
        change_property(ticket, name, value, by=by)
    assert ticket.events.count() == 1


def test_the_team_follows_the_topic_unless_somebody_chose_it(by, ticket):
    delivery, returns = TopicFactory(slug="delivery"), TopicFactory(slug="returns")
    one, two, own = (Team.objects.create(key=key, name=key) for key in ("one", "two", "own"))
    TopicTeam.objects.create(topic=delivery, team=one)
    TopicTeam.objects.create(topic=returns, team=two)
    change_property(ticket, "topic", delivery, by=by)
    ticket.refresh_from_db()
    assert ticket.team == one
    change_property(ticket, "team", own, by=by)
    change_property(ticket, "topic", "returns", by=by)
    ticket.refresh_from_db()
    assert ticket.team == own


# Fields


@pytest.fixture
def order_number():
    field = CustomField.objects.create(key="order", pattern=r"A\d{4}", is_required=True)
    field.texts.create(language="en", label="Order number")
    field.texts.create(language="sv", label="Ordernummer")
    return field


def test_fields_are_named_in_the_readers_language_and_checked(by, ticket, order_number):
    assert set_fields(ticket, {"order": " A1234 "}, by=by)
    assert not set_fields(ticket, {"order": "A1234"}, by=by)
    ticket.refresh_from_db()
    assert ticket.fields == {"order": "A1234"}
    (field,) = fields_for(ticket)
    assert (field.label, field.shown) == ("Order number", "A1234")
    assert sentences(ticket)[-1] == "Ada Ek set “Order number” to “A1234”"
    for wrong in ("B1", "", None, "x" * 501):
        with pytest.raises(FieldsError, match="Order number"):
            set_fields(ticket, {"order": wrong}, by=by)
    with pytest.raises(FieldsError):
        set_fields(ticket, {"unknown": "x"}, by=by)


@pytest.mark.parametrize(
    ("kind", "good", "kept", "bad"),
    [
        ("number", "1 234,5", 1234.5, "many"),
        ("number", "12", 12, "NaN"),
        ("choice", "red", "red", "blue"),
        ("date", "2026-11-22", "2026-11-22", "22/11"),
        ("flag", "yes", True, "perhaps"),
        ("flag", False, False, "2"),
        ("text", " words\x00 ", "words", "x" * 501),
    ],
)
def test_each_kind_of_field(by, ticket, kind, good, kept, bad):
    CustomField.objects.create(key="f", kind=kind, choices=["red", "green"])
    set_fields(ticket, {"f": good}, by=by)
    ticket.refresh_from_db()
    assert ticket.fields == {"f": kept}
    with pytest.raises(FieldsError):
        set_fields(ticket, {"f": bad}, by=by)
    set_fields(ticket, {"f": ""}, by=by)
    ticket.refresh_from_db()
    assert ticket.fields == {}


def test_a_topics_fields_are_on_its_cases_only(by):
    topic = TopicFactory()
    field = CustomField.objects.create(key="order")
    field.topics.add(topic)
    CustomField.objects.create(key="old", is_active=False)
    assert [one.field for one in fields_for(make_ticket(topic=topic))] == [field]
    assert fields_for(make_ticket()) == []


def test_a_case_has_the_fields_of_the_topics_above_its_own_too_those_first(by):
    top = TopicFactory()
    middle = TopicFactory(parent=top)
    own = TopicFactory(parent=middle)
    for key, topics in (
        ("b", [own, TopicFactory()]),
        ("c", [top, own]),
        ("a", [middle]),
        ("d", []),
        ("e", [TopicFactory(parent=top)]),
    ):
        CustomField.objects.create(key=key).topics.set(topics)
    ticket = make_ticket(topic=own)
    assert [one.field.key for one in fields_for(ticket)] == ["d", "c", "a", "b"]
    assert set_fields(ticket, {"c": "from above"}, by=by)
    assert [one.key for one in fields_of_topic(top)] == ["d", "c"]
    assert [one.key for one in fields_of_topic(None)] == ["d"]


def test_nothing_is_taken_where_one_field_is_wrong(by, ticket):
    CustomField.objects.create(key="a")
    CustomField.objects.create(key="b", kind="number")
    with pytest.raises(FieldsError) as error:
        set_fields(ticket, {"a": "fine", "b": "wrong"}, by=by)
    assert set(error.value.by_key) == {"b"}
    ticket.refresh_from_db()
    assert ticket.fields == {}


# History


def test_every_kind_of_event_reads_as_a_sentence_whatever_it_holds(ada, ticket):
    from tickets.models import TicketEvent
    from tickets.services.case_sentences import SENTENCES

    assert set(SENTENCES) == set(TicketEvent.Kind)
    for kind in TicketEvent.Kind:
        for data in ({}, {"what": "new thing", "was": None, "now": 5, "who": "x", "case": "SV-1", "added": ["a"]}):
            ticket.events.create(kind=kind, actor_kind="agent", actor=ada, data=data, created_at=timezone.now())
    told = sentences(ticket)
    assert all(text and "{" not in text and "%(" not in text for text in told)


def test_history_costs_the_same_however_long(ada, by, ticket, django_assert_num_queries):
    for number in range(5):
        TopicFactory(slug=f"t{number}")
        change_property(ticket, "topic", f"t{number}", by=by)
    events = list(ticket.events.select_related("actor"))
    with django_assert_num_queries(2):
        history_lines(events)
    assert timezone.now() - events[-1].created_at < timedelta(minutes=5)
