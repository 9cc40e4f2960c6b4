"""What became of visits is looked up again where something is new, and of all of them once a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from deflection.models import Assignment, Journey, Outcome
from deflection.services import holdout_rounds, journeys
from deflection.services.holdout import sees_suggestions
from deflection.services.news import look_up_what_became, visitors_with_news
from tests.factories import TopicFactory, make_ticket, publish_article
from tests.people import ada
from tickets.models import Customer
from tickets.services import lifecycle
from tickets.services.intake import VisitContext

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OPENED = NOW - 3 * DAY


@pytest.fixture
def article():
    return publish_article("Track a parcel", "Open the link.", topic=TopicFactory()).article


def visit(article=None, *, at=OPENED, **fields) -> Journey:
    """Somebody opens the form, and maybe says that the article answered."""
    journey = Journey.objects.create(language="en", started_at=at, last_seen_at=at, **fields)
    sees_suggestions(journey, at=at)
    if article is not None:
        journeys.note(journey, "answered", article=article, at=at)
    return journey


@pytest.fixture(autouse=True)
def round_that_runs():
    holdout_rounds.start_round(share=50, effect=5, at=NOW - 20 * DAY)


def look_up_before(at=NOW - 2 * HOUR) -> None:
    look_up_what_became(at=at)


def contacts(journey: Journey) -> int:
    return journey.assignments.get(follows=None).contacts


def test_nobody_of_whom_nothing_is_new_is_looked_at(article, monkeypatch):
    visit(article)
    look_up_before()
    Outcome.objects.update(kind=Outcome.Kind.NOTHING)
    Assignment.objects.update(contacts=7)
    assert look_up_what_became(at=NOW) == 0
    # The whole look, a day after the last, finds what has left no trace.
    assert look_up_what_became(at=NOW + DAY) == 2
    assert Outcome.objects.get().kind == Outcome.Kind.CONFIRMED


def from_the_same_browser(journey: Journey, article) -> None:
    later = journeys.begin(language="en", after=journey, at=NOW - HOUR)
    make_ticket(visit=VisitContext(origin=str(later.pk)), topic=article.topic, at=NOW - HOUR)


def by_letter_of_the_known_customer(journey: Journey, article) -> None:
    make_ticket(sender_customer=journey.customer, email="", channel="email", topic=article.topic, at=NOW - HOUR)


def by_letter_of_a_guest_who_wrote_before(journey: Journey, article) -> None:
    make_ticket(email="guest@example.com", channel="email", topic=article.topic, at=NOW - HOUR)


@pytest.mark.parametrize(
    "turn_to_us", [from_the_same_browser, by_letter_of_the_known_customer, by_letter_of_a_guest_who_wrote_before]
)
def test_a_new_contact_is_found_and_takes_back_what_had_counted(article, turn_to_us):
    is_guest = turn_to_us is by_letter_of_a_guest_who_wrote_before
    journey = visit(article, customer=None if is_guest else Customer.objects.create(name="Cleo"))
    if is_guest:
        old = VisitContext(origin=str(journeys.begin(language="en", after=journey, at=OPENED - 9 * DAY).pk))
        make_ticket(email="guest@example.com", visit=old, at=OPENED - 9 * DAY)
    look_up_before()
    assert (contacts(journey), Outcome.objects.get(journey=journey).kind) == (0, Outcome.Kind.CONFIRMED)
    turn_to_us(journey, article)
    look_up_what_became(at=NOW)
    assert (contacts(journey), Outcome.objects.get(journey=journey).kind) == (1, Outcome.Kind.BOUNCED)


def test_the_end_of_the_days_is_news_of_its_own(article):
    journey = visit(at=NOW - 7 * DAY + HOUR / 2)
    text = article.translations.get(language="en")
    text.views.create(origin=str(journey.pk), created_at=journey.started_at)
    look_up_before()
    assert not journey.assignments.get().is_complete
    assert journey.outcome.kind == Outcome.Kind.PENDING
    look_up_what_became(at=NOW + HOUR)
    journey.refresh_from_db()
    assert journey.assignments.get().is_complete
    assert Outcome.objects.get().kind == Outcome.Kind.ASSUMED
    look_up_what_became(at=NOW + 7 * DAY + HOUR)
    assert Outcome.objects.get().is_final


def test_an_answer_of_ours_is_news(article):
    journey = visit()
    ticket = make_ticket(visit=VisitContext(origin=str(journey.pk)), at=OPENED + HOUR)
    look_up_before()
    assert journey.assignments.get().answer_seconds is None
    lifecycle.send_reply(ticket, agent=ada(), body="It is on its way.", at=NOW - HOUR)
    look_up_what_became(at=NOW)
    assert journey.assignments.get().answer_seconds == (NOW - HOUR - OPENED).total_seconds() // 1


def test_a_stranger_s_news_are_not_theirs_and_odd_origins_break_nothing(article):
    quiet, busy = visit(), visit()
    look_up_before()
    text = article.translations.get(language="en")
    text.views.create(origin=str(busy.pk), created_at=NOW)
    text.views.create(origin="not-a-visit", created_at=NOW)
    assert visitors_with_news(NOW - HOUR) == {busy.visitor} != {quiet.visitor}
