"""Steering in the admin: channels and their policy, hours, teams, and the mail that went out and came in."""

from __future__ import annotations

from datetime import time

import pytest
from django.core import mail

from tests.factories import TopicFactory, UserFactory, make_ticket
from tests.people import ada, max_
from tickets.models import (
    Calendar,
    Channel,
    ChannelKind,
    ChannelPolicy,
    Customer,
    InboundMail,
    OutboxMessage,
    Team,
    TopicTeam,
)

pytestmark = pytest.mark.django_db

POLICY = "/admin/tickets/channelpolicy/"
CLOSED = ChannelPolicy.Prominence.CLOSED
LISTED = ChannelPolicy.Prominence.LISTED


@pytest.fixture
def manager(client):
    client.force_login(max_())
    return client


@pytest.fixture
def form():
    return Channel.objects.create(kind=ChannelKind.FORM)


@pytest.fixture
def email():
    return Channel.objects.create(kind=ChannelKind.EMAIL, address="help@example.com")


def _inline(prefix: str, *rows: dict[str, object]) -> dict[str, object]:
    data: dict[str, object] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


# --- Channel policy -----------------------------------------------------------------------------------


def test_a_policy_that_would_trap_people_is_refused_with_the_reason(manager, form):
    page = manager.post(f"{POLICY}add/", {"channel": form.pk, "prominence": "closed", "place": "every_page"})
    assert page.status_code == 200
    assert "That would leave nobody to write to" in page.content.decode()
    assert not ChannelPolicy.objects.exists()


def test_one_may_close_while_the_other_is_open(manager, form, email):
    assert (
        manager.post(f"{POLICY}add/", {"channel": form.pk, "prominence": "closed", "place": "every_page"}).status_code
        == 302
    )
    refused = manager.post(f"{POLICY}add/", {"channel": email.pk, "prominence": "closed", "place": "every_page"})
    assert "That would leave nobody to write to" in refused.content.decode()
    assert ChannelPolicy.objects.count() == 1


