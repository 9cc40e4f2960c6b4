"""What became of those who were assigned, and the comparison that is made of it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from deflection.models import Assignment, Journey, JourneyEvent
from deflection.services import assignment_results, holdout_rounds, journeys, retention
from deflection.services.effect import effect, effects_by, guardrails, time_to_a_person, units_of
from deflection.services.holdout import arm_of, sees_suggestions, shown_of, unit_of
from tests.factories import TopicFactory, make_ticket, publish_article
from tests.people import ada
from tickets.models import Callback, Message, Rating, Ticket, TicketEvent
from tickets.services import history, intake, lifecycle, splitting
from tickets.services.customers import customer_by_email

pytestmark = pytest.mark.django_db
Arm = Assignment.Arm
Kind = JourneyEvent.Kind
NOW = timezone.now()
OPENED = NOW - timedelta(days=10)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def running():
    return holdout_rounds.start_round(share=50, effect=5, at=NOW - timedelta(days=20))


def visit(arm: str = Arm.CONTROL, *, at=OPENED, **fields) -> Journey:
    """Somebody of that group opens the form."""
    key = holdout_rounds.key_of(holdout_rounds.current_round().number)
    visitor = uuid.uuid4()
    while arm_of(unit_of(key, "visitor", visitor), 50) != arm:
        visitor = uuid.uuid4()
    journey = Journey.objects.create(language="en", visitor=visitor, started_at=at, last_seen_at=at, **fields)
    sees_suggestions(journey, at=at)
    return journey


def case(journey: Journey | None = None, *, at=OPENED + HOUR, **fields) -> Ticket:
    origin = intake.VisitContext(origin=str(journey.pk)) if journey else None
    return make_ticket(visit=origin, at=at, **fields)


def result(journey: Journey) -> Assignment:
    assignment_results.work_out_results(at=NOW)
    return journey.assignments.get(follows=None)


class TestContacts:
    def test_who_did_not_turn_to_anybody_has_none(self):
        case(email="sam@example.com")
        row = result(visit())
        assert (row.is_complete, row.contacts, row.contacted_at, row.ticket) == (True, 0, None, None)

    @pytest.mark.parametrize("channel", ["form", "email", "chat", "phone", "callback"])
    def test_a_case_of_the_visit_counts_whatever_its_channel(self, channel):
        journey = visit()
        ticket = case(journey, channel=channel)
        row = result(journey)
        assert (row.contacts, row.contacted_at, row.channel, row.ticket) == (1, OPENED + HOUR, channel, ticket)

    def test_a_case_of_a_later_visit_of_the_same_browser_counts(self):
        journey = visit()
        later = journeys.begin(language="en", after=journey, at=OPENED + timedelta(days=3))
        case(later, at=OPENED + timedelta(days=3))
        assert result(journey).contacts == 1

    def test_a_letter_of_the_known_customer_counts_though_it_came_from_no_visit(self):
        customer = customer_by_email("cleo@example.com", name="", language="en")
        journey = visit(customer=customer)
        case(channel="email", email="CLEO@example.com")
        assert result(journey).channel == "email"

    def test_so_does_one_of_whoever_is_recognised_afterwards(self):
        journey = visit()
        assert not result(journey).contacts
        ticket = case(channel="email")
        Journey.objects.filter(pk=journey.pk).update(customer=ticket.customer)
        row = result(journey)
        assert (row.contacts, row.is_known) == (1, True)

    def test_a_call_under_another_number_of_the_same_customer_counts(self):
        ticket = case(at=OPENED - timedelta(days=60))
        ticket.customer.identities.create(kind="phone", value="+46700000000")
        journey = visit(customer=ticket.customer)
        case(channel="phone", sender_customer=ticket.customer, email="")
        assert result(journey).contacts == 1

    def test_only_the_seven_days_count(self):
        journey = visit()
        case(journey, at=OPENED - HOUR)
        case(journey, at=OPENED + timedelta(days=7))
        assert result(journey).contacts == 0
        case(journey, at=OPENED + timedelta(days=7) - timedelta(seconds=1))
        assert result(journey).contacts == 1

    def test_spam_is_none_and_becomes_one_when_it_is_found_not_to_be(self):
        journey = visit()
        ticket = case(journey, is_suspected_spam=True)
        assert result(journey).contacts == 0
        Ticket.objects.filter(pk=ticket.pk).update(is_suspected_spam=False)
        assert result(journey).contacts == 1

    def test_a_settled_case_that_its_customer_opens_again_is_one(self):
        ticket = case(at=OPENED - timedelta(days=9))
        lifecycle.solve(ticket, agent=ada(), article=None)
        journey = visit(customer=ticket.customer)
        intake.add_customer_message(ticket, body="It is back.", channel="email", at=OPENED + HOUR)
        assert (result(journey).contacts, result(journey).channel) == (1, "email")

    def test_an_answer_to_our_question_is_none(self):
        ticket = case(at=OPENED - timedelta(days=9))
        journey = visit(customer=ticket.customer)
        intake.add_customer_message(ticket, body="It was 42.", channel="email", at=OPENED + HOUR)
        assert result(journey).contacts == 0

    def test_what_happens_at_once_in_one_case_is_one_and_a_split_is_none(self):
        journey = visit()
        ticket = case(journey, channel="chat")
        history.record(ticket, TicketEvent.Kind.CHAT_BEGUN, history.CUSTOMER, at=OPENED + HOUR)
        message = intake.add_customer_message(ticket, body="And another thing.", channel="chat", at=OPENED + 2 * HOUR)
        splitting.split(message, by=history.agent(ada()))
        assert result(journey).contacts == 1
        case(journey, at=OPENED + 3 * HOUR)
        assert result(journey).contacts == 2

    @pytest.mark.parametrize("kind", [TicketEvent.Kind.IMPORTED, TicketEvent.Kind.SPLIT_OFF])
    def test_a_case_brought_in_is_none_until_its_customer_opens_it_again(self, kind):
        ticket = case(at=OPENED + HOUR)
        history.record(ticket, kind, history.SYSTEM, at=OPENED + 2 * HOUR)
        journey = visit(customer=ticket.customer)
        assert result(journey).contacts == 0
        lifecycle.solve(ticket, agent=ada(), article=None)
        intake.add_customer_message(ticket, body="It is back.", channel="email", at=OPENED + 5 * HOUR)
        assert (result(journey).contacts, result(journey).contacted_at) == (1, OPENED + 5 * HOUR)

    def test_a_customer_on_two_devices_is_one_unit_with_all_their_contacts(self):
        customer = customer_by_email("cleo@example.com", name="", language="en")
        first, second = visit(customer=customer), visit(customer=customer, at=OPENED + HOUR)
        case(second, email="other@example.com", at=OPENED + 2 * HOUR)
        assert result(first).contacts == 1
        assert Assignment.objects.units().count() == 1


class TestOtherFacts:
    def test_reading_the_phone_the_answer_and_what_they_said_of_it(self):
        text = publish_article()
        journey = visit()
        journeys.note(journey, Kind.CHANNEL_CHOSEN, channel="phone", at=OPENED + HOUR)
        text.views.create(origin=str(journey.pk), created_at=OPENED + HOUR)
        ticket = case(journey)
        Message.objects.create(
            ticket=ticket, kind="outbound", channel="form", body="Hello", author=ada(), created_at=OPENED + 5 * HOUR
        )
        Rating.objects.create(ticket=ticket, satisfaction=4)
        row = result(journey)
        assert (row.has_read, row.has_tapped_phone, row.answer_seconds, row.satisfaction) == (True, True, 5 * 3600, 4)

    def test_automatic_letters_are_no_answer_and_a_call_is_answered_when_taken(self):
        journey, caller = visit(), visit()
        Message.objects.create(ticket=case(journey), kind="outbound", channel="form", body="We got it.")
        case(caller, channel="phone", email="b@example.com")
        assert result(journey).answer_seconds is None
        assert result(caller).answer_seconds == 3600

    def test_a_call_back_that_reached_them_is_an_answer(self):
        journey = visit()
        ticket = case(journey, channel="callback")
        booked = Callback.objects.create(
            ticket=ticket, number="+46700000000", language="en", promised_at=OPENED, due_at=OPENED
        )
        booked.log.create(outcome="no_answer", at=OPENED + 2 * HOUR)
        booked.log.create(outcome="reached", at=OPENED + 3 * HOUR)
        assert result(journey).answer_seconds == 3 * 3600

    def test_whoever_typed_an_address_is_not_known_by_it(self):
        journey = visit()
        case(journey)
        assert not result(journey).is_known


class TestWorkingOut:
    def test_again_changes_nothing(self):
        case(visit())
        visit(at=NOW - timedelta(days=2))
        assert assignment_results.work_out_results(at=NOW) == 2 - 1
        assert assignment_results.work_out_results(at=NOW) == 0

    def test_what_is_known_stays_when_the_visit_is_forgotten(self):
        journey = visit()
        case(journey)
        row = result(journey)
        journey.delete()
        assignment_results.work_out_results(at=NOW)
        row.refresh_from_db()
        assert (row.journey, row.contacts) == (None, 1)

    def test_whoever_is_erased_within_the_seven_days_is_counted_with_what_was_known(self):
        """Who asks to be erased has mostly written: left waiting for ever, one group would miss more of them."""
        journey = visit(at=NOW - timedelta(days=3))
        case(journey, at=NOW - timedelta(days=2))
        row = result(journey)
        assert (row.is_complete, row.contacts) == (False, 1)
        retention.forget([journey], at=NOW)
        assignment_results.work_out_results(at=NOW)
        row.refresh_from_db()
        assert not row.is_complete
        assignment_results.work_out_results(at=NOW + timedelta(days=4))
        row.refresh_from_db()
        assert (row.is_complete, row.contacts) == (True, 1)

    def test_many_cost_as_many_queries_as_one(self, django_assert_max_num_queries):
        for _ in range(20):
            journey = visit()
            case(journey, email=f"{uuid.uuid4()}@example.com")
        with django_assert_max_num_queries(15):
            assert assignment_results.work_out_results(at=NOW) == 20


class TestEffect:
    def make(self, running, contacted: dict[str, tuple[int, int]], **fields) -> None:
        rows = []
        for arm, (events, of) in contacted.items():
            rows += [
                Assignment(
                    round=running, unit=uuid.uuid4().hex, arm=arm, unit_kind="visitor", share=50, opened_at=OPENED,
                    is_complete=True, **({"language": "en"} | fields),
                    contacted_at=OPENED if number < events else None, contacts=int(number < events),
                )
                for number in range(of)
            ]  # fmt: skip
        Assignment.objects.bulk_create(rows)

    def test_it_is_the_share_of_those_held_out_minus_that_of_the_others(self, running):
        self.make(running, {Arm.CONTROL: (56, 70), Arm.TREATED: (48, 80)})
        found = effect(units_of(running)).contacts
        assert (found.control.of, found.treated.of) == (70, 80)
        assert found.interval.estimate == pytest.approx(0.2)
        assert round(found.interval.low, 4) == 0.0524

    def test_those_whose_days_are_not_over_wait_and_followers_are_not_counted_twice(self, running):
        journey = visit(at=NOW - timedelta(days=2))
        journey.customer = customer_by_email("cleo@example.com", name="", language="en")
        journey.save()
        sees_suggestions(journey)
        assignment_results.work_out_results(at=NOW)
        found = effect(units_of(running))
        assert (found.counted, found.pending, found.contacts.interval) == (0, 1, None)

    def test_rounds_are_never_added_up(self, running):
        self.make(running, {Arm.CONTROL: (5, 10), Arm.TREATED: (5, 10)})
        second = holdout_rounds.start_round(share=10, effect=5)
        assert effect(units_of(second)).counted == 0
        assert effect(units_of(running)).counted == 20

    def test_parts_are_told_apart_by_what_was_known_beforehand(self, running):
        topic = TopicFactory()
        self.make(running, {Arm.CONTROL: (5, 10), Arm.TREATED: (3, 10)}, topic=topic)
        self.make(running, {Arm.CONTROL: (1, 4), Arm.TREATED: (1, 6)}, language="sv")
        by_topic, by_language = effects_by(units_of(running), "topic"), effects_by(units_of(running), "language")
        assert (by_topic[topic.pk].counted, by_topic[None].counted) == (20, 10)
        assert by_language["sv"].contacts.control.events == 1
        assert effect(units_of(running, language="sv")).counted == 10

    def test_those_whom_it_concerned_are_compared_by_themselves(self, running):
        for arm in Arm.values:
            shown_of(visit(arm), ["article"], at=OPENED)
            visit(arm)
        assignment_results.work_out_results(at=NOW)
        found = effect(units_of(running))
        assert (found.counted, found.matched.control.of, found.matched.treated.of) == (4, 1, 1)

    def test_guardrails_are_told_by_group(self, running):
        quiet, reader, writer = visit(Arm.TREATED), visit(Arm.TREATED), visit(Arm.CONTROL)
        publish_article().views.create(origin=str(reader.pk), created_at=OPENED + HOUR)
        ticket = case(writer)
        case(writer, at=OPENED + 9 * HOUR)
        Rating.objects.create(ticket=ticket, satisfaction=2)
        journeys.note(quiet, Kind.CHANNEL_CHOSEN, channel="phone", at=OPENED)
        assignment_results.work_out_results(at=NOW)
        found = {one.key: one.comparison for one in guardrails(units_of(running))}
        assert (found["gave_up"].treated.events, found["gave_up"].treated.of, found["gave_up"].control.events) == (
            1,
            2,
            0,
        )
        assert (found["repeat"].control.events, found["phone"].treated.events) == (1, 1)
        assert (found["satisfied"].control.of, found["satisfied"].control.events, found["satisfied"].treated.of) == (
            1,
            0,
            0,
        )

    def test_time_to_a_person_is_that_of_the_middle_one(self, running):
        for hours in range(1, 8):
            for arm, factor in ((Arm.CONTROL, 1), (Arm.TREATED, 2)):
                case(
                    visit(arm), channel="phone", email=f"{uuid.uuid4()}@example.com", at=OPENED + hours * factor * HOUR
                )
        assignment_results.work_out_results(at=NOW)
        found = time_to_a_person(units_of(running))
        assert (found.control, found.treated, found.control_count) == (4 * 3600, 8 * 3600, 7)
        assert found.interval.estimate == -4 * 3600
