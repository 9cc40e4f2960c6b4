"""Being called back, from the customer's side: booking, seeing, changing, cancelling; and everybody else kept out."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.core import mail, signing
from django.utils import timezone, translation

from tests import people
from tests.factories import TopicFactory, make_ticket
from tests.tickets.calling import NUMBER, QUARTER_PAST_TEN, booked, form, hours
from tickets.models import Callback, Channel, ChannelKind, ChannelPolicy, Identity, Ticket
from tickets.services import callbacks, history, lifecycle
from tickets.services.callback_links import callback_key, callback_path
from tickets.services.callback_slots import calling_hours, free_days, slot_value
from tickets.services.form_guard import stamp
from tickets.services.links import revoke

pytestmark = pytest.mark.django_db
URL = "/en/call-back/"


@pytest.fixture
def open_hours():
    """Around the clock, every day: these tests live in the present."""
    return hours(("00:00", "23:59"), days=range(7))


def free():
    return free_days(calling_hours(), timezone.now())[1].slots[5]


def send(client, **fields: object):
    return client.post(URL, form(**fields))


def sent(client, **fields: object) -> Callback:
    response = send(client, **fields)
    assert response.status_code == 302, response.content.decode()
    return Callback.objects.latest("booked_at")


def page(client, callback: Callback, key: str = "", status: int = 200) -> str:
    response = client.get(f"{URL}{callback.pk}/", {"key": key or callback_key(callback)})
    assert response.status_code == status
    return response.content.decode()


# Booking


@pytest.mark.parametrize("language", ["en", "sv", "nb", "da"])
def test_the_page_is_whole_in_every_language(client, open_hours, language):
    html = client.get(f"/{language}/call-back/").content.decode()
    assert html.count("<h1") == 1
    assert "data-escape-hatches" in html
    assert 'value="soon" checked' in html
    assert html.count('name="slot"') > 100


def test_a_number_is_all_that_is_needed(client, open_hours):
    callback = sent(client, message="")
    ticket = callback.ticket
    assert (callback.number, callback.slot_at, callback.language) == (NUMBER, None, "en")
    assert (ticket.channel, ticket.messages.get().body) == ("callback", "Please call me.")
    assert (ticket.customer.identities.get().value, ticket.customer.email) == (NUMBER, "")
    assert [event.kind for event in ticket.events.all()] == ["received", "callback_booked"]


def test_a_quarter_is_booked_with_all_that_was_written(client, open_hours, commit):
    topic, slot = TopicFactory(), free()
    with commit():
        callback = sent(
            client, slot=slot, name="Cleo Lind", email="Cleo@example.com", message="It is broken.", topic=topic.slug
        )
    assert (callback.slot_at, callback.slot_place, callback.due_at, callback.name) == (slot, 0, slot, "Cleo Lind")
    ticket = callback.ticket
    assert (ticket.topic, ticket.messages.get().body, ticket.customer.email) == (
        topic, "It is broken.", "cleo@example.com",
    )  # fmt: skip
    # Anybody can write anybody's number beside their own address: letters to come must not follow it.
    assert list(ticket.customer.identities.values_list("kind", flat=True)) == ["email"]
    (letter,) = mail.outbox
    assert letter.to == ["cleo@example.com"]
    assert "/en/call-back/" in letter.body
    assert NUMBER not in letter.body


def test_the_visit_belongs_to_the_case(client, open_hours):
    assert sent(client).ticket.origin == client.cookies["svar_journey"].value


def test_the_confirmation_tells_when_and_on_which_number(client, open_hours):
    slot = free()
    response = client.post(URL, form(slot=slot), follow=True)
    html = response.content.decode()
    local = slot.astimezone(calling_hours().zone)
    assert f"{local:%H:%M}" in html
    assert "+46 70 174 06 05" in html
    assert f"/en/cases/{Ticket.objects.get().reference}/?key=" in html
    assert "data-callback-booked" in html


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"phone": ""}, "Write the phone number"),
        ({"phone": "070"}, "not a whole phone number"),
        ({"phone": "+46 900 123 45 67"}, "cannot call that kind"),
        ({"email": "cleo"}, "whole e-mail address"),
        ({"slot": "tomorrow"}, "Choose one of the times"),
        ({"slot": QUARTER_PAST_TEN - timedelta(days=900)}, "That time has just been taken"),
        ({"message": "x" * 20_001}, "the limit is 20000"),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_lost(client, open_hours, fields, said):
    response = send(client, **({"message": "KEPT-WORDS", "name": "KEPT-NAME"} | fields))
    html = response.content.decode()
    assert response.status_code == 422
    assert said in html
    assert "KEPT-NAME" in html
    assert "message" in fields or "KEPT-WORDS" in html
    assert not Ticket.objects.exists()


def test_whoever_comes_too_late_is_told_what_is_free_and_loses_nothing(client):
    hours(("00:00", "23:59"), days=range(7), places=1)
    slot = free()
    sent(client, slot=slot)
    html = send(client, slot=slot, phone="+46 70 174 06 06", message="KEPT-WORDS").content.decode()
    assert "The next free ones" in html
    assert "KEPT-WORDS" in html
    assert slot_value(slot) not in html
    assert slot_value(slot + timedelta(minutes=15)) in html
    assert Ticket.objects.count() == 1


def test_a_form_sent_twice_is_one_call_back_and_the_later_time_counts(client, open_hours):
    slot = free()
    first = sent(client, key="same", slot=slot)
    assert sent(client, key="same", slot=slot) == first
    later = sent(client, key="same", slot=slot + timedelta(minutes=15))
    assert (Callback.objects.get(), Ticket.objects.count()) == (later, 1)
    assert later.slot_at == slot + timedelta(minutes=15)


@pytest.mark.parametrize("other", [{"phone": "+46 70 174 06 06"}, {"email": "sam@example.com"}])
def test_a_form_that_the_next_person_fills_in_again_is_a_wish_of_their_own(client, open_hours, other):
    """A page that a browser brings back still has its hidden fields."""
    first = sent(client, key="same", message="KEPT-SECRET", email="cleo@example.com")
    second = sent(client, **({"key": "same", "email": "cleo@example.com", "message": "Mine"} | other))
    first.refresh_from_db()
    assert (first.is_booked, first.number, first.version) == (True, NUMBER, 1)
    assert [one.body for one in second.ticket.messages.all()] == ["Mine"]
    assert "KEPT-SECRET" not in page(client, second)


def test_as_soon_as_someone_is_free_is_taken_however_many_wait_for_one_number(client, open_hours):
    for _ in range(callbacks.MOST_FOR_A_NUMBER):
        sent(client)
    one_more = sent(client, message="KEPT-WORDS", email="cleo@example.com")
    assert one_more.ticket.messages.get().body == "KEPT-WORDS"
    assert Callback.objects.promised().count() == callbacks.MOST_FOR_A_NUMBER
    assert not one_more.ticket.outbox.exists()
    lifecycle.clear_of_spam(one_more.ticket, agent=people.ada())
    assert one_more in Callback.objects.promised()


def test_a_time_is_not_sold_to_one_number_again_and_again(client, open_hours):
    for _ in range(callbacks.MOST_FOR_A_NUMBER):
        sent(client)
    response = send(client, slot=free(), message="KEPT-WORDS")
    assert response.status_code == 422
    assert "Choose “As soon as someone is free”" in response.content.decode()
    assert "KEPT-WORDS" in response.content.decode()


@pytest.mark.parametrize("slot", ["0001-01-01T00:00+23:00", "2020-01-01T10:00Z", "9999-12-31T23:59-23:00"])
def test_robots_book_no_time_that_there_is_not(client, open_hours, slot):
    assert send(client, slot=slot, website="x").status_code == 422
    assert not Callback.objects.exists()


def test_a_robot_is_told_like_everybody_that_a_time_is_gone(client):
    hours(("00:00", "23:59"), days=range(7), places=1)
    slot = free()
    sent(client, slot=slot)
    assert send(client, slot=slot, phone="+46 70 174 06 06", website="x").status_code == 422


def test_what_looks_like_spam_waits_for_a_person_and_takes_no_ones_time(client, open_hours):
    slot = free()
    callback = sent(client, slot=slot, website="http://spam.example", stamp=stamp(), email="cleo@example.com")
    assert callback.ticket.is_suspected_spam
    assert (callback.slot_at, callback.slot_place) == (slot, None)
    assert not Callback.objects.promised().exists()
    assert not callback.ticket.outbox.exists()
    lifecycle.clear_of_spam(callback.ticket, agent=people.ada())
    assert Callback.objects.promised().get() == callback
    assert Callback.objects.get().slot_place == 0


def test_markup_and_control_characters_are_only_text(client, open_hours):
    callback = sent(client, message="<script>alert(1)</script>\x00", name="<b>Cleo</b>")
    html = page(client, callback)
    assert "<b>Cleo</b>" not in html
    assert "&lt;b&gt;Cleo&lt;/b&gt;" in html


def test_a_customer_who_has_logged_in_need_not_write_it_again(client, open_hours):
    ticket = make_ticket()
    Identity.objects.create(customer=ticket.customer, kind="phone", value=NUMBER)
    client.force_login(people.cleo())
    html = client.get("/sv/call-back/").content.decode()
    for known in ("070-174 06 05", "Cleo Lind", "cleo@example.com"):
        assert f'value="{known}"' in html
    client.force_login(people.sam())
    assert "070-174" not in client.get("/sv/call-back/").content.decode()


def test_a_channel_that_managers_have_closed_takes_nothing_and_shows_the_way(client, open_hours):
    channel = Channel.objects.get(kind=ChannelKind.CALLBACK)
    ChannelPolicy.objects.create(channel=channel, prominence="closed")
    response = client.post(URL, form(message="KEPT-WORDS"))
    assert response.status_code == 422
    assert "KEPT-WORDS" in response.content.decode()
    assert 'data-channel="form"' in response.content.decode()
    assert client.get(URL).status_code == 200
    assert not Ticket.objects.exists()


def test_a_topic_that_is_not_called_about_says_so(client, open_hours):
    topic = TopicFactory()
    channel = Channel.objects.get(kind=ChannelKind.CALLBACK)
    ChannelPolicy.objects.create(channel=channel, topic=topic, prominence="closed")
    response = send(client, topic=topic.slug, message="KEPT-WORDS")
    assert response.status_code == 422
    assert "We do not call back about that" in response.content.decode()
    assert "KEPT-WORDS" in response.content.decode()
    assert sent(client, topic="no-such-topic").ticket.topic is None


def test_robots_are_slowed_down(client, open_hours, settings):
    settings.RATELIMIT_ENABLE = True
    codes = [send(client, phone="x").status_code for _ in range(31)]
    assert (codes[29], codes[30]) == (422, 429)


# The page of a call-back


def test_another_time_ends_the_links_from_before(client, open_hours):
    slot = free()
    callback = sent(client, slot=slot)
    old = callback_key(callback)
    response = client.post(
        f"{URL}{callback.pk}/move/", {"key": old, "phone": NUMBER, "slot": slot_value(slot + timedelta(minutes=30))}
    )
    assert response.status_code == 302
    moved = Callback.objects.get()
    assert (moved.slot_at, moved.version) == (slot + timedelta(minutes=30), 2)
    ended = page(client, callback, key=old, status=404)
    assert "This link has ended" in ended
    assert "174" not in ended
    assert "174" in client.get(response["Location"]).content.decode()
    for action in ("move", "cancel"):
        assert client.post(f"{URL}{callback.pk}/{action}/", {"key": old, "phone": NUMBER}).status_code == 404
    assert Callback.objects.get().is_booked


def test_the_number_is_put_right_and_the_time_is_kept(client, open_hours):
    slot = free()
    callback = sent(client, slot=slot)
    data = {"key": callback_key(callback), "phone": "+46 70 174 06 06", "slot": slot_value(slot)}
    client.post(f"{URL}{callback.pk}/move/", data)
    now = Callback.objects.get()
    assert (now.number, now.slot_at, now.slot_place) == ("+46701740606", slot, 0)
    assert client.post(f"{URL}{callback.pk}/move/", data | {"key": callback_key(now), "phone": "1"}).status_code == 422


def test_a_time_that_nobody_else_could_book_is_kept_when_the_number_is_put_right(client):
    """The last quarter of the only day, minutes before it begins: no day is left to choose from."""
    hours(("00:00", "23:59"), days=range(7), places=1)
    callback = sent(client, slot=free())
    Callback.objects.update(slot_at=timezone.now() + timedelta(minutes=4), due_at=timezone.now() + timedelta(minutes=4))
    Channel.objects.update(slots_per_quarter=0)
    html = page(client, callback)
    (chosen,) = re.findall(r'name="slot" value="([^"]+)" checked', html)
    assert chosen == slot_value(Callback.objects.get().slot_at)


def test_saving_without_a_change_changes_nothing(client, open_hours):
    callback = sent(client)
    client.post(f"{URL}{callback.pk}/move/", {"key": callback_key(callback), "phone": NUMBER, "slot": "soon"})
    assert Callback.objects.get().version == 1


def test_a_time_that_is_gone_when_moving(client):
    hours(("00:00", "23:59"), days=range(7), places=1)
    slot = free()
    sent(client, slot=slot, phone="+46 70 174 06 06")
    callback = sent(client, slot=slot + timedelta(minutes=15))
    data = {"key": callback_key(callback), "phone": NUMBER, "slot": slot_value(slot)}
    response = client.post(f"{URL}{callback.pk}/move/", data)
    assert response.status_code == 422
    assert "The next free ones" in response.content.decode()
    callback.refresh_from_db()
    assert (callback.slot_at, callback.version) == (slot + timedelta(minutes=15), 1)


def test_cancelled_and_cancelled_again(client, open_hours, commit):
    with commit():
        callback = sent(client, email="cleo@example.com")
    data = {"key": callback_key(callback)}
    for _ in range(2):
        with commit():
            assert client.post(f"{URL}{callback.pk}/cancel/", data).status_code == 302
    assert "The call-back is cancelled" in page(client, callback)
    assert len(mail.outbox) == 2
    assert callback.ticket.events.filter(kind="callback_cancelled").count() == 1
    assert not Ticket.objects.get().is_settled
    moving = client.post(f"{URL}{callback.pk}/move/", data | {"phone": NUMBER, "slot": "soon"})
    assert moving.status_code == 422
    assert "This call-back is over" in moving.content.decode()


def test_what_is_done_cannot_be_cancelled(client, open_hours):
    callback = sent(client)
    Callback.objects.update(state="done")
    html = client.post(f"{URL}{callback.pk}/cancel/", {"key": callback_key(callback)}, follow=True).content.decode()
    assert "nothing to cancel" in html
    assert Callback.objects.get().state == "done"


def test_nobody_else_gets_in(client, open_hours):
    callback, other = sent(client), sent(client, phone="+46 70 174 06 06")
    keys = ["", "x", callback_key(other), f"{callback.pk}:1", signing.TimestampSigner().sign(f"{callback.pk}:1")]
    client.force_login(people.sam())
    for key in keys:
        response = client.get(f"{URL}{callback.pk}/", {"key": key})
        assert response.status_code == 404
        assert "174" not in response.content.decode()
        for action in ("move", "cancel"):
            response = client.post(f"{URL}{callback.pk}/{action}/", {"key": key, "phone": NUMBER, "slot": "soon"})
            assert response.status_code == 404
    callback.refresh_from_db()
    assert (callback.is_booked, callback.version) == (True, 1)


def test_revoking_the_links_of_the_case_ends_this_one_too(client, open_hours):
    """Its page leads to the case, with a key."""
    callback = sent(client)
    key = callback_key(callback)
    revoke(callback.ticket, by=history.agent(people.ada()))
    assert "/en/cases/SV" not in page(client, callback, key=key, status=404)
    assert client.post(f"{URL}{callback.pk}/cancel/", {"key": key}).status_code == 404


def test_a_key_grows_old(client, open_hours, settings):
    callback = sent(client)
    settings.CASE_LINK_DAYS = 0
    assert "174" not in page(client, callback, key=callback_key(callback), status=404)


def test_wrong_methods_and_numbers(client, open_hours):
    callback = sent(client)
    data = {"key": callback_key(callback)}
    assert client.get(f"{URL}{callback.pk}/cancel/", data).status_code == 405
    assert client.post(f"{URL}{callback.pk}/", data).status_code == 405
    assert client.get(f"{URL}0b5e1c0e-7f8e-4d5c-9b1b-0d8f6f6f6f6f/", data).status_code == 404
    assert client.put(URL).status_code == 405


def test_the_page_speaks_the_readers_language(client, open_hours):
    callback = sent(client)
    html = client.get(callback_path(callback, "sv")).content.decode()
    assert 'lang="sv"' in html
    with translation.override("sv"):
        assert translation.gettext("Your call-back") in html
    # The switch of languages leads to the same page, with its key.
    assert client.get(callback_path(callback, "da")).status_code == 200
    assert f"next=/da/call-back/{callback.pk}/" in unquote(html)


# The case


def test_who_closes_the_case_is_not_called(client, open_hours):
    callback = sent(client)
    lifecycle.close_by_customer(callback.ticket)
    callback.refresh_from_db()
    assert callback.state == "cancelled"


def test_the_case_tells_when_we_call_without_the_number(client):
    hours()
    callback = booked(now=timezone.now(), number=NUMBER)
    path = client.get(callback_path(callback)).content.decode()
    case = re.search(r'href="(/en/cases/[^"]+)"', path)[1]
    html = client.get(case).content.decode()
    assert "We call you" in html
    assert "ends in 05" in html
    assert "174" not in html
    callbacks.cancel(callback, by=history.CUSTOMER)
    assert "The call-back was cancelled" in client.get(case).content.decode()
