"""Guesses of the kind of demand: learned from what the team said, written where they are right, decided by nobody."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.utils import timezone

from deflection.services import learned_labels
from deflection.services.demand_types import current_model, guess_demand_type, learn_demand_types
from deflection.tasks import look_into_case
from tests.factories import make_ticket
from tickets.models import DemandType, Ticket

pytestmark = pytest.mark.django_db

THINGS = ("jacket", "tent", "backpack", "pair of boots", "lamp", "sleeping bag")
ASKS = {
    DemandType.VALUE: ("Do you sell a {} in green?", "Which {} do you advise for a trip in winter?"),
    DemandType.FAILURE: ("The {} that came is broken, I want my money back.", "You sent the wrong {} again!"),
    DemandType.PROGRESS: ("Where is my {}, when does it arrive?", "Has the {} that I ordered been sent yet?"),
}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def labelled(kind: str, ask: str, thing: str) -> Ticket:
    ticket = make_ticket(body=ask.format(thing))
    Ticket.objects.filter(pk=ticket.pk).update(demand_type=kind)
    return ticket


@pytest.fixture
def team_has_spoken():
    """36 cases that somebody has looked at, 12 of a kind."""
    return [labelled(kind, ask, thing) for kind, asks in ASKS.items() for ask, thing in product(asks, THINGS)]


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("Do you sell a warm hat in green?", DemandType.VALUE),
        ("The stove that came is broken, I want my money back.", DemandType.FAILURE),
        ("Has the stove that I ordered been sent yet, when does it arrive?", DemandType.PROGRESS),
    ],
)
def test_a_case_like_the_ones_that_were_labelled_gets_their_kind(team_has_spoken, body, kind):
    learn_demand_types()
    ticket = make_ticket(body=body)
    look_into_case(ticket.pk)
    ticket = fresh(ticket)
    assert ticket.demand_guess == kind
    assert 0.5 <= ticket.demand_guess_probability <= 1


def test_a_guess_decides_nothing(team_has_spoken):
    learn_demand_types()
    ticket = make_ticket(body="Where is my hat, when does it arrive?")
    history = list(ticket.events.values_list("pk", flat=True))
    guess_demand_type(ticket.pk)
    after = fresh(ticket)
    assert after.demand_guess
    assert after.demand_type == ""
    assert after.updated_at == ticket.updated_at
    assert list(after.events.values_list("pk", flat=True)) == history


def test_where_a_person_has_spoken_nothing_is_guessed(team_has_spoken):
    learn_demand_types()
    ticket = labelled(DemandType.VALUE, "Where is my {}, when does it arrive?", "hat")
    assert not guess_demand_type(ticket.pk)
    assert fresh(ticket).demand_guess == ""


def test_cases_that_wait_are_guessed_when_there_is_enough_to_learn_from(team_has_spoken):
    ticket = make_ticket(body="You sent the wrong hat again!")
    assert learn_demand_types()
    assert fresh(ticket).demand_guess == DemandType.FAILURE


def test_too_few_cases_teach_nothing(team_has_spoken):
    Ticket.objects.filter(pk__in=[one.pk for one in team_has_spoken[:8]]).update(demand_type="")
    assert not learn_demand_types()
    assert current_model() is None


def test_one_kind_alone_teaches_nothing(team_has_spoken):
    Ticket.objects.exclude(demand_type="").update(demand_type=DemandType.VALUE)
    assert not learn_demand_types()


def test_a_kind_with_hardly_any_case_is_never_guessed(team_has_spoken):
    for ask in ASKS[DemandType.VALUE]:
        labelled(DemandType.VALUE, ask, "hat")
    Ticket.objects.filter(pk__in=[one.pk for one in team_has_spoken[:12]]).delete()
    labelled(DemandType.FAILURE, ASKS[DemandType.FAILURE][0], "hat")
    for thing in ("hat", "stove", "map", "rope", "axe"):
        labelled(DemandType.PROGRESS, ASKS[DemandType.PROGRESS][0], thing)
    assert learn_demand_types()
    assert current_model().labels == (DemandType.FAILURE, DemandType.PROGRESS)


def test_labels_that_have_nothing_to_do_with_the_questions_lead_to_no_guess(team_has_spoken):
    chance = np.random.default_rng(1)
    for ticket in team_has_spoken:
        Ticket.objects.filter(pk=ticket.pk).update(demand_type=str(chance.choice(DemandType.values)))
    ticket = make_ticket(body="Where is my hat, when does it arrive?")
    assert learn_demand_types()
    assert current_model().spoken == 0
    assert fresh(ticket).demand_guess == ""


def test_spam_is_neither_learned_from_nor_guessed(team_has_spoken):
    Ticket.objects.filter(pk__in=[one.pk for one in team_has_spoken[:8]]).update(is_suspected_spam=True)
    assert not learn_demand_types()
    Ticket.objects.filter(pk__in=[one.pk for one in team_has_spoken[:8]]).update(is_suspected_spam=False)
    assert learn_demand_types()
    assert not guess_demand_type(make_ticket(body="Where is my hat?", is_suspected_spam=True).pk)


def test_it_learns_again_when_a_tenth_more_is_labelled_or_a_day_has_gone_by_with_changes(team_has_spoken):
    now = timezone.now()
    assert learn_demand_types(at=now)
    assert not learn_demand_types(at=now + timedelta(days=2))
    Ticket.objects.filter(pk=team_has_spoken[0].pk).update(demand_type=DemandType.PROGRESS)
    assert not learn_demand_types(at=now + timedelta(hours=23))
    assert learn_demand_types(at=now + timedelta(hours=25))
    for thing in ("hat", "stove", "map", "rope"):
        labelled(DemandType.VALUE, ASKS[DemandType.VALUE][0], thing)
    assert learn_demand_types(at=now + timedelta(hours=26))


def test_a_damaged_file_is_learned_anew(team_has_spoken):
    learn_demand_types()
    path = next(Path(settings.VAR_DIR).glob("demand-types-*"))
    path.write_bytes(path.read_bytes()[:-2000])
    ticket = make_ticket(body="Where is my hat, when does it arrive?")
    assert not guess_demand_type(ticket.pk)
    assert learn_demand_types()
    assert fresh(ticket).demand_guess == DemandType.PROGRESS


def test_what_another_encoder_learned_is_not_used(team_has_spoken, monkeypatch):
    learn_demand_types()
    monkeypatch.setattr(learned_labels, "encoder_name", lambda: "another")
    assert current_model() is None
    assert learn_demand_types()


def test_guessing_asks_the_database_as_often_for_many_cases_as_for_one(team_has_spoken, django_assert_max_num_queries):
    for thing in ("hat", "stove", "map", "rope"):
        make_ticket(body=f"Can I swim with a {thing}")
    # Two to learn from, one to read the waiting cases, one for each guess that changes.
    with django_assert_max_num_queries(3 + 4):
        learn_demand_types()
