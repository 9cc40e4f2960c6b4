"""What is observed of visits: confirmed, assumed, contacted, taken back; and never more than once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from deflection.models import Journey, JourneyEvent, Outcome
from deflection.services import journeys
from deflection.services.outcomes import work_out_outcomes
from deflection.services.same_matter import likeness
from knowledge.models import Feedback, SearchEvent
from tests.factories import TopicFactory, make_ticket, publish_article
from tickets.models import Ticket, TicketSuggestion
from tickets.services import intake

pytestmark = pytest.mark.django_db
Kind, Matter, Step = Outcome.Kind, Outcome.Matter, JourneyEvent.Kind
NOW = timezone.now()
BEGUN = NOW - timedelta(days=9)
DAY = timedelta(days=1)


@pytest.fixture
def article():
    return publish_article(topic=TopicFactory(slug="returns")).article


def visit(*, at=BEGUN, **fields) -> Journey:
    return Journey.objects.create(language="en", started_at=at, last_seen_at=at, **fields)


def says(journey: Journey, article, kind: str = Step.ANSWERED, *, at=None) -> Journey:
    journeys.note(journey, kind, article=article, at=at or journey.started_at + timedelta(minutes=2))
    journey.refresh_from_db()
    return journey


def reads(journey: Journey, article) -> Journey:
    article.text_in("en").views.create(origin=str(journey.pk), created_at=journey.started_at)
    return journey


def case(journey: Journey | None = None, *, at=BEGUN + 2 * DAY, **fields) -> Ticket:
    return make_ticket(visit=intake.VisitContext(origin=str(journey.pk)) if journey else None, at=at, **fields)


def outcome(journey: Journey, *, at=NOW) -> Outcome:
    work_out_outcomes(at=at)
    return Outcome.objects.get(journey=journey)


class TestAnswered:
    def test_whoever_said_so_is_confirmed_and_the_article_credited(self, article):
        found = outcome(says(visit(), article))
        assert (found.kind, found.article, found.topic) == (Kind.CONFIRMED, article, article.topic)

    def test_so_is_whoever_said_it_under_the_article(self, article):
        journey = visit()
        text = article.text_in("en")
        Feedback.objects.create(translation=text, is_helpful=True, origin=str(journey.pk), created_at=BEGUN)
        assert outcome(journey).kind == Kind.CONFIRMED

    def test_the_last_word_counts(self, article):
        journey = says(visit(), article)
        says(journey, article, Step.NOT_ANSWERED, at=BEGUN + timedelta(minutes=5))
        assert outcome(journey).kind == Kind.NOTHING

    def test_who_read_and_left_is_assumed_only_when_seven_days_are_over(self, article):
        journey = reads(visit(), article)
        assert outcome(journey, at=BEGUN + 6 * DAY).kind == Kind.PENDING
        found = outcome(journey)
        assert (found.kind, found.article) == (Kind.ASSUMED, article)

    def test_who_read_nothing_is_not_taken_for_answered(self):
        journey = visit()
        SearchEvent.objects.create(
            text="refund", normalised="refund", language="en", result_count=3, origin=str(journey.pk)
        )
        assert outcome(journey).kind == Kind.NOTHING


class TestContacted:
    def test_who_reads_and_writes_in_the_same_visit_was_never_counted(self, article):
        journey = reads(visit(), article)
        ticket = case(journey, at=BEGUN + timedelta(minutes=9))
        found = outcome(journey)
        assert (found.kind, found.ticket, found.article) == (Kind.CONTACTED, ticket, None)

    def test_who_writes_of_something_else_is_not_assumed_answered_either(self, article):
        journey = reads(visit(), article)
        later = journeys.begin(language="en", after=journey, at=BEGUN + 2 * DAY)
        case(later, body="Which colours does the tent come in?", topic=TopicFactory())
        found = outcome(journey)
        assert (found.kind, found.article) == (Kind.CONTACTED, None)

    def test_after_seven_days_something_else_changes_nothing(self, article):
        journey = reads(visit(at=NOW - 12 * DAY), article)
        later = journeys.begin(language="en", after=journey, at=NOW - 3 * DAY)
        case(later, at=NOW - 3 * DAY, body="Which colours does the tent come in?")
        assert outcome(journey).kind == Kind.ASSUMED

    def test_spam_is_no_contact(self, article):
        journey = reads(visit(), article)
        case(journeys.begin(language="en", after=journey, at=BEGUN + 2 * DAY), is_suspected_spam=True)
        assert outcome(journey).kind == Kind.ASSUMED

    def test_a_visit_that_sent_spam_is_none_until_it_turns_out_to_be_no_spam(self, article):
        journey = reads(visit(), article)
        ticket = case(journey, at=BEGUN)
        work_out_outcomes(at=BEGUN + DAY)
        Ticket.objects.filter(pk=ticket.pk).update(is_suspected_spam=True)
        assert work_out_outcomes(at=BEGUN + DAY) == 1
        assert not Outcome.objects.exists()
        Ticket.objects.filter(pk=ticket.pk).update(is_suspected_spam=False)
        assert outcome(journey, at=BEGUN + DAY).kind == Kind.CONTACTED


class TestAfterWriting:
    """Whoever reads on while waiting for our answer was not answered by what they read."""

    def waiting(self, *, hours: int = 1, **fields) -> Journey:
        first = visit()
        case(first, at=BEGUN, **fields)
        return journeys.begin(language="en", after=first, at=BEGUN + timedelta(hours=hours))

    def test_reading_on_is_no_visit_that_was_answered(self, article):
        assert outcome(reads(self.waiting(), article)).kind == Kind.CONTACTED

    def test_nor_is_looking_without_reading(self):
        assert outcome(self.waiting()).kind == Kind.CONTACTED

    def test_nor_is_saying_so_of_the_same_matter(self, article):
        found = outcome(says(self.waiting(topic=article.topic), article))
        assert (found.kind, found.article) == (Kind.CONTACTED, None)

    def test_saying_so_of_another_matter_counts(self, article):
        assert outcome(says(self.waiting(), article)).kind == Kind.CONFIRMED

    def test_saying_so_in_the_visit_that_has_written_counts_nothing(self, article):
        journey = visit()
        case(journey, at=BEGUN)
        assert outcome(says(journey, article)).kind == Kind.CONTACTED

    def test_the_next_day_is_another_errand(self, article):
        later = self.waiting(hours=20)
        assert outcome(reads(later, article)).kind == Kind.ASSUMED


class TestTakenBack:
    def test_a_case_of_the_same_visit_after_saying_that_it_was_answered(self, article):
        journey = says(visit(), article)
        ticket = case(journey, at=BEGUN + timedelta(minutes=30), body="Which colours does the tent come in?")
        found = outcome(journey)
        assert (found.kind, found.counted_as, found.matter) == (Kind.BOUNCED, Kind.CONFIRMED, Matter.VISIT)
        assert (found.article, found.ticket) == (article, ticket)

    @pytest.mark.parametrize("channel", ["form", "email", "chat", "phone", "callback"])
    def test_a_guest_of_the_same_browser_on_any_channel(self, article, channel):
        journey = says(visit(), article)
        later = journeys.begin(language="en", after=journey, at=BEGUN + 2 * DAY)
        case(later, channel=channel, topic=article.topic)
        found = outcome(journey)
        assert (found.kind, found.matter, found.article) == (Kind.BOUNCED, Matter.TOPIC, article)

    def test_a_letter_of_a_guest_who_had_sent_a_case_from_that_browser_before(self, article):
        earlier = visit(at=BEGUN - 9 * DAY)
        case(earlier, at=BEGUN - 9 * DAY, body="Do you have tents?")
        journey = says(journeys.begin(language="en", after=earlier, at=BEGUN), article)
        case(channel="email", topic=article.topic)
        assert outcome(journey).kind == Kind.BOUNCED

    def test_a_call_of_the_known_customer(self, article):
        customer = case(at=BEGUN - 60 * DAY).customer
        journey = reads(visit(customer=customer), article)
        case(channel="phone", topic=article.topic)
        found = outcome(journey)
        assert (found.kind, found.counted_as) == (Kind.BOUNCED, Kind.ASSUMED)

    def test_the_same_matter_by_the_article_that_answers_the_case(self, article):
        journey = says(visit(), article)
        ticket = case(journeys.begin(language="en", after=journey, at=BEGUN + 2 * DAY))
        TicketSuggestion.objects.create(ticket=ticket, article=article, probability=0.6)
        assert outcome(journey).matter == Matter.ARTICLE

    def test_the_same_matter_by_its_words(self, article):
        journey = says(visit(), article)
        SearchEvent.objects.create(
            text="refund after return", normalised="", language="en", result_count=1, origin=str(journey.pk)
        )
        later = journeys.begin(language="en", after=journey, at=BEGUN + 2 * DAY)
        case(later, body="Where is the refund for my return?")
        assert outcome(journey).matter == Matter.WORDS

    def test_another_matter_leaves_what_was_confirmed(self, article):
        journey = says(visit(), article)
        later = journeys.begin(language="en", after=journey, at=BEGUN + 2 * DAY)
        case(later, body="Which colours does the tent come in?", topic=TopicFactory())
        assert outcome(journey).kind == Kind.CONFIRMED

    def test_a_stranger_takes_nothing_back(self, article):
        journey = says(visit(), article)
        case(email="sam@example.com", topic=article.topic)
        assert outcome(journey).kind == Kind.CONFIRMED

    def test_after_fourteen_days_it_stands(self, article):
        journey = says(visit(at=NOW - 20 * DAY), article)
        later = journeys.begin(language="en", after=journey, at=NOW - 5 * DAY)
        case(later, at=NOW - 5 * DAY, topic=article.topic)
        found = outcome(journey)
        assert (found.kind, found.is_final) == (Kind.CONFIRMED, True)


class TestWorkingOut:
    def test_again_changes_nothing_and_news_change_one(self, article):
        journey = says(visit(), article)
        says(visit(), article)
        assert work_out_outcomes(at=NOW) == 2
        assert work_out_outcomes(at=NOW) == 0
        case(journeys.begin(language="en", after=journey, at=BEGUN + 2 * DAY), topic=article.topic)
        # The visit that was confirmed, and the one from which the case came.
        assert work_out_outcomes(at=NOW) == 2
        assert work_out_outcomes(at=NOW) == 0

    def test_who_asked_not_to_be_counted_is_not(self, article):
        says(visit(is_measured=False), article)
        assert work_out_outcomes(at=NOW) == 0

    def test_figures_stay_when_visits_are_forgotten(self, article):
        journey = says(visit(), article)
        work_out_outcomes(at=NOW)
        journey.delete()
        assert Outcome.objects.get().kind == Kind.CONFIRMED
        assert work_out_outcomes(at=NOW) == 0

    def test_many_cost_as_many_queries_as_one(self, article, django_assert_max_num_queries):
        for number in range(20):
            journey = says(visit(), article)
            case(journeys.begin(language="en", after=journey, at=BEGUN + 2 * DAY), email=f"{number}@example.com")
        with django_assert_max_num_queries(20):
            assert work_out_outcomes(at=NOW) == 40


@pytest.mark.parametrize(
    ("one", "other", "language", "is_alike"),
    [
        ("när kommer återbetalningen", "Återbetalning: när kommer pengarna?", "sv", True),
        ("track my parcel", "I want to track a parcel", "en", True),
        ("track my parcel", "How do I wash wool?", "en", False),
        ("", "anything", "en", False),
    ],
)
def test_likeness_is_that_of_the_words_that_say_something(one, other, language, is_alike):
    assert (likeness(one, other, language) >= 0.4) is is_alike
