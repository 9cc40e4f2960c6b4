"""Taking back what was written to many customers, and what solving many cases says about the articles."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import people
from tests.factories import make_ticket, publish_article
from tests.tickets.desk import answers
from tickets import tasks
from tickets.models import BulkJob, Draft, HeldSend, Macro, MacroText, OutboxMessage, Tag, Ticket, TicketSuggestion
from tickets.services import bulk, lifecycle, tagging, undo
from tickets.services.case_history import history_lines
from tickets.services.history import agent

pytestmark = pytest.mark.django_db
BEGIN, START = "/desk/bulk/", "/desk/bulk/start/"
BODY = "Sorry, {{ customer.first_name }}."


@pytest.fixture
def tickets(ada):
    return [make_ticket(email=f"c{number}@example.com", name=f"Cleo{number} Lind") for number in range(3)]


@pytest.fixture(autouse=True)
def a_minute(settings):
    settings.UNDO_BULK_SECONDS = 60


def start(client, commit, action: str, tickets, **fields: object) -> BulkJob:
    cases = ",".join(str(one.pk) for one in tickets)
    with commit():
        assert client.post(START, {"action": action, "cases": cases, "query": "view=open"} | fields).status_code == 302
    return BulkJob.objects.get(action=action)


def page(client, job: BulkJob) -> str:
    return client.get(f"/desk/bulk/{job.pk}/?view=open", headers={"HX-Request": "true"}).content.decode()


def stop(client, commit, job: BulkJob) -> None:
    with commit():
        assert client.post(f"/desk/bulk/{job.pk}/stop/?view=open").status_code == 302
    job.refresh_from_db()


def sorry(mailoutbox) -> list[str]:
    """Who got the answer; the confirmations that the cases came in do not count."""
    return sorted(mail.to[0] for mail in mailoutbox if "Sorry" in mail.body)


def states(tickets) -> list[tuple[object, ...]]:
    found = Ticket.objects.filter(pk__in=[one.pk for one in tickets]).order_by("pk")
    return [(one.status, one.assignee_id, one.resolution, one.solved_at, one.first_response_at) for one in found]


def test_nothing_leaves_before_the_time_is_over(client, ada, tickets, commit, mailoutbox, monkeypatch):
    job = start(client, commit, "reply", tickets, body=BODY, then="waiting_customer")
    assert (job.status, sorry(mailoutbox)) == ("done", [])
    assert "3 customers have not been written to yet" in page(client, job)
    later = timezone.now() + timedelta(seconds=63)
    monkeypatch.setattr(timezone, "now", lambda: later)
    with commit():
        tasks.sweep_outbox()
    assert sorry(mailoutbox) == ["c0@example.com", "c1@example.com", "c2@example.com"]
    html = page(client, job)
    assert "All of it is done." in html
    assert "hx-get" not in html


@pytest.mark.parametrize("then", ["waiting_customer", "solved"])
def test_stopping_takes_back_what_has_not_left(client, ada, tickets, commit, mailoutbox, then):
    macro = Macro.objects.create(name="Storm")
    macro.tags.add(Tag.objects.create(name="storm"))
    MacroText.objects.create(macro=macro, language="en", body=BODY)
    letters, before = OutboxMessage.objects.count(), states(tickets)
    job = start(client, commit, "reply", tickets, macro=macro.pk, body="", then=then)
    assert answers(tickets[0]) == ["Sorry, Cleo0."]
    assert states(tickets) != before
    stop(client, commit, job)
    assert [answers(one) for one in tickets] == [[], [], []]
    assert states(tickets) == before
    assert (OutboxMessage.objects.count(), sorry(mailoutbox)) == (letters, [])
    assert not any(one.tags.exists() for one in tickets)
    assert not Draft.objects.exists()
    html = page(client, job)
    assert "3 cases are as they were" in html
    assert "hx-get" not in html


def test_what_has_left_stays(client, ada, tickets, commit, mailoutbox):
    job = start(client, commit, "reply", tickets, body=BODY, then="open")
    left = OutboxMessage.objects.get(message__ticket=tickets[1], message__kind="outbound")
    OutboxMessage.objects.filter(pk=left.pk).update(status=OutboxMessage.Status.SENDING, attempts=1)
    stop(client, commit, job)
    assert [len(answers(one)) for one in tickets] == [0, 1, 0]
    assert sorted(job.taken_back) == [tickets[0].pk, tickets[2].pk]
    assert not undo.undoable(tickets[1], ada, timezone.now())
    assert tickets[1].messages.visible_to_customer(timezone.now()).filter(kind="outbound").exists()


def test_letters_are_out_of_the_way_even_while_no_worker_is_there(
    client, ada, tickets, commit, mailoutbox, monkeypatch
):
    job = start(client, commit, "reply", tickets, body=BODY, then="open")
    bulk.stop(job)
    assert "are being put back" in page(client, job)
    later = timezone.now() + timedelta(minutes=10)
    monkeypatch.setattr(timezone, "now", lambda: later)
    with commit():
        tasks.sweep_outbox()
    assert sorry(mailoutbox) == []
    with commit():
        assert tasks.sweep_bulk_jobs() == 1
    assert [answers(one) for one in tickets] == [[], [], []]
    assert tasks.take_back_bulk_job(str(job.pk)) == 0


def test_an_answer_that_was_sent_by_hand_is_not_taken_back(client, ada, tickets, commit, settings):
    lifecycle.send_reply(tickets[0], agent=ada, body="By hand.", hold=timedelta(seconds=90))
    lifecycle.solve(tickets[1], agent=ada, article=None, hold=timedelta(seconds=90))
    job = start(client, commit, "solve", tickets)
    lifecycle.send_reply(tickets[2], agent=ada, body="And this.", hold=timedelta(seconds=90))
    stop(client, commit, job)
    assert answers(tickets[0]) == ["By hand."]
    assert answers(tickets[2]) == ["And this."]
    assert HeldSend.objects.filter(job=None).count() == 3
    tickets[1].refresh_from_db()
    assert tickets[1].resolution == "no_article"


def test_a_stopped_job_can_be_changed_and_started_again_for_those_it_did_not_reach(client, ada, tickets, commit):
    job = start(client, commit, "reply", tickets, body=BODY, then="open")
    left = OutboxMessage.objects.filter(message__ticket=tickets[1], message__kind="outbound")
    left.update(status=OutboxMessage.Status.SENT)
    stop(client, commit, job)
    html = client.post(BEGIN, {"again": job.pk, "query": "view=open"}).content.decode()
    assert "2 cases are chosen" in html
    assert BODY in html.replace("&#x27;", "'")
    for wrong in ("x", "0b5e1c0e-7f8e-4d5c-9b1b-0d8f6f6f6f6f", ""):
        assert client.post(BEGIN, {"again": wrong, "query": ""}).status_code == 302


def test_only_the_one_who_started_it_stops_it(client, ada, tickets, commit):
    job = start(client, commit, "reply", tickets, body=BODY, then="open")
    client.force_login(people.ed())
    assert client.post(f"/desk/bulk/{job.pk}/stop/").status_code == 404
    assert client.post(BEGIN, {"again": job.pk, "query": ""}).status_code == 302
    assert [len(answers(one)) for one in tickets] == [1, 1, 1]


# What answered them


def test_solving_many_says_nothing_about_the_articles(client, ada, tickets, commit):
    start(client, commit, "solve", tickets)
    found = Ticket.objects.filter(pk__in=[one.pk for one in tickets])
    assert {(one.status, one.resolution, one.answered_by) for one in found} == {("solved", "", None)}
    said = [line.text for line in history_lines(tickets[0].events.all())]
    assert any(line.endswith("solved the case") for line in said)
    assert not any("no article" in line for line in said)


def test_what_answered_them_can_be_said_once_for_all(client, ada, tickets, commit):
    article = publish_article(title="The storm").article
    TicketSuggestion.objects.create(ticket=tickets[0], article=article, probability=0.8)
    html = client.post(BEGIN, {"action": "solve", "case": [one.pk for one in tickets], "query": ""}).content.decode()
    assert f'<option value="{article.pk}">The storm</option>' in html
    start(client, commit, "solve", tickets, answered_by=article.pk)
    assert {one.answered_by for one in Ticket.objects.filter(status="solved")} == {article}


def test_it_can_be_judged_that_no_article_answers_them(client, ada, tickets, commit):
    start(client, commit, "reply", tickets, body=BODY, then="solved", answered_by="none")
    assert {one.resolution for one in Ticket.objects.filter(status="solved")} == {"no_article"}


def test_looking_for_an_article_keeps_what_was_filled_in_and_starts_nothing(client, ada, tickets, commit):
    data = {"action": "reply", "cases": str(tickets[0].pk), "query": "", "body": BODY, "then": "solved", "look": "1"}
    html = client.post(START, data | {"find": "zebra"}).content.decode()
    assert BODY in html
    assert not BulkJob.objects.exists()


def test_an_article_that_is_gone_is_refused(client, ada, tickets):
    response = client.post(START, {"action": "solve", "cases": str(tickets[0].pk), "query": "", "answered_by": "99999"})
    assert response.status_code == 422
    assert not BulkJob.objects.exists()


def tags_of(tickets) -> list[list[str]]:
    return [sorted(one.tags.values_list("name", flat=True)) for one in tickets]


def take_tags_back(client, commit, job: BulkJob):
    with commit():
        return client.post(f"/desk/bulk/{job.pk}/take-tags-back/?view=open", follow=True)


@pytest.mark.parametrize("action", ["add_tags", "remove_tags"])
def test_tags_of_many_are_taken_back_and_only_those_that_it_changed(client, ada, tickets, commit, action):
    tagging.add_tags(tickets[0], ["storm", "vip"], by=agent(ada))
    before = tags_of(tickets)
    job = start(client, commit, action, tickets, tags="storm")
    assert tags_of(tickets) != before
    assert "Put the tags back" in page(client, job)
    response = take_tags_back(client, commit, job)
    assert "Put tags back" in response.content.decode()
    assert tags_of(tickets) == before
    assert "Put the tags back" not in page(client, job)
    assert "nothing here to put back" in take_tags_back(client, commit, job).content.decode()
    assert BulkJob.objects.count() == 2


def test_tags_that_somebody_has_changed_since_stay(client, ada, tickets, commit):
    job = start(client, commit, "add_tags", tickets, tags="storm, vip")
    tagging.remove_tags(tickets[1], ["storm"], by=agent(ada))
    tagging.add_tags(tickets[1], ["storm"], by=agent(ada))
    take_tags_back(client, commit, job)
    assert tags_of(tickets) == [[], ["storm"], []]


def test_nobody_takes_back_a_colleagues_tags_or_starts_it_from_a_list(client, ada, tickets, commit):
    job = start(client, commit, "add_tags", tickets, tags="storm")
    client.post(START, {"action": "take_back_tags", "cases": str(tickets[0].pk), "query": "", "undoes": str(job.pk)})
    client.force_login(people.max_())
    assert take_tags_back(client, commit, job).status_code == 404
    client.force_login(people.cleo())
    assert take_tags_back(client, commit, job).status_code in (403, 404)
    assert tags_of(tickets) == [["storm"]] * 3
    assert BulkJob.objects.count() == 1
