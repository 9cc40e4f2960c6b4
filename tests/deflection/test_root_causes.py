"""Guesses of why a case arose: learned from what the team said, written where they are right, decided by nobody."""

from __future__ import annotations

from itertools import product

import pytest

from deflection.services.root_causes import current_model, guess_root_cause, learn_root_causes
from deflection.tasks import look_into_case
from tests.factories import make_ticket
from tickets.models import RootCause, Ticket

pytestmark = pytest.mark.django_db

THINGS = ("jacket", "tent", "backpack", "pair of boots", "lamp", "sleeping bag")
ASKS = {
    "tracking": ("Where is my {}, the tracking stands still?", "The parcel with my {} has had no scan for days."),
    "sizes": ("Which size of the {} fits me?", "Is the {} small in size, should I take a larger one?"),
    "refunds": ("I sent the {} back, where is my refund?", "When do I get the money for the {} that I returned?"),
}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def causes():
    """Three causes, and 36 cases in which somebody has said which it was."""
    found = {key: RootCause.objects.create(key=key, name=key.title()) for key in ASKS}
    for key, asks in ASKS.items():
        for ask, thing in product(asks, THINGS):
            Ticket.objects.filter(pk=make_ticket(body=ask.format(thing)).pk).update(root_cause=found[key])
    return found


def asked(body: str = "Where is my stove, the tracking stands still?") -> Ticket:
    ticket = make_ticket(body=body)
    look_into_case(ticket.pk)
    return Ticket.objects.get(pk=ticket.pk)


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ("Where is my stove, the tracking stands still?", "tracking"),
        ("Which size of the hat fits me?", "sizes"),
        ("I sent the hat back, where is my refund?", "refunds"),
    ],
)
def test_a_case_like_others_gets_their_cause_and_nothing_is_decided(causes, body, key):
    assert learn_root_causes()
    ticket = asked(body)
    assert ticket.root_cause_guess == causes[key]
    assert ticket.root_cause is None
    assert not ticket.events.filter(kind="classified").exists()


def test_a_cause_that_is_not_in_use_any_more_is_not_suggested(causes):
    learn_root_causes()
    RootCause.objects.filter(key="tracking").update(is_active=False)
    assert asked().root_cause_guess is None


def test_where_a_person_has_spoken_nothing_is_guessed(causes):
    learn_root_causes()
    ticket = make_ticket(body="Where is my stove, the tracking stands still?")
    Ticket.objects.filter(pk=ticket.pk).update(root_cause=causes["sizes"])
    assert not guess_root_cause(ticket.pk)
    assert Ticket.objects.get(pk=ticket.pk).root_cause_guess is None


def test_open_cases_get_their_guess_when_there_is_enough_to_learn_from(causes):
    ticket = make_ticket(body="Where is my stove, the tracking stands still?")
    assert learn_root_causes()
    assert Ticket.objects.get(pk=ticket.pk).root_cause_guess == causes["tracking"]


def test_too_few_cases_teach_nothing(causes):
    Ticket.objects.filter(root_cause__key="sizes").update(root_cause=None)
    assert not learn_root_causes()
    assert current_model() is None