def test_a_policy_on_which_a_topic_depends_is_not_removed(manager, form, email):
    topic = TopicFactory(names={"en": "Money trouble"})
    ChannelPolicy.objects.create(channel=email, topic=topic, prominence=CLOSED)
    ChannelPolicy.objects.create(channel=form, prominence=CLOSED)
    lifeline = ChannelPolicy.objects.create(channel=form, topic=topic, prominence=LISTED)
    page = manager.post(f"{POLICY}{lifeline.pk}/delete/", {"post": "yes"}, follow=True)
    assert "Money trouble" in page.content.decode()
    assert ChannelPolicy.objects.filter(pk=lifeline.pk).exists()
    ChannelPolicy.objects.filter(channel=email).delete()
    assert manager.post(f"{POLICY}{lifeline.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not ChannelPolicy.objects.filter(pk=lifeline.pk).exists()


def test_a_policy_stays_with_its_channel_and_topic(manager, form, email):
    topic = TopicFactory()
    policy = ChannelPolicy.objects.create(channel=form, topic=topic, prominence=LISTED)
    changed = {"channel": email.pk, "topic": "", "prominence": "featured", "place": "every_page"}
    manager.post(f"{POLICY}{policy.pk}/change/", changed)
    policy.refresh_from_db()
    assert (policy.channel, policy.topic, policy.prominence) == (form, topic, "featured")


def test_the_policy_list_costs_the_same_for_few_and_many(manager, form, email, django_assert_max_num_queries):
    for _number in range(12):
        ChannelPolicy.objects.create(channel=form, topic=TopicFactory(), prominence=LISTED)
    with django_assert_max_num_queries(14):
        assert manager.get(POLICY).status_code == 200


# --- Channels, hours, teams ---------------------------------------------------------------------------


def test_a_channel_with_what_customers_read_in_each_language(manager):
    data = {"kind": "phone", "address": "+46 8 123 45", "position": 1, "calendar": ""}
    data |= {"promised_seconds": 120, "slots_per_quarter": 2}
    texts = _inline(
        "texts",
        {"language": "en", "detail": "Short queue", "closed_reason": ""},
        {"language": "sv", "detail": "Kort kö", "closed_reason": ""},
    )
    assert manager.post("/admin/tickets/channel/add/", {**data, **texts}).status_code == 302
    channel = Channel.objects.get()
    assert {text.language: text.detail for text in channel.texts.all()} == {"en": "Short queue", "sv": "Kort kö"}
    page = manager.get(f"/admin/tickets/channel/{channel.pk}/change/").content.decode()
    assert "Kort kö" in page


def test_the_channels_that_take_messages_cannot_be_deleted(manager, form, email):
    phone = Channel.objects.create(kind=ChannelKind.PHONE)
    codes = [
        manager.post(f"/admin/tickets/channel/{one.pk}/delete/", {"post": "yes"}).status_code
        for one in (form, email, phone)
    ]
    assert codes == [403, 403, 302]


def test_opening_hours_with_days_that_differ(manager):
    data = {"name": "Phone", "time_zone": "Europe/Oslo"}
    hours = {"day_0": "8-11.30, 12-18", "day_5": "20:00–24:00"}
    days = _inline("exceptions", {"day": "2026-12-24", "opens": "", "closes": "", "names_sv": "Julafton"})
    assert manager.post("/admin/tickets/calendar/add/", {**data, **hours, **days}).status_code == 302
    calendar = Calendar.objects.get()
    assert [(row.weekday, row.opens, row.closes) for row in calendar.hours.all()] == [
        (0, time(8), time(11, 30)),
        (0, time(12), time(18)),
        (5, time(20), time(0)),
    ]
    assert (calendar.exceptions.get().opens, calendar.exceptions.get().names) == (None, {"sv": "Julafton"})


@pytest.mark.parametrize(
    ("fields", "day", "sentence"),
    [
        ({"time_zone": "Europe/Atlantis"}, {}, "There is no such time zone."),
        ({"day_0": "18-8"}, {}, "It has to close after it opens."),
        ({"day_0": "all day"}, {}, "“all day” cannot be read."),
        ({"day_0": "8-25"}, {}, "“8-25” is no time of day."),
        ({"day_0": "8-12, 11-18"}, {}, "The hours of a day follow one another"),
        ({"country": "NO", "subdivision": "Oslo"}, {}, "Write one of: 03, 11"),
        ({"subdivision": "BY"}, {}, "Choose the country first."),
        ({}, {"day": "2026-12-24", "opens": "10:00", "closes": ""}, "Give both times, or none"),
        ({}, {"day": "2026-12-24", "opens": "12:00", "closes": "10:00"}, "It has to close after it opens."),
    ],
)
def test_hours_that_cannot_be_are_refused(manager, fields, day, sentence):
    data = {"name": "Phone", "time_zone": "Europe/Oslo", **fields}
    rows = _inline("exceptions", *([day] if day else []))
    page = manager.post("/admin/tickets/calendar/add/", {**data, **rows})
    assert sentence in page.content.decode()
    assert not Calendar.objects.exists()


def test_a_team_gets_members_and_topics_and_a_topic_has_one_team(manager):
    topic, agent = TopicFactory(), ada()
    data = {"name": "Returns", "key": "returns", "members": [agent.pk]}
    assert (
        manager.post("/admin/tickets/team/add/", {**data, **_inline("topics", {"topic": topic.pk})}).status_code == 302
    )
    assert list(Team.objects.get().members.all()) == [agent]
    assert TopicTeam.objects.get().topic == topic
    other = {"name": "Other", "key": "other", **_inline("topics", {"topic": topic.pk})}
    assert manager.post("/admin/tickets/team/add/", other).status_code == 200
    assert Team.objects.count() == 1


# --- Mail and customers -------------------------------------------------------------------------------


def test_a_failed_message_is_sent_again_and_others_are_not(manager, commit):
    with commit():
        make_ticket()
    row = OutboxMessage.objects.get()
    send = {"action": "send_again", "_selected_action": [str(row.pk)]}
    with commit():
        page = manager.post("/admin/tickets/outboxmessage/", send, follow=True)
    assert "nothing was sent again" in page.content.decode()
    assert len(mail.outbox) == 1
    OutboxMessage.objects.update(status=OutboxMessage.Status.FAILED, last_error="550")
    with commit():
        page = manager.post("/admin/tickets/outboxmessage/", send, follow=True)
    assert "1 message is on its way again." in page.content.decode()
    assert len(mail.outbox) == 2
    assert OutboxMessage.objects.get().status == "sent"


def test_the_outbox_is_read_and_not_written(manager):
    make_ticket()
    row = OutboxMessage.objects.get()
    address = f"/admin/tickets/outboxmessage/{row.pk}/"
    page = manager.get(f"{address}change/").content.decode()
    assert row.recipient in page
    assert manager.post(f"{address}change/", {"recipient": "thief@example.com"}).status_code == 403
    assert manager.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    assert OutboxMessage.objects.get().recipient == row.recipient


def test_raw_mail_is_downloaded_by_managers_only(client):
    raw = b"From: x@example.com\r\n\r\n<script>alert(1)</script>"
    row = InboundMail.objects.create(digest="d", raw=raw, sender="x@example.com", subject="Hi")
    address = f"/admin/tickets/inboundmail/{row.pk}/raw/"
    assert client.get(address).status_code == 302
    client.force_login(ada())
    assert client.get(address).status_code == 403
    client.force_login(max_())
    response = client.get(address)
    assert response.content == raw
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert client.post(address).status_code == 405
    assert client.get("/admin/tickets/inboundmail/999/raw/").status_code == 404
    assert client.get(f"/admin/tickets/inboundmail/{row.pk}/change/").status_code == 200


def test_customers_are_looked_up_and_put_right_but_their_addresses_stay(client):
    make_ticket(email="cleo@example.com", name="Cleo")
    customer = Customer.objects.get()
    address = f"/admin/tickets/customer/{customer.pk}/change/"
    client.force_login(max_())
    assert "cleo@example.com" in client.get("/admin/tickets/customer/?q=cleo@").content.decode()
    assert client.post(address, {"name": "Someone", "language": "en"}).status_code == 403
    client.force_login(UserFactory(email="root@example.com", roles=["administrator"], is_staff=True))
    assert "cleo@example.com" in client.get(address).content.decode()
    fixed = {"name": "Cleo Lind", "language": "sv", "identities-0-value": "thief@example.com"}
    assert client.post(address, {**fixed, **_inline("identities")}).status_code == 302
    customer.refresh_from_db()
    assert (customer.name, customer.language) == ("Cleo Lind", "sv")
    assert customer.identities.get().value == "cleo@example.com"
    assert client.post(f"/admin/tickets/customer/{customer.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", ["ticket", "message", "ticketevent", "attachment"])
def test_cases_are_worked_at_the_desk_only(client, model):
    client.force_login(UserFactory(email="root@example.com", is_staff=True, is_superuser=True))
    assert client.get(f"/admin/tickets/{model}/").status_code == 404
