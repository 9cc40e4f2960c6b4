"""One change to many cases: chosen in a list, done by the worker, each once, with whatever stood in the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import people
from tests.factories import TopicFactory, make_ticket
from tests.tickets.desk import answers
from tickets import tasks
from tickets.errors import TicketError
from tickets.models import BulkJob, Macro, MacroText, RootCause, Team, Ticket
from tickets.services import bulk, bulk_actions, lifecycle, tagging
from tickets.services.history import agent

pytestmark = pytest.mark.django_db
BEGIN, START = "/desk/bulk/", "/desk/bulk/start/"


@pytest.fixture
def tickets(ada):
    return [make_ticket(email=f"c{number}@example.com", name=f"Cleo{number} Lind") for number in range(3)]


def numbers(tickets) -> str:
    return ",".join(str(one.pk) for one in tickets)


def start(client, commit, action: str, tickets, **fields: object):
    with commit():
        return client.post(START, {"action": action, "cases": numbers(tickets), "query": "view=open"} | fields)


def fresh(tickets) -> list[Ticket]:
    return list(Ticket.objects.filter(pk__in=[one.pk for one in tickets]).order_by("pk"))


# Choosing


def test_chosen_cases_are_shown_before_anything_happens(client, ada, tickets):
    response = client.post(BEGIN, {"action": "assign", "case": [tickets[0].pk, tickets[1].pk], "query": "view=open"})
    html = response.content.decode()
    assert "2 cases are chosen" in html
    assert str(tickets[0].reference) in html
    assert str(tickets[2].reference) not in html
    assert not BulkJob.objects.exists()


def test_all_that_match_are_those_of_the_list(client, ada, tickets):
    lifecycle.change_status(tickets[0], "waiting_customer", agent=ada)
    response = client.post(BEGIN, {"action": "spam", "all": "1", "query": "view=waiting&language=en"})
    assert "2 cases are chosen" in response.content.decode()
    tagging.add_tags(tickets[1], ["vip"], by=agent(ada))
    response = client.post(BEGIN, {"action": "spam", "all": "1", "query": "view=open&tag=vip"})
    assert f'name="cases" value="{tickets[1].pk}"' in response.content.decode()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"action": "assign"}, "Choose at least one case"),
        ({"action": "", "case": "1"}, "Choose what is to be done"),
        ({"action": "delete", "case": "1"}, "Choose what is to be done"),
        ({"action": "assign", "case": ["x", "9999999", "-1", "9" * 40]}, "Choose at least one case"),
    ],
)
def test_nothing_chosen_leads_back_and_says_so(client, ada, tickets, data, says):
    response = client.post(BEGIN, data | {"query": "view=open&sort=newest"}, follow=True)
    assert response.redirect_chain[0][0] == "/desk/?view=open&sort=newest"
    assert says in response.content.decode()


def test_too_many_are_refused(client, ada, tickets, monkeypatch):
    monkeypatch.setattr(bulk, "MOST_CASES", 2)
    response = client.post(BEGIN, {"action": "assign", "all": "1", "query": "view=open"}, follow=True)
    assert "At most 2 cases" in response.content.decode()
    with pytest.raises(TicketError):
        bulk.start(ada, "spam", [one.pk for one in tickets], {})


# Doing


def test_each_action_changes_every_case_with_its_history(client, ada, tickets, commit):
    team = Team.objects.create(key="returns", name="Returns")
    topic = TopicFactory(slug="refunds")
    cause = RootCause.objects.create(key="label", name="Label")
    steps = [
        ("assign", {"to": ada.pk}, lambda one: one.assignee == ada),
        ("status", {"status": "waiting_third_party"}, lambda one: one.status == "waiting_third_party"),
        ("priority", {"priority": "high"}, lambda one: one.priority == "high"),
        ("team", {"team": team.key}, lambda one: one.team == team),
        ("topic", {"topic": topic.slug}, lambda one: one.topic == topic),
        ("add_tags", {"tags": "VIP, storm"}, lambda one: {tag.name for tag in one.tags.all()} == {"vip", "storm"}),
        ("remove_tags", {"tags": "storm"}, lambda one: [tag.name for tag in one.tags.all()] == ["vip"]),
        ("spam", {}, lambda one: one.is_suspected_spam),
        ("not_spam", {}, lambda one: not one.is_suspected_spam),
        ("reply", {"body": "All is well.", "then": "open"}, lambda one: answers(one) == ["All is well."]),
        ("solve", {"root_cause": cause.pk}, lambda one: one.status == "solved" and one.root_cause == cause),
        ("assign", {"to": ""}, lambda one: one.assignee is None),
    ]
    assert {step[0] for step in steps} == set(bulk_actions.ACTIONS)
    for action, fields, is_done in steps:
        before = [one.events.count() for one in tickets]
        response = start(client, commit, action, tickets, **fields)
        assert response.status_code == 302, action
        job = BulkJob.objects.first()
        assert (job.status, job.done, job.failures) == ("done", 3, []), action
        assert all(is_done(one) for one in fresh(tickets)), action
        assert all(one.events.count() > was for one, was in zip(tickets, before, strict=True)), action


def test_each_customer_gets_an_answer_of_their_own(client, ada, tickets, commit, mailoutbox):
    start(client, commit, "reply", tickets, body="Hi {{ customer.first_name }}, sorry.", then="waiting_customer")
    assert [answers(one) for one in tickets] == [[f"Hi Cleo{number}, sorry."] for number in range(3)]
    sent = [mail for mail in mailoutbox if "sorry" in mail.body]
    assert sorted(mail.to[0] for mail in sent) == [f"c{number}@example.com" for number in range(3)]
    assert all(len(mail.to) == 1 and not mail.cc for mail in sent)


def test_a_macro_speaks_each_customers_language(client, ada, tickets, commit):
    Ticket.objects.filter(pk=tickets[0].pk).update(language="sv")
    macro = Macro.objects.create(name="Storm", priority="high")
    MacroText.objects.create(macro=macro, language="en", body="A storm, {{ customer.first_name }}.")
    MacroText.objects.create(macro=macro, language="sv", body="En storm, {{ customer.first_name }}.")
    start(client, commit, "reply", tickets, macro=macro.pk, body="", then="solved")
    assert [answers(one)[0] for one in tickets] == ["En storm, Cleo0.", "A storm, Cleo1.", "A storm, Cleo2."]
    assert {(one.status, one.priority) for one in fresh(tickets)} == {("solved", "high")}
    assert macro.uses.count() == 3


def test_a_preview_sends_nothing(client, ada, tickets, commit):
    response = start(client, commit, "reply", tickets, body="Hi {{ customer.first_name }}!", then="open", preview="1")
    assert "Hi Cleo0!" in response.content.decode()
    assert not BulkJob.objects.exists()


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("reply", {"body": " ", "then": "open"}),
        ("reply", {"body": "Kept words", "then": "new"}),
        ("status", {"status": "solved"}),
        ("priority", {"priority": "most"}),
        ("topic", {"topic": "gone"}),
        ("team", {"team": "gone"}),
        ("add_tags", {"tags": " , "}),
        ("assign", {"to": "99999"}),
    ],
)
def test_what_makes_no_sense_is_asked_again(client, ada, tickets, commit, action, fields):
    response = start(client, commit, action, tickets, **fields)
    assert response.status_code == 422
    assert not BulkJob.objects.exists()
    if "body" in fields:
        assert fields["body"].strip() in response.content.decode()


# What stands in the way


def test_a_case_that_refuses_is_listed_with_the_reason_and_stops_no_other(client, ada, tickets, commit):
    Ticket.objects.filter(pk=tickets[1].pk).update(merged_into=tickets[0])
    response = start(client, commit, "priority", tickets, priority="high")
    html = client.get(response.url).content.decode()
    assert "1 case could not be changed" in html
    assert str(tickets[1].reference) in html
    assert [one.priority for one in fresh(tickets)] == ["high", "normal", "high"]


def test_a_fault_of_ours_changes_nothing_of_that_case_and_stops_no_other(client, ada, tickets, commit, monkeypatch):
    real = bulk_actions.properties.change_property

    def broken(ticket, name, value, *, by):
        changed = real(ticket, name, value, by=by)
        if ticket.pk == tickets[1].pk:
            raise RuntimeError("out of order")
        return changed

    monkeypatch.setattr(bulk_actions.properties, "change_property", broken)
    start(client, commit, "priority", tickets, priority="high")
    assert [one.priority for one in fresh(tickets)] == ["high", "normal", "high"]
    assert BulkJob.objects.get().failures == [[str(tickets[1].reference), "Something went wrong. The log says what."]]


def test_who_may_no_longer_work_with_cases_changes_none(ada, tickets):
    job = bulk.start(ada, "priority", [one.pk for one in tickets], {"priority": "high"})
    ada.groups.clear()
    bulk.run(str(job.pk))
    job.refresh_from_db()
    assert (job.status, len(job.failures)) == ("done", 3)
    assert {one.priority for one in fresh(tickets)} == {"normal"}


def test_a_job_goes_on_where_its_worker_died_and_does_nothing_twice(ada, tickets, monkeypatch):
    job = bulk.start(ada, "reply", [one.pk for one in tickets], {"body": "Once", "then": "open"})
    real, done = bulk._step, []

    def dies_after_one(job_id):
        if done:
            raise KeyboardInterrupt
        done.append(job_id)
        return real(job_id)

    monkeypatch.setattr(bulk, "_step", dies_after_one)
    with pytest.raises(KeyboardInterrupt):
        bulk.run(str(job.pk))
    monkeypatch.setattr(bulk, "_step", real)
    job.refresh_from_db()
    assert (job.status, job.done) == ("running", 1)
    assert tasks.sweep_bulk_jobs() == 0
    BulkJob.objects.update(updated_at=timezone.now() - timedelta(minutes=5))
    assert tasks.sweep_bulk_jobs() == 1
    assert [answers(one) for one in tickets] == [["Once"]] * 3
    assert bulk.run(str(job.pk)) == 0
    assert [answers(one) for one in tickets] == [["Once"]] * 3


def test_a_change_and_its_count_are_one(ada, tickets, monkeypatch):
    job = bulk.start(ada, "reply", [one.pk for one in tickets], {"body": "Once", "then": "open"})

    class Crash(BaseException):
        pass

    def crash(self, **kwargs):
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(BulkJob, "save", crash)
        with pytest.raises(Crash):
            bulk.run(str(job.pk))
    assert answers(tickets[0]) == []
    bulk.run(str(job.pk))
    assert [answers(one) for one in tickets] == [["Once"]] * 3


def test_a_stopped_job_touches_no_further_case(client, ada, tickets):
    job = bulk.start(ada, "priority", [one.pk for one in tickets], {"priority": "high"})
    html = client.get(reverse("desk:bulk_job", args=[job.pk])).content.decode()
    assert 'hx-trigger="every 1s"' in html
    assert client.post(reverse("desk:bulk_stop", args=[job.pk])).status_code == 302
    assert bulk.run(str(job.pk)) == 0
    assert {one.priority for one in fresh(tickets)} == {"normal"}
    html = client.get(reverse("desk:bulk_job", args=[job.pk]), headers={"HX-Request": "true"}).content.decode()
    assert "Stopped" in html
    assert "hx-trigger" not in html
    assert "<html" not in html


# Others


def test_a_job_is_its_owners_alone(client, ada, tickets):
    job = bulk.start(ada, "priority", [one.pk for one in tickets], {"priority": "high"})
    client.force_login(people.max_())
    assert client.get(reverse("desk:bulk_job", args=[job.pk])).status_code == 404
    assert client.post(reverse("desk:bulk_stop", args=[job.pk])).status_code == 404


@pytest.mark.parametrize("path", [BEGIN, START, "/desk/filters/"])
def test_strangers_and_sam_are_kept_out(client, tickets, path):
    client.logout()
    assert client.post(path, {"action": "spam", "cases": numbers(tickets)}).status_code == 302
    client.force_login(people.sam())
    assert client.post(path, {"action": "spam", "cases": numbers(tickets)}).status_code == 403
    assert not BulkJob.objects.exists()


def test_wrong_methods(client, ada, tickets):
    job = bulk.start(ada, "spam", [tickets[0].pk], {})
    assert client.get(START).status_code == 405
    assert client.get(reverse("desk:bulk_stop", args=[job.pk])).status_code == 405
    assert client.post(reverse("desk:bulk_job", args=[job.pk])).status_code == 405


def test_cases_that_one_may_not_see_are_left_out(ada, tickets):
    sam = people.sam()
    with pytest.raises(TicketError, match="at least one"):
        bulk.start(sam, "spam", [one.pk for one in tickets], {})
