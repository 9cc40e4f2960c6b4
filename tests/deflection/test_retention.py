"""When their time is over, journeys lead to nobody, and every figure stays what it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from deflection.models import ContactDraft, Journey, JourneyEvent, SpokenReference
from deflection.reports import queries
from deflection.reports.scope import Scope
from deflection.services import drafts, joining, journeys, retention, spoken
from knowledge.models import ArticleView, Feedback, SearchEvent, Topic
from tests.factories import TopicFactory, make_ticket, publish_article
from tickets.models import Ticket
from tickets.services.customers import customer_by_email
from tickets.services.intake import VisitContext

pytestmark = pytest.mark.django_db
NOW = timezone.now()
OLD = NOW - timedelta(days=31)


def visit(at=OLD, **fields) -> Journey:
    journey = journeys.begin(language="en", at=at, **fields)
    SearchEvent.objects.create(
        text="refund", normalised="refund", language="en", result_count=1, origin=str(journey.pk), created_at=at
    )
    journeys.note(journey, JourneyEvent.Kind.CONTACT_OPENED, at=at)
    return journey


@pytest.fixture
def text():
    return publish_article("Refunds")


def figures() -> list[object]:
    scope = Scope((NOW - timedelta(days=60)).date(), NOW.date())
    return [
        queries.by_day(scope),
        [queries.by_day(replace(scope, topic=topic)) for topic in Topic.objects.all()],
        queries.grouped(queries.searches(scope), 10),
        queries.most_read(scope, 10),
        SearchEvent.objects.count(),
        ArticleView.objects.count(),
    ]


def test_nothing_leads_from_an_old_journey_to_anybody_and_the_figures_stay(text):
    customer = customer_by_email("cleo@example.com")
    first = visit(customer=customer)
    ArticleView.objects.create(translation=text, origin=str(first.pk), created_at=OLD)
    Feedback.objects.create(translation=text, is_helpful=True, origin=str(first.pk), created_at=OLD)
    drafts.save(first, {"message": "I began to write"})
    spoken.give(first, at=OLD)
    ticket = make_ticket(visit=VisitContext(origin=str(first.pk)), at=OLD, topic=TopicFactory())
    journeys.begin(language="en", after=first, at=OLD + timedelta(minutes=1))
    before = figures()
    assert any(day.case_sent for day in before[1][0])
    assert retention.forget_old(at=NOW) == 2
    assert figures() == before
    assert not Journey.objects.filter(pk=first.pk).exists()
    assert not Journey.objects.exclude(customer=None, continues=None).exists()
    assert not Journey.objects.filter(visitor=first.visitor).exists()
    assert not SearchEvent.objects.filter(origin=str(first.pk)).exists()
    assert not ArticleView.objects.filter(origin=str(first.pk)).exists()
    assert not Feedback.objects.exclude(origin="").exists()
    assert not ContactDraft.objects.exists()
    assert not SpokenReference.objects.exists()
    assert ticket.reference not in str(list(JourneyEvent.objects.values_list("data", flat=True)))
    ticket.refresh_from_db()
    assert ticket.origin == ""
    assert ticket.journey_summary != []
    # What was searched in one visit is still known to have been one visit.
    search = SearchEvent.objects.get()
    assert journeys.find(search.origin) is not None
    assert search.origin == ArticleView.objects.get().origin


def test_younger_ones_and_those_of_people_who_came_back_stay(text):
    young, back = visit(at=NOW - timedelta(days=29)), visit()
    Journey.objects.filter(pk=back.pk).update(last_seen_at=NOW)
    assert retention.forget_old(at=NOW) == 0
    assert Journey.objects.filter(pk__in=[young.pk, back.pk], forgotten_at=None).count() == 2


def test_each_is_forgotten_once_and_batch_by_batch(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        visit()
    assert retention.forget_old(at=NOW) == 5
    names = set(Journey.objects.values_list("pk", flat=True))
    assert retention.forget_old(at=NOW) == 0
    assert set(Journey.objects.values_list("pk", flat=True)) == names


def test_a_night_has_an_end(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        visit()
    assert retention.forget_old(at=NOW, most=2) == 2
    assert retention.forget_old(at=NOW) == 3


def test_what_never_counted_goes():
    uncounted = visit(is_measured=False)
    spam = visit()
    make_ticket(visit=VisitContext(origin=str(spam.pk)), is_suspected_spam=True, at=OLD)
    retention.forget_old(at=NOW)
    assert not Journey.objects.exists()
    assert set(SearchEvent.objects.values_list("origin", flat=True)) == {""}
    assert not SearchEvent.objects.filter(origin=str(uncounted.pk)).exists()
    assert Ticket.objects.count() == 1


def test_the_time_is_a_setting(settings):
    visit(at=NOW - timedelta(days=11))
    settings.JOURNEY_DAYS = 10
    assert retention.forget_old(at=NOW) == 1


def test_whoever_comes_back_with_an_old_cookie_is_somebody_new():
    old = visit()
    retention.forget_old(at=NOW)
    assert journeys.find(str(old.pk)) is None
    fresh = journeys.begin(language="en", after=journeys.find(str(old.pk)))
    assert joining.whole(fresh) == [fresh]
