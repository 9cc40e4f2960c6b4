"""How long people usually wait: measured, four of five, and nothing said where there is too little to go by."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from tests.factories import TopicFactory, make_ticket
from tests.people import ada
from tickets.models import Callback, CallbackTry, Channel, ChannelKind, Chat, Ticket, UsualWait
from tickets.services import waits
from tickets.services.case_story import story_for_customer
from tickets.services.channel_policy import expected_reply, ways_to_reach_us
from tickets.services.waits import Observation, usual_seconds
from tickets.tasks import measure_waits

STOCKHOLM = ZoneInfo("Europe/Stockholm")
# Wednesdays and Saturdays at ten and at three.
WEDNESDAY = datetime(2026, 11, 11, 10, 20, tzinfo=STOCKHOLM)
SATURDAY = datetime(2026, 11, 14, 15, 5, tzinfo=STOCKHOLM)
NOW = datetime(2026, 11, 20, 12, tzinfo=STOCKHOLM)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def seen(*seconds: float, waiting: tuple[float, ...] = ()) -> list[Observation]:
    rows = [Observation("form", NOW, one) for one in seconds]
    return rows + [Observation("form", NOW, one, is_answered=False) for one in waiting]


class TestFourOfFive:
    def test_the_eightieth_percentile(self):
        assert usual_seconds(seen(*range(1, 11))) == 8

    def test_who_still_waits_counts_by_the_time_so_far(self):
        # Without them it would be 8; they say that some wait longer.
        assert usual_seconds(seen(*range(1, 11), waiting=(5.5, 5.5, 5.5))) == 9
        assert usual_seconds(seen(*range(1, 11), waiting=(0.5,) * 30)) == 8

    def test_it_is_not_known_while_too_many_wait_on(self):
        assert usual_seconds(seen(1, 2, 3, waiting=(9.0, 9.0))) is None

    def test_whom_nobody_answered_was_not_answered_in_any_time(self):
        assert usual_seconds(seen(1, 1, 1, 1, waiting=(float("inf"),))) == 1
        assert usual_seconds(seen(1, 1, 1, waiting=(float("inf"),))) is None


@pytest.mark.parametrize(
    ("wait", "sentence"),
    [
        (timedelta(seconds=20), "answer usually within a minute"),
        (timedelta(minutes=11), "answer usually within 15 minutes"),
        (timedelta(minutes=46), "answer usually within an hour"),
        (timedelta(hours=4, seconds=1), "answer usually within 6 hours"),
        (timedelta(hours=13), "answer usually within a day"),
        (timedelta(days=3), "answer usually within 3 days"),
        (timedelta(days=15), ""),
        (None, ""),
    ],
)
def test_it_is_rounded_up_to_what_people_say(wait, sentence):
    with translation.override("en"):
        assert waits.within("form", wait) == sentence


@pytest.mark.django_db
class TestMeasured:
    def cases(self, count, came, took, **fields):
        for number in range(count):
            ticket = make_ticket(email=f"cleo{number}@example.com", **fields)
            at = came + number * timedelta(seconds=1)
            Ticket.objects.filter(pk=ticket.pk).update(
                created_at=at, first_response_at=at + took if took else None, channel=fields.get("channel", "form")
            )

    def measure(self):
        from tickets.services import wait_sources

        wait_sources.register_all()
        return waits.measure(NOW)

    def test_by_hour_and_day_and_otherwise_for_the_channel(self):
        self.cases(20, WEDNESDAY, 40 * MINUTE)
        self.cases(20, SATURDAY, 7 * HOUR)
        self.cases(19, WEDNESDAY + 2 * HOUR, 3 * HOUR)
        self.measure()
        assert waits.usual_wait("form", WEDNESDAY + timedelta(days=1)) == 40 * MINUTE
        assert waits.usual_wait("form", SATURDAY) == 7 * HOUR
        # Nineteen are too few for a cell of their own.
        assert waits.usual_wait("form", WEDNESDAY + 2 * HOUR) == 7 * HOUR
        assert waits.usual_wait("email", WEDNESDAY) is None

    def test_nothing_is_said_where_data_is_thin(self):
        self.cases(19, WEDNESDAY, 40 * MINUTE)
        assert self.measure() == 0
        assert [offer.wait for offer in ways_to_reach_us(at=WEDNESDAY)] == [""]
        assert expected_reply("en") == ""

    def test_a_slow_topic_is_not_made_quick_by_the_others(self):
        slow = TopicFactory()
        self.cases(60, WEDNESDAY, HOUR)
        self.cases(20, WEDNESDAY - timedelta(days=1, hours=5), 30 * HOUR, topic=slow)
        self.measure()
        assert waits.usual_wait("form", WEDNESDAY) == HOUR
        assert waits.usual_wait("form", WEDNESDAY, slow) == 30 * HOUR

    def test_spam_cases_brought_in_and_those_that_ended_unanswered_are_left_out(self):
        self.cases(20, WEDNESDAY, HOUR)
        self.cases(30, WEDNESDAY, 100 * HOUR, is_suspected_spam=True)
        Ticket.objects.filter(first_response_at=None).update(status="closed")
        self.cases(10, WEDNESDAY, None)
        Ticket.objects.filter(first_response_at=None).update(status="closed")
        self.measure()
        assert waits.usual_wait("form", WEDNESDAY) == HOUR

    def test_pages_and_letters_say_it(self, client):
        Channel.objects.create(kind=ChannelKind.FORM)
        self.cases(30, datetime.now(STOCKHOLM) - timedelta(days=2), 50 * MINUTE)
        assert measure_waits() >= 1
        assert "answer usually within an hour" in client.get("/en/").content.decode()
        assert expected_reply("en") == "Answer usually within an hour."

    def test_a_case_that_has_waited_longer_is_told_nothing_of_what_is_usual(self):
        now = datetime.now(STOCKHOLM)
        self.cases(30, now - timedelta(days=2), 50 * MINUTE)
        measure_waits()
        assert waits.usual_wait("form", timezone.now()) == 50 * MINUTE
        fresh, old = make_ticket(email="a@example.com"), make_ticket(email="b@example.com")
        assert story_for_customer(fresh).next_detail == "Answer usually within an hour."
        old.messages.update(created_at=now - HOUR)
        assert story_for_customer(old).next_detail == "You get an e-mail when there is an answer."

    def test_measuring_again_replaces_what_stood(self):
        self.cases(20, WEDNESDAY, HOUR)
        self.measure()
        before = UsualWait.objects.count()
        self.measure()
        assert UsualWait.objects.count() == before

    def test_chats_by_the_agent_who_came_and_not_at_all_where_many_found_nobody(self):
        agent = ada()
        for number in range(24):
            came = WEDNESDAY + number * MINUTE / 4
            chat = Chat.objects.create(ticket=make_ticket(channel="chat"), begun_at=came, agent=agent, state="ended")
            Chat.objects.filter(pk=chat.pk).update(accepted_at=came + MINUTE)
        self.measure()
        assert waits.usual_wait("chat", WEDNESDAY) == MINUTE
        for number in range(8):
            came = WEDNESDAY + number * MINUTE / 4
            Chat.objects.create(
                ticket=make_ticket(channel="chat"), begun_at=came, state="missed", missed_at=came + 2 * MINUTE
            )
        self.measure()
        assert waits.usual_wait("chat", WEDNESDAY) is None

    def test_call_backs_by_the_first_call_after_the_time_promised(self):
        for number in range(20):
            promised = WEDNESDAY + number * MINUTE
            row = Callback.objects.create(
                ticket=make_ticket(channel="callback"),
                number="+46701234567",
                language="en",
                promised_at=promised,
                due_at=promised,
                booked_at=promised - HOUR,
                state="done",
            )
            CallbackTry.objects.create(callback=row, at=promised + 4 * MINUTE, outcome="no_answer")
            CallbackTry.objects.create(callback=row, at=promised + HOUR, outcome="reached")
        # Who chose a time waits for that.
        chosen = Callback.objects.create(
            ticket=make_ticket(channel="callback"),
            number="+46701234567",
            language="en",
            slot_at=WEDNESDAY,
            promised_at=WEDNESDAY,
            due_at=WEDNESDAY,
            booked_at=WEDNESDAY - HOUR,
        )
        CallbackTry.objects.create(callback=chosen, at=WEDNESDAY + MINUTE, outcome="reached")
        self.measure()
        assert UsualWait.objects.get(kind="callback", hour=None).sample == 20
        assert waits.usual_wait("callback", WEDNESDAY) == 4 * MINUTE
        assert waits.within("callback", 4 * MINUTE) == "call usually within 5 minutes"
