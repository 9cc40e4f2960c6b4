"""What changes a case: the status that follows, the waiting clock, and the line in the history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from tests import people
from tests.factories import make_ticket, publish_article
from tickets.errors import TicketError
from tickets.models import Message, OutboxMessage, Ticket
from tickets.services import intake, lifecycle
from tickets.services.intake import VisitContext

pytestmark = pytest.mark.django_db
Status = Ticket.Status


@pytest.fixture
def ada():
    return people.ada()


@pytest.fixture
def ticket():
    return make_ticket(at=timezone.now() - timedelta(hours=3))


def history(ticket: Ticket) -> list[str]:
    return [event.kind for event in ticket.events.all()]


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


# Answering


def test_an_answer_goes_out_and_the_case_waits_for_the_customer(ada, ticket, commit):
    now = timezone.now()
    with commit():
        message = lifecycle.send_reply(ticket, agent=ada, body="  It is on its way.\r\n", at=now)
    after = fresh(ticket)
    assert message.kind == Message.Kind.OUTBOUND
    assert message.body == "It is on its way."
    assert after.status == Status.WAITING_CUSTOMER
    assert after.waiting_since is None
    assert after.first_response_at == now
    assert after.assignee == ada
    assert history(ticket) == ["received", "replied", "assigned", "status_changed"]
    assert "It is on its way." in mail.outbox[-1].body


def test_the_first_answer_stays_the_first(ada, ticket):
    first = timezone.now()
    lifecycle.send_reply(ticket, agent=ada, body="One.", at=first)
    lifecycle.send_reply(ticket, agent=ada, body="Two.", at=first + timedelta(hours=1))
    assert fresh(ticket).first_response_at == first


def test_a_case_kept_open_after_an_answer_starts_a_new_wait(ada, ticket):
    now = timezone.now()
    lifecycle.send_reply(ticket, agent=ada, body="More soon.", then=Status.OPEN, at=now)
    assert fresh(ticket).status == Status.OPEN
    assert fresh(ticket).waiting_since == now


def test_a_colleagues_case_stays_theirs_when_somebody_else_answers(ada, ticket):
    ed = people.ed()
    lifecycle.assign(ticket, to=ed, by=ed)
    lifecycle.send_reply(ticket, agent=ada, body="I can say.")
    assert fresh(ticket).assignee == ed


@pytest.mark.parametrize("then", [Status.NEW, Status.SOLVED, Status.CLOSED, "nonsense", ""])
def test_an_answer_cannot_leave_the_case_in_any_status(ada, ticket, then):
    with pytest.raises(TicketError):
        lifecycle.send_reply(ticket, agent=ada, body="x", then=then)
    assert history(ticket) == ["received"]
    assert ticket.messages.count() == 1


@pytest.mark.parametrize("body", ["", " \n ", "\x00", "x" * 20_001])
def test_what_cannot_be_sent_is_refused_and_leaves_nothing(ada, ticket, body):
    for verb in (lifecycle.send_reply, lifecycle.add_note):
        with pytest.raises(TicketError, match=r"\w+"):
            verb(ticket, agent=ada, body=body)
    assert ticket.messages.count() == 1
    assert history(ticket) == ["received"]


# Notes


def test_a_note_changes_nothing_for_the_customer_and_sends_nothing(ada, ticket, commit):
    letters = OutboxMessage.objects.count()
    with commit():
        lifecycle.add_note(ticket, agent=ada, body="She phoned too.")
    after = fresh(ticket)
    assert (after.status, after.waiting_since, after.first_response_at) == (Status.NEW, ticket.waiting_since, None)
    assert history(ticket) == ["received", "noted"]
    assert OutboxMessage.objects.count() == letters


# Status


def test_a_status_set_by_hand_is_in_the_history_with_what_it_was(ada, ticket):
    lifecycle.change_status(ticket, Status.WAITING_THIRD_PARTY, agent=ada)
    event = ticket.events.last()
    assert (event.kind, event.actor, event.data) == (
        "status_changed",
        ada,
        {"was": "new", "now": "waiting_third_party"},
    )
    assert fresh(ticket).waiting_since is None


def test_setting_the_status_that_it_has_tells_nothing(ada, ticket):
    lifecycle.change_status(ticket, Status.OPEN, agent=ada)
    lifecycle.change_status(ticket, Status.OPEN, agent=ada)
    assert history(ticket) == ["received", "status_changed"]


def test_the_wait_goes_on_from_where_it_began_while_it_is_our_turn(ada, ticket):
    lifecycle.change_status(ticket, Status.OPEN, agent=ada)
    assert fresh(ticket).waiting_since == ticket.waiting_since


@pytest.mark.parametrize("status", [Status.NEW, Status.SOLVED, Status.CLOSED, "nonsense"])
def test_other_statuses_are_not_set_by_hand(ada, ticket, status):
    with pytest.raises(TicketError):
        lifecycle.change_status(ticket, status, agent=ada)


def test_opening_a_solved_case_again_forgets_what_answered_it(ada, ticket):
    lifecycle.solve(ticket, agent=ada, article=publish_article().article)
    lifecycle.change_status(ticket, Status.OPEN, agent=ada)
    after = fresh(ticket)
    assert (after.status, after.resolution, after.answered_by, after.solved_at) == (Status.OPEN, "", None, None)
    assert after.waiting_since is not None
    assert history(ticket)[-1] == "reopened"


def test_answering_a_solved_case_opens_it_again(ada, ticket):
    lifecycle.solve(ticket, agent=ada, article=None)
    lifecycle.send_reply(ticket, agent=ada, body="One thing more: did it come?")
    after = fresh(ticket)
    assert (after.status, after.resolution, after.solved_at) == (Status.WAITING_CUSTOMER, "", None)
    assert history(ticket)[-2:] == ["replied", "reopened"]


# Who has it


def test_assigning_takes_a_new_case_up(ada, ticket):
    lifecycle.assign(ticket, to=ada, by=ada)
    after = fresh(ticket)
    assert (after.assignee, after.status, after.waiting_since) == (ada, Status.OPEN, ticket.waiting_since)
    assert history(ticket) == ["received", "assigned", "status_changed"]


def test_giving_a_case_to_the_one_who_has_it_tells_nothing(ada, ticket):
    lifecycle.assign(ticket, to=ada, by=ada)
    lifecycle.assign(ticket, to=ada, by=ada)
    assert history(ticket).count("assigned") == 1


def test_only_agents_can_be_given_cases(ada, ticket):
    with pytest.raises(TicketError):
        lifecycle.assign(ticket, to=people.sam(), by=ada)
    assert fresh(ticket).assignee is None


def test_a_case_can_be_put_back_once(ada, ticket):
    lifecycle.assign(ticket, to=ada, by=ada)
    lifecycle.unassign(ticket, by=ada)
    lifecycle.unassign(ticket, by=ada)
    assert fresh(ticket).assignee is None
    assert history(ticket).count("unassigned") == 1


# Over


def test_solving_with_the_article_that_answered_it(ada, ticket, commit):
    text = publish_article()
    with commit():
        lifecycle.solve(ticket, agent=ada, article=text.article)
    after = fresh(ticket)
    assert (after.status, after.resolution, after.answered_by) == (Status.SOLVED, "article", text.article)
    assert after.solved_at is not None
    assert after.waiting_since is None
    assert after.assignee == ada
    assert ticket.events.last().data == {"article": text.article.key}
    assert text.title in mail.outbox[-1].body


def test_solving_as_no_article_counts_as_missing_content(ada, ticket):
    lifecycle.solve(ticket, agent=ada, article=None, body="I have refunded it by hand.")
    after = fresh(ticket)
    assert (after.resolution, after.answered_by) == ("no_article", None)
    assert after.first_response_at is not None
    assert list(Ticket.objects.without_answer()) == [after]
    assert history(ticket)[-3:] == ["replied", "assigned", "solved"]
    assert ticket.messages.last().kind == Message.Kind.OUTBOUND


def test_each_solving_tells_the_customer_once(ada, ticket):
    lifecycle.solve(ticket, agent=ada, article=None)
    intake.add_customer_message(ticket, body="It is not.", channel="email")
    lifecycle.solve(ticket, agent=ada, article=None)
    assert OutboxMessage.objects.filter(unique_key__startswith="solved:").count() == 2


def test_a_customer_who_writes_opens_a_solved_case_again(ada, ticket):
    lifecycle.solve(ticket, agent=ada, article=None)
    intake.add_customer_message(ticket, body="It is not.", channel="email")
    after = fresh(ticket)
    assert (after.status, after.resolution, after.solved_at) == (Status.OPEN, "", None)
    assert history(ticket)[-2:] == ["customer_wrote", "reopened"]


def test_a_customer_closes_the_case_once_and_hears_nothing_more(ticket):
    letters = OutboxMessage.objects.count()
    article = publish_article().article
    lifecycle.close_by_customer(ticket, article=article)
    lifecycle.close_by_customer(ticket)
    after = fresh(ticket)
    assert (after.status, after.resolution, after.answered_by) == (Status.CLOSED, "article", article)
    assert history(ticket).count("closed_by_customer") == 1
    assert OutboxMessage.objects.count() == letters


# Spam


def test_a_case_found_not_to_be_spam_joins_the_others_and_is_confirmed(ada, commit):
    ticket = make_ticket(is_suspected_spam=True, visit=VisitContext())
    assert not OutboxMessage.objects.exists()
    with commit():
        lifecycle.clear_of_spam(ticket, agent=ada)
        lifecycle.clear_of_spam(ticket, agent=ada)
    assert not fresh(ticket).is_suspected_spam
    assert history(ticket) == ["received", "cleared_of_spam"]
    assert len(mail.outbox) == 1
