"""Calling back: who takes it, each call with its outcome, what follows from it, and what the desk shows."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests import people
from tests.tickets.calling import MONDAY, NIGHT, QUARTER_PAST_TEN, at, booked, hours
from tickets.errors import TicketError
from tickets.models import Callback, CallbackTry, Ticket
from tickets.services import callback_calls, callbacks, history, lifecycle
from tickets.services.callback_links import callback_key
from tickets.services.case_history import history_lines
from tickets.services.merging import merge
from tickets.tasks import note_late_callbacks

pytestmark = pytest.mark.django_db


def called(callback, agent, outcome="no_answer", **more):
    return callback_calls.log_try(callback, agent=agent, outcome=outcome, **more)


def desk(client, name="callbacks", *args, **query):
    response = client.get(reverse(f"desk:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def shown_numbers(html: str) -> list[str]:
    return re.findall(r'href="tel:([^"]+)"', html)


# What follows from a call


def test_nobody_answers_so_it_is_due_again_within_the_hours(ada):
    hours()
    callback = booked(slot=QUARTER_PAST_TEN)
    callback = called(callback, ada, at=at("2026-11-24 10:16"))
    assert (callback.due_at, callback.tries, callback.state) == (at("2026-11-24 10:46"), 1, "booked")
    callback = called(callback, ada, at=at("2026-11-24 11:50"))
    assert callback.due_at == at("2026-11-24 14:50")
    assert callback.promised_at == QUARTER_PAST_TEN


def test_the_next_try_is_never_at_night_or_over_lunch(ada):
    hours()
    callback = called(booked(), ada, at=at("2026-11-23 11:45"))
    assert callback.due_at == at("2026-11-23 13:00")
    callback = called(booked(number="+46701740606"), ada, at=at("2026-11-23 16:45"))
    assert callback.due_at == at("2026-11-24 08:00")


def test_a_busy_line_is_tried_soon(ada):
    hours()
    assert called(booked(), ada, "busy", at=MONDAY).due_at == MONDAY + timedelta(minutes=15)


def test_a_form_that_is_sent_twice_is_one_call(ada):
    hours()
    callback = booked()
    for _click in range(2):
        again = called(callback, ada, at=MONDAY)
    assert (again.tries, CallbackTry.objects.count()) == (1, 1)
    called(callback, ada, note="Another note is another call.", at=MONDAY)
    assert CallbackTry.objects.count() == 2


def test_after_the_last_try_the_customer_chooses_another_time(ada, commit, client):
    hours(("00:00", "23:59"), days=range(7))
    callback = booked(now=timezone.now())
    for number in range(callback_calls.MOST_TRIES):
        with commit():
            callback = called(callback, ada, at=timezone.now() + timedelta(minutes=number))
    assert callback.state == "unreached"
    letter = mail.outbox[-1]
    assert "could not reach you" in letter.body
    assert not callback.ticket.is_settled
    link = re.search(r"http://testserver(/en/call-back/\S+)", letter.body)[1]
    html = client.get(link).content.decode()
    assert "Choose another time" in html
    assert 'class="call-change" open' in html
    moved = callbacks.move(callback, slot=None, by=history.CUSTOMER)
    assert (moved.state, moved.tries, moved.version) == ("booked", 0, 2)
    assert Callback.objects.promised().get() == moved


def test_a_wrong_number_is_not_called_again(ada, commit):
    hours()
    with commit():
        callback = called(booked(), ada, "wrong", at=MONDAY)
    assert callback.state == "unreached"
    assert "could not reach you" in mail.outbox[-1].body


def test_whoever_gave_no_address_gets_no_letter_and_the_case_stays_open(ada, commit):
    hours()
    with commit():
        callback = called(booked(email=""), ada, "wrong", at=MONDAY)
    assert mail.outbox == []
    assert not callback.ticket.is_settled


def test_reached_is_an_answer(ada):
    hours()
    callback = called(booked(), ada, "reached", note="Sends a new one.", at=MONDAY + timedelta(minutes=3))
    ticket = Ticket.objects.get()
    assert (callback.state, callback.agent) == ("done", ada)
    assert (ticket.status, ticket.assignee) == ("open", ada)
    assert ticket.first_response_at == ticket.waiting_since == MONDAY + timedelta(minutes=3)
    assert ticket.messages.get(kind="note").body == "Sends a new one."
    assert CallbackTry.objects.get().note == "Sends a new one."
    with pytest.raises(TicketError, match="no call left to make"):
        called(callback, ada, "reached")


def test_an_outcome_that_there_is_not(ada):
    with pytest.raises(TicketError):
        called(booked(), ada, "shouted")
    assert not CallbackTry.objects.exists()


def test_a_case_that_went_on_in_another_is_called_about_there(ada):
    hours()
    callback, other = booked(), booked(number="+46701740606", email="bo@example.com").ticket
    merge(callback.ticket, into=other, by=history.agent(ada), may_share=True)
    called(callback, ada, "reached", note="Said so.")
    other.refresh_from_db()
    assert other.first_response_at
    assert other.messages.filter(kind="note", body="Said so.").exists()


# Taking


def test_one_of_two_takes_it(ada):
    callback, other = booked(), people.max_()
    other.groups.set(ada.groups.all())
    callback_calls.take(callback, agent=ada)
    ticket = Ticket.objects.get()
    assert ticket.assignee == ada
    with pytest.raises(TicketError, match="Ada Ek has taken it"):
        callback_calls.take(callback, agent=other)
    callback_calls.take(callback, agent=other, is_over=True)
    assert Callback.objects.get().agent == other


# Late


def test_what_is_late_is_noted_once_for_each_promise():
    hours()
    callback = booked(slot=QUARTER_PAST_TEN)
    assert callback_calls.note_late(at=QUARTER_PAST_TEN + timedelta(minutes=14)) == 0
    assert callback_calls.note_late(at=QUARTER_PAST_TEN + timedelta(minutes=15)) == 1
    assert callback_calls.note_late(at=QUARTER_PAST_TEN + timedelta(minutes=30)) == 0
    called(callback, people.ada(), at=QUARTER_PAST_TEN + timedelta(minutes=31))
    assert callback_calls.note_late(at=QUARTER_PAST_TEN + timedelta(hours=2)) == 1
    assert callback.ticket.events.filter(kind="callback_late").count() == 2


def test_the_worker_notes_it():
    booked(now=timezone.now() - timedelta(hours=1))
    assert note_late_callbacks() == 1
    assert note_late_callbacks() == 0


# What people read of it


def test_the_history_tells_it_in_sentences(ada):
    hours()
    callback = booked(slot=QUARTER_PAST_TEN)
    callbacks.move(callback, slot=None, by=history.CUSTOMER, at=NIGHT)
    callback = called(callback, ada, at=at("2026-11-24 08:05"))
    callback_calls.note_late(at=at("2026-11-24 09:00"))
    called(callback, ada, "wrong", at=at("2026-11-24 09:05"))
    callbacks.cancel(callback, by=history.agent(ada))
    told = [line.text for line in history_lines(list(callback.ticket.events.all()))]
    for sentence in (
        "The customer asked to be called Tuesday 24 November at 10:15",
        "The customer changed the call-back: as soon as someone is free after Tuesday 24 November at 08:00",
        "Ada Ek called: no answer; next try Tuesday 24 November at 08:35",
        "The call-back promised for Tuesday 24 November at 08:35 is late",
        "Ada Ek called: wrong number; the customer is asked for another time",
        "Ada Ek cancelled the call-back",
    ):
        assert sentence in told


def test_waits_are_read_from_the_first_calls(ada):
    hours()
    first = booked(slot=QUARTER_PAST_TEN)
    called(first, ada, at=QUARTER_PAST_TEN + timedelta(minutes=2))
    called(first, ada, "reached", at=QUARTER_PAST_TEN + timedelta(minutes=40))
    booked(number="+46701740606")
    (row,) = Callback.objects.first_calls(MONDAY - timedelta(days=1))
    assert (row.promised_at, row.first_tried_at) == (QUARTER_PAST_TEN, QUARTER_PAST_TEN + timedelta(minutes=2))


# At the desk


def test_the_list_has_the_late_ones_on_top_and_what_is_next(client, ada):
    now = timezone.now()
    later = booked(now=now - timedelta(minutes=5), number="+46701740606")
    Callback.objects.filter(pk=later.pk).update(due_at=now + timedelta(hours=2))
    booked(now=now - timedelta(minutes=1), number="+46701740607")
    booked(now=now - timedelta(minutes=40))
    html = desk(client)
    assert shown_numbers(html) == ["+46701740605", "+46701740607", "+46701740606"]
    assert "40 min late" in html
    assert 'data-count="callbacks">2<' in html


def test_a_row_tells_what_is_needed(client, ada):
    callback = booked(now=timezone.now(), name="Cleo Lind", body="It does not start.")
    Ticket.objects.update(journey_summary=[{"kind": "searched", "text": "no power", "results": 0}])
    called(callback, ada, note="Back after lunch")
    html = desk(client)
    for told in (
        "Cleo Lind",
        "It does not start.",
        "+46 70 174 06 05",
        "no power",
        "found nothing",
        "Back after lunch",
    ):
        assert told in html
    assert "No answer" in html


def test_taking_noting_and_solving_lead_on(client, ada):
    callback = booked(now=timezone.now())
    assert client.post(reverse("desk:take_callback", args=[callback.pk])).url == reverse("desk:callbacks")
    url = reverse("desk:log_callback", args=[callback.pk])
    refused = client.post(url, {"note": "KEPT"})
    assert refused.status_code == 422
    assert "KEPT" in refused.content.decode()
    assert client.post(url, {"outcome": "no_answer"}).url == reverse("desk:callbacks")
    done = client.post(url, {"outcome": "reached", "note": "All well"})
    assert done.url == f"/desk/{callback.ticket.reference}/#then"
    assert "All well" in desk(client, shelf="over")
    again = client.post(url, {"outcome": "reached"}, follow=True).content.decode()
    assert "no call left to make" in again


def test_the_page_of_the_case_has_the_number_and_the_time(client, ada):
    callback = booked(now=timezone.now(), name="Cleo Lind")
    called(callback, ada, "busy")
    html = desk(client, "case", callback.ticket.reference)
    assert shown_numbers(html) == ["+46701740605"]
    assert "1 call in vain" in html
    assert f"/desk/callbacks/#call-{callback.pk}" in html


def test_managers_look_call_backs_up_in_the_admin_and_change_nothing(client, ada):
    callback = called(booked(now=timezone.now(), name="Cleo Lind"), ada, note="<b>Later</b>")
    page = reverse("admin:tickets_callback_change", args=[callback.pk])
    assert client.get(page).status_code == 403
    client.force_login(people.max_())
    assert "Cleo Lind" in client.get(reverse("admin:tickets_callback_changelist"), {"q": "701740605"}).content.decode()
    html = client.get(page).content.decode()
    assert "&lt;b&gt;Later&lt;/b&gt;" in html
    assert client.post(page, {"name": "X"}).status_code == 403
    assert client.get(reverse("admin:tickets_callback_add")).status_code == 403


def test_an_agent_calls_it_off(client, ada):
    callback = booked(now=timezone.now())
    for _ in range(2):
        client.post(reverse("desk:cancel_callback", args=[callback.pk]))
    assert Callback.objects.get().state == "cancelled"
    assert client.get(f"/en/call-back/{callback.pk}/", {"key": callback_key(callback)}).status_code == 200


def test_a_word_before_it_is_time_and_not_to_whom_it_does_not_concern(client, ada):
    now = timezone.now()
    mine, others, far = (booked(now=now, number=f"+4670174060{digit}") for digit in (5, 6, 7))
    Callback.objects.filter(pk=mine.pk).update(due_at=now + timedelta(minutes=4), agent=ada)
    Callback.objects.filter(pk=others.pk).update(agent=people.max_())
    Callback.objects.filter(pk=far.pk).update(due_at=now + timedelta(minutes=9))
    assert shown_numbers(desk(client, "callbacks_soon")) == ["+46701740605"]
    # Whoever has taken it may be away.
    Callback.objects.filter(pk=others.pk).update(due_at=now - timedelta(minutes=16))
    assert shown_numbers(desk(client, "callbacks_soon")) == ["+46701740606", "+46701740605"]
    Callback.objects.update(state="done")
    assert desk(client, "callbacks_soon").strip() == ""


def test_what_looks_like_spam_is_not_called(client, ada):
    callback = booked(now=timezone.now())
    Ticket.objects.update(is_suspected_spam=True)
    assert shown_numbers(desk(client)) == []
    lifecycle.clear_of_spam(callback.ticket, agent=ada)
    assert shown_numbers(desk(client)) == ["+46701740605"]


def test_the_list_costs_as_much_for_many(client, ada):
    counts = []
    for number in range(2):
        for digit in range(1 + 4 * number):
            callback = booked(
                now=timezone.now(), number=f"+4670174{number}{digit}05", email=f"c{number}{digit}@example.com"
            )
            called(callback, ada, note="Later")
        with CaptureQueriesContext(connection) as queries:
            desk(client)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["callbacks", "callbacks_soon", "take_callback", "log_callback", "cancel_callback"])
def test_who_does_not_work_with_cases_stays_outside(client, name):
    callback = booked(now=timezone.now())
    args = [] if name.startswith("callbacks") else [callback.pk]
    send = client.post if args else client.get
    url = reverse(f"desk:{name}", args=args)
    assert send(url).status_code == 302
    client.force_login(people.sam())
    assert send(url).status_code == 403
    client.force_login(people.ada())
    if args:
        assert client.get(url).status_code == 405
        assert client.post(url.replace(str(callback.pk), "0b5e1c0e-7f8e-4d5c-9b1b-0d8f6f6f6f6f")).status_code == 404
    callback.refresh_from_db()
    assert callback.is_booked
