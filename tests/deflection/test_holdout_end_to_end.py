"""Some dozens of visits through the real pages and the API end in the right groups, counts and figures."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from deflection.middleware import COOKIE
from deflection.models import Assignment, Journey, JourneyEvent, Outcome
from deflection.services import assignment_results, holdout_rounds, outcomes
from deflection.services.effect import effect, guardrails, units_of
from deflection.services.holdout import arm_of, unit_of
from deflection.services.statistics import difference
from tests.factories import TopicFactory, publish_article
from tests.people import max_
from tickets.models import Ticket
from tickets.services.intake import open_ticket

pytestmark = pytest.mark.django_db
Arm = Assignment.Arm
STORY = "I sent a jacket back two weeks ago and still have no refund. When does the money come?"
VISITORS = 28


@pytest.fixture
def refund(commit):
    topic = TopicFactory(slug="returns", names={"en": "Returns"})
    with commit():
        publish_article("Wash wool", "Thirty degrees.")
        publish_article("Track a parcel", "Open the link.")
        return publish_article(
            "When do I get my refund?", "The refund comes when the return has reached us. " * 3, topic=topic
        ).article


@dataclass
class Visitor:
    """Somebody with a browser of their own, and what they were shown in it."""

    number: int
    browser: Client = field(default_factory=Client)
    shown: list[bool] = field(default_factory=list)

    @property
    def journey(self) -> Journey:
        return Journey.objects.get(pk=self.browser.cookies[COOKIE].value)

    def open_form(self, **headers: str) -> str:
        page = self.browser.get("/en/contact/", headers=headers)
        assert page.status_code == 200
        return page.content.decode()

    def write(self) -> None:
        answer = self.browser.post("/en/contact/suggestions/", {"message": STORY})
        self.shown.append("data-article-id" in answer.content.decode())

    def write_by_api(self) -> None:
        data = {"text": STORY, "lang": "en", "journey": str(self.journey.pk)}
        answer = self.browser.post("/api/v1/suggestions/", data, content_type="application/json").json()
        assert answer["journey"] == data["journey"]
        self.shown.append(bool(answer["suggestions"]))

    def send(self) -> Ticket:
        fields = {"message": STORY, "email": f"visitor{self.number}@example.com"}
        answer = self.browser.post("/en/contact/", fields)
        assert answer.status_code == 302
        return Ticket.objects.latest("pk")

    def say_it_was_answered(self, article) -> None:
        assert self.browser.post("/en/contact/answered/", {"article": article.pk}).status_code == 302


def expected_arm(journey: Journey, number: int, share: int) -> str:
    return arm_of(unit_of(holdout_rounds.key_of(number), "visitor", journey.visitor), share)


def live(visitor: Visitor, article) -> str:
    """One visit, by its number: how it goes and whether a person is turned to, on which channel."""
    visitor.open_form()
    visitor.write()
    visitor.write_by_api()
    visitor.open_form()
    visitor.write()
    match visitor.number % 4:
        case 0:
            visitor.send()
            return "form"
        case 1:
            visit = visitor.journey
            open_ticket(channel="phone", email="", sender_customer=_caller(visitor), body=STORY, language="en")
            Journey.objects.filter(pk=visit.pk).update(customer=_caller(visitor))
            return "phone"
        case 2 if visitor.shown[0]:
            visitor.say_it_was_answered(article)
            return ""
    return ""


def _caller(visitor: Visitor):
    from tickets.services.customers import customer_by_email

    return customer_by_email(f"caller{visitor.number}@example.com", name="", language="en")


def test_visits_end_in_the_right_groups_counts_and_figures(refund):
    running = holdout_rounds.start_round(share=40, effect=5)
    visitors = [Visitor(number) for number in range(VISITORS)]
    channels = {visitor.number: live(visitor, refund) for visitor in visitors}

    rows = {row.unit: row for row in Assignment.objects.units()}
    assert len(rows) == VISITORS
    counts = {arm: [0, 0] for arm in Arm.values}
    for visitor in visitors:
        arm = expected_arm(visitor.journey, running.number, 40)
        unit = unit_of(holdout_rounds.key_of(running.number), "visitor", visitor.journey.visitor)
        # The group is the hash's; what was shown, on the page and by the API, is the group's.
        assert rows[unit].arm == arm
        assert visitor.shown == [arm == Arm.TREATED] * 3
        assert rows[unit].matched_at is not None
        counts[arm][0] += bool(channels[visitor.number])
        counts[arm][1] += 1
    assert all(of >= 5 for _contacted, of in counts.values())
    shown = JourneyEvent.objects.filter(kind=JourneyEvent.Kind.SUGGESTIONS_SHOWN).values("journey").distinct()
    assert shown.count() == counts[Arm.TREATED][1]

    later = timezone.now() + timedelta(days=8)
    assert effect(units_of(running)).pending == VISITORS
    assignment_results.work_out_results(at=later)
    outcomes.work_out_outcomes(at=later)
    found = effect(units_of(running))
    assert (found.contacts.control.events, found.contacts.control.of) == tuple(counts[Arm.CONTROL])
    assert (found.contacts.treated.events, found.contacts.treated.of) == tuple(counts[Arm.TREATED])
    assert found.contacts.interval == difference(*counts[Arm.CONTROL], *counts[Arm.TREATED])
    assert (found.pending, found.crossed, found.matched) == (0, 0, found.contacts)
    by_channel = [row.channel for row in Assignment.objects.units() if row.channel]
    assert sorted(by_channel) == sorted(filter(None, channels.values()))
    known = {one.key: one.comparison for one in guardrails(units_of(running))}["known"]
    assert known.control.events + known.treated.events == list(channels.values()).count("phone")

    confirmed = sum(visitor.number % 4 == 2 and visitor.shown[0] for visitor in visitors)
    assert Outcome.objects.filter(kind=Outcome.Kind.CONFIRMED, article=refund).count() == confirmed > 0
    assert Outcome.objects.filter(kind=Outcome.Kind.CONTACTED).count() == VISITORS // 2

    manager = Client()
    manager.force_login(max_())
    page = manager.get("/reports/deflection/")
    table = page.context["tables"]["groups"]
    assert [row[1].value for row in table.rows[:2]] == [counts[Arm.CONTROL][1], counts[Arm.TREATED][1]]
    assert [row[2].value for row in table.rows[:2]] == [counts[Arm.CONTROL][0], counts[Arm.TREATED][0]]
    assert "Too little data to tell" in page.content.decode()


def everything_but_names(page: str) -> str:
    """The page without what differs between any two visits: journeys, keys and stamps."""
    page = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|\b\d{10}\b", "", page)
    return re.sub(r'value="[^"]*"', "", page)


class TestNothingElseDiffers:
    """Between who is held out and who is not, on every page of the way."""

    @pytest.fixture
    def pair(self, refund):
        running = holdout_rounds.start_round(share=50, effect=5)
        found: dict[str, Visitor] = {}
        while len(found) < 2:
            visitor = Visitor(len(found))
            visitor.open_form()
            found.setdefault(expected_arm(visitor.journey, running.number, 50), visitor)
        return found[Arm.CONTROL], found[Arm.TREATED]

    def test_the_form_is_the_same(self, pair):
        control, treated = pair
        assert everything_but_names(control.open_form()) == everything_but_names(treated.open_form())

    def test_held_out_the_list_is_that_of_a_text_nothing_answers(self, pair):
        control, treated = pair
        kept_back = control.browser.post("/en/contact/suggestions/", {"message": STORY})
        nothing = treated.browser.post("/en/contact/suggestions/", {"message": "Which colours does the tent come in?"})
        assert kept_back.content == nothing.content

    def test_without_javascript_sending_and_the_case_are_the_same_with_its_suggestions(self, pair):
        """What may answer the case is shown to both, after it was sent: by then both have turned to a person."""
        pages = []
        for visitor in pair:
            ticket = visitor.send()
            assert ticket.suggestions.exists()
            answer = visitor.browser.post("/en/contact/", {"message": "", "email": "x"})
            assert answer.status_code == 422
            pages.append(everything_but_names(answer.content.decode()))
        assert pages[0] == pages[1]


class TestOutside:
    def test_who_signals_not_to_be_counted_sees_suggestions_and_is_in_no_group(self, refund):
        holdout_rounds.start_round(share=50, effect=5)
        for number in range(12):
            visitor = Visitor(number)
            visitor.browser.get("/en/contact/", headers={"Sec-GPC" if number % 2 else "DNT": "1"})
            visitor.write()
            assert visitor.shown == [True]
        assert not Assignment.objects.exists()

    def test_what_a_program_begins_by_the_api_is_never_held_out_also_when_it_goes_on(self, client, refund):
        holdout_rounds.start_round(share=50, effect=5)
        for _ in range(12):
            asked = {"text": STORY, "lang": "en"}
            for _again in range(2):
                answer = client.post("/api/v1/suggestions/", asked, content_type="application/json").json()
                assert answer["suggestions"]
                asked["journey"] = answer["journey"]
        assert not Assignment.objects.exists()

    def test_a_journey_that_nobody_knows_is_a_new_one(self, client, refund):
        holdout_rounds.start_round(share=50, effect=5)
        asked = {"text": STORY, "lang": "en", "journey": str(uuid.uuid4())}
        assert client.post("/api/v1/suggestions/", asked, content_type="application/json").json()["suggestions"]
        assert not Assignment.objects.exists()
