"""Who sees suggestions: assigned before anything is shown, once, the same way everywhere."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from deflection.middleware import COOKIE, JourneyOrigin
from deflection.models import Assignment, HoldoutRound, Journey
from deflection.services import holdout, holdout_rounds, journeys
from deflection.services.holdout import arm_of, draw, sees_suggestions, shown_of, unit_of
from helpcenter.accounts.models import User
from tests.factories import make_ticket, publish_article
from tests.people import ada
from tickets.errors import TicketError
from tickets.models import Customer

Arm = Assignment.Arm


def start(share: int = 50, effect: float = 5.0, **fields) -> HoldoutRound:
    return holdout_rounds.start_round(share=share, effect=effect, **fields)


def visit(arm: str = "", *, running: HoldoutRound | None = None, **fields) -> Journey:
    """A visit of a browser that is drawn into `arm`."""
    while True:
        journey = Journey(language="en", visitor=uuid.uuid4(), **fields)
        if not arm or arm_of(visitor_unit(journey, running), 50) == arm:
            journey.save()
            return journey


def visitor_unit(journey: Journey, running: HoldoutRound | None = None) -> str:
    number = (running or holdout_rounds.current_round()).number
    return unit_of(holdout_rounds.key_of(number), "visitor", journey.visitor)


def customer(arm: str) -> Customer:
    """A customer who would be drawn into `arm`, were they not assigned yet."""
    key = holdout_rounds.key_of(holdout_rounds.current_round().number)
    while True:
        made = Customer.objects.create(name="Cleo")
        if arm_of(unit_of(key, "customer", made.pk), 50) == arm:
            return made


class TestHash:
    def test_draws_are_even(self):
        key = holdout_rounds.key_of(1)
        draws = sorted(draw(unit_of(key, "visitor", number)) for number in range(20_000))
        # Kolmogorov-Smirnov: the distance to the even distribution stays below 1.63/sqrt(n) with 99 % (n large).
        distance = max(abs(place / 20_000 - value) for place, value in enumerate(draws))
        assert distance < 1.63 / 20_000**0.5

    @pytest.mark.parametrize("share", [0, 1, 5, 50])
    def test_the_share_is_kept(self, share):
        key = holdout_rounds.key_of(1)
        units = [unit_of(key, "visitor", number) for number in range(20_000)]
        held_out = sum(arm_of(unit, share) == Arm.CONTROL for unit in units)
        assert abs(held_out - share * 200) <= 4 * (share * (100 - share) / 10_000 * 20_000) ** 0.5

    def test_rounds_draw_independently(self):
        first, second = (
            [arm_of(unit_of(holdout_rounds.key_of(number), "visitor", n), 50) == Arm.CONTROL for n in range(10_000)]
            for number in (1, 2)
        )
        both = sum(a and b for a, b in zip(first, second, strict=True))
        assert abs(both - 2500) < 4 * (10_000 * 0.25 * 0.75) ** 0.5

    def test_customers_and_visitors_of_one_name_are_two_units(self):
        key = holdout_rounds.key_of(1)
        assert unit_of(key, "visitor", 7) != unit_of(key, "customer", 7)

    def test_the_hash_hangs_on_the_secret(self, settings):
        before = unit_of(holdout_rounds.key_of(1), "visitor", 7)
        settings.SECRET_KEY = "another"
        assert unit_of(holdout_rounds.key_of(1), "visitor", 7) != before


@pytest.mark.django_db
class TestRounds:
    def test_a_new_site_holds_out_what_the_settings_say(self, settings):
        settings.HOLDOUT_SHARE = 5
        found = holdout_rounds.current_round()
        assert (found.number, found.share) == (1, 5)
        assert holdout_rounds.current_round() == found

    def test_with_a_share_of_none_nothing_is_written(self):
        assert sees_suggestions(visit())
        assert not HoldoutRound.objects.exists()
        start(share=10)
        start(share=0)
        assert sees_suggestions(visit())
        assert not Assignment.objects.exists()

    def test_a_change_begins_a_round_and_ends_the_last_one(self):
        at = timezone.now()
        first = start(share=10)
        second = start(share=20, at=at)
        third = start(share=20, effect=3)
        first.refresh_from_db()
        assert [first.number, second.number, third.number] == [1, 2, 3]
        assert first.ended_at == at
        assert third.ended_at is None

    def test_the_same_again_changes_nothing(self):
        assert start(share=10) == start(share=10)

    @pytest.mark.parametrize("share", [-1, 51, 100])
    def test_more_than_half_is_refused_by_us_and_by_the_database(self, share):
        with pytest.raises(TicketError):
            start(share=share)
        if share > 0:
            with pytest.raises(IntegrityError), transaction.atomic():
                HoldoutRound.objects.create(number=9, share=share, key_check="")

    def test_another_secret_key_begins_a_round(self, settings):
        first = start(share=20, at=timezone.now() - timedelta(days=1))
        settings.SECRET_KEY = "another"
        second = holdout_rounds.current_round()
        assert (second.number, second.share) == (2, 20)
        first.refresh_from_db()
        assert first.ended_at is not None

    def test_two_keys_side_by_side_begin_one_round_not_one_a_request(self, settings):
        """While a new version takes over, processes with the old key still answer."""
        start(share=20, at=timezone.now() - timedelta(days=1))
        old = settings.SECRET_KEY
        for key in ("another", old, "another", old):
            settings.SECRET_KEY = key
            assert holdout_rounds.current_round().number == (2 if key != old else 0)
            assert sees_suggestions(visit()) or key != old
        assert HoldoutRound.objects.count() == 2
        later = timezone.now() + timedelta(hours=2)
        assert holdout_rounds.current_round(at=later).number == 3


@pytest.mark.django_db
class TestAssignment:
    def test_the_hash_decides_and_it_is_logged_with_all_that_is_needed(self):
        running = start(share=50)
        article = publish_article()
        at = timezone.now()
        for arm, sees in ((Arm.CONTROL, False), (Arm.TREATED, True)):
            journey = visit(arm)
            article.views.create(origin=str(journey.pk), created_at=at)
            assert sees_suggestions(journey, at=at) is sees
            row = journey.assignments.get()
            assert (row.round, row.unit, row.arm, row.share) == (running, visitor_unit(journey), arm, 50)
            assert (row.opened_at, row.language, row.unit_kind) == (at, "en", "visitor")
            assert row.topic == article.article.topic

    def test_later_visits_of_the_same_browser_go_on_in_it(self):
        start()
        journey = visit(Arm.CONTROL)
        assert not sees_suggestions(journey)
        later = journeys.begin(language="sv", after=journey)
        assert not sees_suggestions(later, at=timezone.now() + timedelta(days=3))
        assert Assignment.objects.get().journey == journey

    def test_the_next_round_draws_again_and_the_last_one_stays_as_it_was(self):
        first = start(share=50)
        journey = visit(Arm.CONTROL)
        sees_suggestions(journey)
        start(share=40)
        sees_suggestions(journey)
        assert Assignment.objects.filter(round=first).get().arm == Arm.CONTROL
        assert Assignment.objects.count() == 2

    @pytest.mark.parametrize("fields", [{"is_measured": False}, {"may_be_held_out": False}])
    def test_who_is_not_measured_and_what_the_api_began_is_in_no_group(self, fields):
        start()
        journey = visit(Arm.CONTROL, **fields)
        assert sees_suggestions(journey)
        assert shown_of(journey, ["article"]) == ["article"]
        assert not Assignment.objects.exists()

    def test_without_a_journey_there_is_nobody_to_hold_out(self):
        start()
        assert sees_suggestions(None)
        assert shown_of(None, ["article"]) == ["article"]

    def test_what_was_found_is_held_back_and_noted_in_both_groups(self):
        start()
        held_out, other = visit(Arm.CONTROL), visit(Arm.TREATED)
        assert shown_of(held_out, []) == []
        assert held_out.assignments.get().matched_at is None
        at = timezone.now()
        assert shown_of(held_out, ["article"], at=at) == []
        assert shown_of(other, ["article"], at=at) == ["article"]
        shown_of(other, ["article"], at=at + timedelta(minutes=1))
        assert {row.matched_at for row in Assignment.objects.all()} == {at}

    def test_asking_again_costs_two_queries(self, django_assert_num_queries):
        start()
        journey = visit()
        sees_suggestions(journey)
        with django_assert_num_queries(2):
            sees_suggestions(journey)


@pytest.mark.django_db
class TestPeople:
    def test_a_customer_is_in_the_same_group_on_every_device(self):
        start()
        known = customer(Arm.CONTROL)
        phone, desktop = visit(Arm.TREATED, customer=known), visit(Arm.TREATED, customer=known)
        assert not sees_suggestions(phone)
        assert not sees_suggestions(desktop)
        assert Assignment.objects.units().get().unit_kind == "customer"

    def test_a_visitor_who_becomes_known_stays_in_the_group_of_the_first_visit(self):
        start()
        journey = visit(Arm.TREATED)
        assert sees_suggestions(journey)
        journey.customer = known = customer(Arm.CONTROL)
        journey.save()
        assert sees_suggestions(journey)
        # And takes it along to another browser, which by itself would have been in the other one.
        assert sees_suggestions(visit(Arm.CONTROL, customer=known))
        assert Assignment.objects.units().get().arm == Arm.TREATED
        assert not Assignment.objects.filter(crossed_at__isnull=False).exists()

    def test_a_customer_assigned_elsewhere_keeps_that_group_and_the_change_is_noted(self):
        start()
        known = customer(Arm.CONTROL)
        at_home = visit(Arm.TREATED, customer=known)
        assert not sees_suggestions(at_home)
        at_work = visit(Arm.TREATED)
        assert sees_suggestions(at_work)
        at_work.customer = known
        at_work.save()
        at = timezone.now()
        assert not sees_suggestions(at_work, at=at)
        assert not sees_suggestions(at_work)
        as_visitor = Assignment.objects.get(unit=visitor_unit(at_work))
        # Analysed as first assigned; nobody leaves the analysis for what they did afterwards.
        assert (as_visitor.arm, as_visitor.crossed_at, as_visitor.follows) == (Arm.TREATED, at, None)
        assert Assignment.objects.units().count() == 2

    def test_the_earliest_of_two_visits_decides(self):
        start()
        first, second = visit(Arm.CONTROL), visit(Arm.TREATED)
        sees_suggestions(first, at=timezone.now() - timedelta(days=2))
        sees_suggestions(second)
        known = customer(Arm.TREATED)
        Journey.objects.update(customer=known)
        second.refresh_from_db()
        assert not sees_suggestions(second)
        assert Assignment.objects.get(unit=visitor_unit(second)).crossed_at is not None

    def test_a_browser_goes_on_with_its_customer_when_nobody_is_logged_in_any_more(self):
        start()
        known = customer(Arm.CONTROL)
        journey = visit(Arm.TREATED, customer=known)
        assert not sees_suggestions(journey)
        later = Journey.objects.create(language="en", visitor=journey.visitor)
        assert not sees_suggestions(later)
        # Also where the customer was assigned on another device only.
        elsewhere = visit(Arm.TREATED, customer=known)
        assert not sees_suggestions(Journey.objects.create(language="en", visitor=elsewhere.visitor))
        assert Assignment.objects.units().count() == 1

    def test_the_table_names_nobody(self):
        start()
        known = make_ticket().customer
        journey = visit(customer=known)
        sees_suggestions(journey)
        for row in Assignment.objects.all():
            assert len(row.unit) == 64
            assert str(journey.visitor) not in row.unit


@pytest.mark.django_db
class TestRaces:
    def test_two_requests_at_once_are_one_assignment(self):
        """Both looked before either wrote: the one that is second takes the row that stands."""
        start()
        journey = visit(Arm.CONTROL)
        second = holdout._Desk(holdout_rounds.current_round(), journey, None, timezone.now())
        assert not sees_suggestions(journey)
        assert second._assign_visitor() == Assignment.objects.get()

    def test_two_managers_at_once_begin_one_round(self):
        first = start(share=10)
        second = holdout_rounds._begin(first, share=20, effect=5)
        assert holdout_rounds._begin(first, share=30, effect=5) == second
        assert HoldoutRound.objects.count() == 2

    def test_the_database_refuses_a_second_row(self):
        running = start()
        sees_suggestions(visit())
        row = Assignment.objects.get()
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()
        assert Assignment.objects.filter(round=running).count() == 1


@pytest.mark.django_db
def test_whoever_asks_later_not_to_be_counted_is_in_no_group_any_more(client):
    """Their contacts are not looked up: they would pass for averted ones."""
    start()
    client.get("/en/contact/")
    assert Assignment.objects.count() == 1
    client.get("/en/contact/", headers={"DNT": "1"})
    assert not Assignment.objects.exists()
    client.get("/en/contact/")
    assert not Assignment.objects.exists()


@pytest.mark.django_db
def test_an_agent_who_tried_the_form_before_logging_in_is_in_no_group(client, rf):
    start()
    client.get("/en/contact/")
    assert Assignment.objects.count() == 1
    request = rf.post("/login/")
    request.COOKIES[COOKIE] = client.cookies[COOKIE].value
    request.origin = JourneyOrigin(request)
    user_logged_in.send(User, request=request, user=ada())
    assert not Assignment.objects.exists()
    assert not Journey.objects.measured().exists()


@pytest.mark.django_db
def test_a_visit_that_has_ended_goes_on_in_its_group_through_the_api(client, commit):
    """A panel on another site that sent one case, and asks again without being opened anew."""
    start()
    with commit():
        publish_article("When do I get my refund?", "The refund comes when the return has reached us. " * 3)
    story = {"text": "I sent a jacket back two weeks ago. When does the refund come?", "lang": "en"}
    shown = {}
    for arm in Arm:
        journey = visit(arm)
        sees_suggestions(journey)
        journeys.note(journey, "case_sent")
        body = {**story, "journey": str(journey.pk)}
        answer = client.post("/api/v1/suggestions/", body, content_type="application/json").json()
        shown[arm] = bool(answer["suggestions"])
        assert Journey.objects.get(pk=answer["journey"]).visitor == journey.visitor
    assert shown == {Arm.CONTROL: False, Arm.TREATED: True}
    assert Assignment.objects.units().count() == 2
