"""The reference that customers say on the phone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone, translation

from deflection.models import SpokenReference
from deflection.services import journeys, spoken
from tests.people import ada, max_
from tickets.errors import TicketError

pytestmark = pytest.mark.django_db


@pytest.fixture
def journey():
    return journeys.begin(language="en")


def test_it_has_two_groups_of_three_signs_and_leads_back(journey):
    given = spoken.give(journey)
    assert re.fullmatch(rf"[{spoken.SIGNS}]{{3}} [{spoken.SIGNS}]{{3}}", given)
    assert spoken.find(given) == journey


def test_no_sign_looks_or_sounds_like_another():
    look = ["0OQD", "1I", "2Z7", "5S", "6G", "8B3", "UVY", "CG", "4A"]
    sound = ["BCDEGPTV3", "HKÅ2", "AHJK8", "FS", "MN15", "X6", "QU2", "9YIJ5"]
    for group in [*look, *sound]:
        assert len(set(group) & set(spoken.SIGNS)) <= 1, group


def test_it_stays_the_same_for_a_day_and_is_then_another(journey):
    now = timezone.now()
    given = spoken.give(journey, at=now)
    assert spoken.give(journey, at=now + timedelta(hours=22)) == given
    assert spoken.find(given, at=now + timedelta(hours=23, minutes=59)) == journey
    assert spoken.find(given, at=now + timedelta(hours=24, minutes=1)) is None
    assert spoken.give(journey, at=now + timedelta(hours=25)) != given


def test_in_its_last_hour_a_new_one_is_given_and_both_work(journey):
    now = timezone.now()
    late = now + timedelta(hours=23, minutes=30)
    old, new = spoken.give(journey, at=now), spoken.give(journey, at=late)
    assert old != new
    assert spoken.find(old, at=late) == spoken.find(new, at=late) == journey


def test_a_code_is_anothers_only_after_it_has_expired(journey, monkeypatch):
    other, now = journeys.begin(language="en"), timezone.now()
    drawn = iter("FFFFFF" + "FFFFFF" + "KKKKKK" + "FFFFFF")
    monkeypatch.setattr("deflection.services.spoken.secrets.choice", lambda _signs: next(drawn))
    assert spoken.give(journey, at=now) == "FFF FFF"
    assert spoken.give(other, at=now) == "KKK KKK"
    third = journeys.begin(language="en")
    assert spoken.give(third, at=now + timedelta(hours=25)) == "FFF FFF"
    assert spoken.find("FFFFFF", at=now + timedelta(hours=25)) == third
    assert SpokenReference.objects.count() == 2


@pytest.mark.parametrize("typed", ["k7m 4qx", "K7M4QX", " k7M-4qX ", "K 7 M 4 Q X", "h7n 4o6", "Å7M–40X"])
def test_case_spaces_and_what_can_only_be_one_sign_do_not_matter(typed):
    assert spoken.read(typed) == "K7M4QX"


@pytest.mark.parametrize("typed", ["", "K7M", "K7M 4QXX", "S7M 4QX", "57M 4QX", "K7M 4Q☃", "' OR 1", "K7M4Q\u0000"])
def test_what_could_be_several_signs_or_none_is_wrong(typed):
    assert spoken.read(typed) == ""
    assert spoken.find(typed) is None


@pytest.mark.parametrize("language", ["en", "sv", "nb", "da"])
def test_every_sign_has_a_word_to_spell_it_by(language):
    with translation.override(language):
        words = spoken.spelled(spoken.SIGNS)
    assert len(set(words)) == len(spoken.SIGNS)
    letters = [sign for sign in spoken.SIGNS if sign.isalpha()]
    for sign, word in zip(letters, words, strict=False):
        assert word.startswith(f"{sign} ")
        assert word.split()[-1].upper().startswith(sign)


def test_too_many_wrong_ones_close_the_look_up_for_that_agent(journey):
    agent, other, given = ada(), max_(), spoken.give(journey)
    for _ in range(spoken.WRONG_AN_HOUR):
        assert spoken.look_up("FFF FFF" if given != "FFF FFF" else "KKK KKK", by=agent) is None
    with pytest.raises(TicketError):
        spoken.look_up(given, by=agent)
    assert spoken.look_up(given, by=other) == journey


def test_right_ones_cost_nothing_and_all_desks_together_have_a_limit(journey):
    agent, given = ada(), spoken.give(journey)
    for _ in range(spoken.WRONG_AN_HOUR + 5):
        assert spoken.look_up(given, by=agent) == journey
    cache.set("spoken.wrong", spoken.WRONG_AN_HOUR_BY_ALL, 60)
    with pytest.raises(TicketError):
        spoken.look_up(given, by=max_())


def test_where_none_is_free_there_is_none_and_no_page_waits_for_one(journey, monkeypatch):
    monkeypatch.setattr("deflection.services.spoken.secrets.choice", lambda _signs: "F")
    assert spoken.give(journey) == "FFF FFF"
    assert spoken.give(journeys.begin(language="en")) == ""
