"""Cases for other systems: listed, read and changed with a token, and by nobody without one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from tests.factories import TopicFactory, UserFactory, make_ticket, publish_article
from tests.people import ada, max_, sam
from tests.tickets.tokens import CASES, Caller, caller_for, case_url, messages_url
from tickets.models import ApiToken, CustomField, HeldSend, Team, Ticket, TicketEvent
from tickets.services.lifecycle import assign, solve
from tickets.services.tokens import make_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return ada()


@pytest.fixture
def crm(agent):
    return caller_for(agent)


@pytest.fixture
def ticket():
    return make_ticket(subject="Where is my parcel?")


def references(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [case["reference"] for case in response.json()["results"]]


class TestWhoMayAsk:
    """Every address, from the wrong side."""

    def _ask_everything(self, caller: Caller, reference: str) -> set[int]:
        return {
            caller.get(CASES).status_code,
            caller.get(case_url(reference)).status_code,
            caller.patch(case_url(reference), {"priority": "high"}).status_code,
            caller.get(messages_url(reference)).status_code,
            caller.post(messages_url(reference), {"body": "Hello."}).status_code,
        }

    def test_nobody_without_a_token(self, ticket):
        assert self._ask_everything(Caller(), ticket.reference) == {401}
        response = Caller().get(CASES)
        assert response["WWW-Authenticate"].startswith("Token")
        assert response["Content-Type"] == "application/problem+json"

    def test_no_session_of_an_agent_nor_of_a_customer(self, ticket, agent):
        for person in (agent, sam(), UserFactory(email="cleo@example.com")):
            caller = Caller()
            caller.client.force_login(person)
            assert self._ask_everything(caller, ticket.reference) == {401}

    @pytest.mark.parametrize("text", ["", "svar_nonsense", "a b c", "åäö", "x" * 5000])
    def test_no_token_of_ones_own_making(self, ticket, text):
        caller = Caller()
        caller.headers = {"Authorization": f"Token {text}"}
        assert self._ask_everything(caller, ticket.reference) == {401}

    def test_no_token_that_was_withdrawn(self, ticket, crm):
        ApiToken.objects.update(is_active=False)
        assert self._ask_everything(crm, ticket.reference) == {401}

    def test_no_token_of_a_person_who_has_left(self, ticket, crm, agent):
        agent.is_active = False
        agent.save()
        assert self._ask_everything(crm, ticket.reference) == {401}

    def test_no_role_that_does_not_work_with_cases(self, ticket, agent):
        Group.objects.create(name="readers of articles")
        assert self._ask_everything(caller_for(agent, "readers of articles"), ticket.reference) == {403}

    def test_no_role_gives_more_than_its_person_has(self, ticket):
        assert self._ask_everything(caller_for(sam(), "administrator"), ticket.reference) == {403}

    def test_a_role_that_may_view_cases_reads_and_changes_nothing(self, ticket, agent):
        group = Group.objects.create(name="onlookers")
        group.permissions.add(Permission.objects.get(codename="view_ticket"))
        agent.groups.add(group)
        onlooker = caller_for(agent, "onlookers")
        assert onlooker.get(case_url(ticket.reference)).status_code == 200
        assert onlooker.get(messages_url(ticket.reference)).status_code == 200
        assert onlooker.patch(case_url(ticket.reference), {"priority": "high"}).status_code == 403
        assert onlooker.post(messages_url(ticket.reference), {"body": "Hello."}).status_code == 403
        ticket.refresh_from_db()
        assert ticket.priority == "normal"

    def test_no_case_that_is_not_there(self, crm):
        assert self._ask_everything(crm, "SV-1") == {200, 404}

    def test_anybody_still_sends_a_case(self):
        response = Caller().post(CASES, {"email": "cleo@example.com", "message": "My parcel has not come."})
        assert response.status_code == 201

    def test_when_a_token_was_used_is_noted(self, crm):
        crm.get(CASES)
        assert ApiToken.objects.get().used_at is not None


def test_only_the_hash_of_a_token_is_kept(agent):
    row, text = make_token(name="CRM", role=Group.objects.get(name="agent"), user=agent)
    kept = str(ApiToken.objects.filter(pk=row.pk).values().get())
    assert text not in kept
    assert text.startswith(row.prefix)
    assert len(text) > len(row.prefix) + 30


class TestList:
    def test_a_case_as_it_is_told(self, crm, ticket):
        (case,) = crm.get(CASES).json()["results"]
        assert case["reference"] == ticket.reference
        assert case["customer"] == {"id": ticket.customer.pk, "name": "Cleo Lind", "email": "cleo@example.com"}
        assert (case["status"], case["assignee"], case["tags"], case["merged_into"]) == ("new", None, [], None)
        assert case["url"].endswith(f"/desk/{ticket.reference}/")

    def test_filters(self, crm, agent):
        topic = TopicFactory(slug="returns")
        first, second, third = make_ticket(topic=topic), make_ticket(email="sam@example.com"), make_ticket()
        assign(first, to=agent, by=agent)
        other = max_()
        assign(second, to=other, by=agent)
        crm.patch(case_url(third.reference), {"tags": ["Refund", "vip"]})
        one, two, three = first.reference, second.reference, third.reference
        assert references(crm.get(CASES, {"status": "new"})) == [three]
        assert set(references(crm.get(CASES, {"status": ["new", "open"]}))) == {one, two, three}
        assert references(crm.get(CASES, {"assignee": "ada@example.com"})) == [one]
        assert references(crm.get(CASES, {"assignee": "me"})) == [one]
        assert references(crm.get(CASES, {"assignee": "none"})) == [three]
        assert references(crm.get(CASES, {"tag": "refund"})) == [three]
        assert references(crm.get(CASES, {"tag": "Refund"})) == [three]
        assert references(crm.get(CASES, {"topic": "returns"})) == [one]
        assert references(crm.get(CASES, {"customer": "Sam@example.com"})) == [two]
        assert references(crm.get(CASES, {"assignee": "nobody@example.com"})) == []

    def test_an_answer_that_can_still_be_taken_back_has_not_happened(self, crm, agent, ticket):
        solve(ticket, agent=agent, article=None, body="Done.", hold=timedelta(seconds=100))
        case = crm.get(case_url(ticket.reference)).json()
        assert (case["status"], case["solved_at"], case["first_response_at"]) == ("new", None, None)
        assert references(crm.get(CASES, {"status": "new"})) == [ticket.reference]
        assert references(crm.get(CASES, {"status": "solved"})) == []
        # Somebody else's change is no part of it.
        crm.patch(case_url(ticket.reference), {"priority": "high"})
        assert crm.get(case_url(ticket.reference)).json()["priority"] == "high"

    def test_when_it_has_left_it_is_told_to_whoever_asked_meanwhile(self, crm, agent, ticket):
        solve(ticket, agent=agent, article=None, body="Done.", hold=timedelta(seconds=100))
        now = timezone.now()
        HeldSend.objects.update(until=now)
        Ticket.objects.update(updated_at=now - timedelta(minutes=9))
        (case,) = crm.get(
            CASES, {"status": "solved", "updated_since": (now - timedelta(minutes=1)).isoformat()}
        ).json()["results"]
        assert case["status"] == "solved"
        assert case["solved_at"]

    def test_updated_since(self, crm):
        now = timezone.now()
        make_ticket(at=now - timedelta(days=2))
        new = make_ticket(at=now - timedelta(hours=1))
        assert references(crm.get(CASES, {"updated_since": (now - timedelta(days=1)).isoformat()})) == [new.reference]
        assert references(crm.get(CASES, {"updated_since": (now + timedelta(days=1)).isoformat()})) == []

    def test_pages_hold_each_case_once_even_when_many_changed_at_the_same_moment(self, crm):
        now = timezone.now()
        made = {make_ticket(at=now).reference for _ in range(7)}
        seen, url = [], f"{CASES}?limit=3"
        while url:
            page = crm.get(url.removeprefix("http://testserver"))
            seen += references(page)
            url = page.json()["next"]
        assert len(seen) == 7
        assert set(seen) == made

    def test_a_case_that_changes_between_two_pages_is_told_again_and_no_other_is_missed(self, crm):
        now = timezone.now()
        tickets = [make_ticket(at=now - timedelta(hours=9 - number)) for number in range(4)]
        first = crm.get(CASES, {"limit": 2})
        crm.patch(case_url(tickets[0].reference), {"priority": "high"})
        second = crm.get(first.json()["next"].removeprefix("http://testserver"))
        third = crm.get(second.json()["next"].removeprefix("http://testserver"))
        told = [*references(first), *references(second), *references(third)]
        assert told == [tickets[number].reference for number in (0, 1, 2, 3, 0)]
        assert third.json()["next"] is None

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"status": "lost"}, "status"),
            ({"updated_since": "yesterday"}, "updated_since"),
            ({"limit": 0}, "limit"),
            ({"cursor": "nonsense"}, "cursor"),
            ({"cursor": "////"}, "cursor"),
            ({"cursor": "MjAyNi0xMS0yMiAx"}, "cursor"),
        ],
    )
    def test_what_cannot_be_asked_names_the_field(self, crm, query, field):
        response = crm.get(CASES, query)
        assert response.status_code == 400
        assert list(response.json()["errors"]) == [field]

    def test_as_many_queries_for_ten_as_for_one(self, crm, django_assert_max_num_queries, agent):
        for number in range(10):
            ticket = make_ticket(email=f"cleo{number}@example.com", topic=TopicFactory())
            assign(ticket, to=agent, by=agent)
        crm.get(CASES)
        with django_assert_max_num_queries(9):
            assert len(references(crm.get(CASES))) == 10


class TestChange:
    def test_each_change_is_made_and_told_in_the_history(self, crm, agent, ticket):
        TopicFactory(slug="returns")
        team = Team.objects.create(key="web", name="Web")
        CustomField.objects.create(key="order", kind="text")
        body = {
            "priority": "high",
            "type": "problem",
            "language": "sv",
            "subject": "A parcel",
            "topic": "returns",
            "team": "web",
            "tags": ["Delivery", "vip"],
            "fields": {"order": "A-1"},
            "assignee": "ada@example.com",
            "status": "waiting_third_party",
        }
        answer = crm.patch(case_url(ticket.reference), body)
        assert answer.status_code == 200, answer.content
        told = answer.json()
        assert {name: told[name] for name in body} == {**body, "tags": ["delivery", "vip"]}
        ticket.refresh_from_db()
        assert (ticket.team, ticket.assignee) == (team, agent)
        events = ticket.events.exclude(kind=TicketEvent.Kind.RECEIVED)
        assert {event.actor for event in events} == {agent}
        assert {event.kind for event in events} >= {"changed", "tagged", "assigned", "status_changed"}

    def test_what_is_not_named_stays(self, crm, ticket):
        crm.patch(case_url(ticket.reference), {"tags": ["one", "two"], "priority": "high"})
        told = crm.patch(case_url(ticket.reference), {"tags": ["two", "three"]}).json()
        assert (told["tags"], told["priority"]) == (["three", "two"], "high")

    def test_nothing_is_taken_when_one_value_cannot_be(self, crm, ticket):
        response = crm.patch(case_url(ticket.reference), {"priority": "high", "assignee": "nobody@example.com"})
        assert response.status_code == 400
        assert list(response.json()["errors"]) == ["assignee"]
        ticket.refresh_from_db()
        assert ticket.priority == "normal"
        assert list(ticket.events.values_list("kind", flat=True)) == ["received"]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"status": "new"}, "status"),
            ({"status": "closed"}, "status"),
            ({"priority": "enormous"}, "priority"),
            ({"topic": "none-such"}, "topic"),
            ({"team": "none-such"}, "team"),
            ({"tags": "refund"}, "tags"),
            ({"tags": ["x" * 51]}, "tags"),
            ({"fields": {"none-such": 1}}, "fields"),
            ({"answered_by": 1}, "answered_by"),
            ({"status": "solved", "answered_by": 10**6}, "answered_by"),
            ({"prioritty": "high"}, "prioritty"),
            ({"reference": "SV-1"}, "reference"),
        ],
    )
    def test_what_cannot_be_taken_names_the_field(self, crm, ticket, body, field):
        response = crm.patch(case_url(ticket.reference), body)
        assert response.status_code == 400
        assert list(response.json()["errors"]) == [field]

    def test_nobody_who_works_no_cases_is_given_one(self, crm, ticket):
        sam()
        response = crm.patch(case_url(ticket.reference), {"assignee": "sam@example.com"})
        assert list(response.json()["errors"]) == ["assignee"]

    def test_solved_with_the_article_that_answered_it(self, crm, ticket, commit):
        with commit():
            article = publish_article().article
        told = crm.patch(case_url(ticket.reference), {"status": "solved", "answered_by": article.pk}).json()
        assert (told["status"], told["answered_by"], told["resolution"]) == ("solved", article.pk, "article")
        again = crm.patch(case_url(ticket.reference), {"status": "solved", "answered_by": article.pk})
        assert again.status_code == 200
        assert ticket.events.filter(kind=TicketEvent.Kind.SOLVED).count() == 1
        assert crm.patch(case_url(ticket.reference), {"status": "open"}).json()["resolution"] == ""

    def test_put_back_among_those_that_nobody_has(self, crm, ticket, agent):
        assign(ticket, to=agent, by=agent)
        assert crm.patch(case_url(ticket.reference), {"assignee": None}).json()["assignee"] is None

    def test_a_merged_case_says_where_it_went_and_takes_nothing(self, crm, ticket):
        target = make_ticket()
        Ticket.objects.filter(pk=ticket.pk).update(merged_into=target)
        assert crm.get(case_url(ticket.reference)).json()["merged_into"] == target.reference
        for response in (
            crm.patch(case_url(ticket.reference), {"priority": "high"}),
            crm.post(messages_url(ticket.reference), {"body": "Hello."}),
        ):
            assert response.status_code == 409
            assert target.reference in response.json()["detail"]
