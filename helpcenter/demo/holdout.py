"""The demo shop's hold-out: a round that found something, and one that has only begun to.

Who is in which group is what the keyed hash says. The first round is so long ago that its visits are forgotten; of
everybody in it only what came of them is left.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings

from deflection.models import Assignment, HoldoutRound, Journey, JourneyEvent
from deflection.models.holdout import WINDOW
from deflection.services import assignment_results, journeys, outcomes
from deflection.services.holdout import UnitKind, arm_of, sees_suggestions, unit_of
from deflection.services.holdout_plan import plan
from deflection.services.holdout_rounds import key_of, start_round
from knowledge.models import ArticleTranslation, Topic
from tickets.models import ChannelKind, Ticket

Kind = JourneyEvent.Kind
_FIRST_DAYS, _FIRST_WEEKLY = 70, 170
# Of those who write nothing shown to them, so many turn to a person; suggestions avert so many of these.
_RATE, _AVERTED = 0.46, 0.2
_LANGUAGES = ("sv", "sv", "sv", "sv", "en", "en", "nb", "nb", "da", "da")
_CHANNELS = (ChannelKind.FORM,) * 7 + (ChannelKind.EMAIL, ChannelKind.EMAIL, ChannelKind.PHONE)


def make_holdout(now: datetime) -> None:
    """Both rounds, and what became of everybody in them and of all visits."""
    chance = random.Random(20260102)  # noqa: S311 - a plot, not a secret
    begun = now - timedelta(days=28 + _FIRST_DAYS)
    first = start_round(share=50, effect=8, planned=_planned(50, 8), at=begun)
    _people_of_long_ago(first, chance)
    start_round(share=5, effect=5, planned=_planned(5, 5), at=now - timedelta(days=28))
    _assign_visits()
    _come_back(now)
    assignment_results.work_out_results(at=now)
    outcomes.work_out_outcomes(at=now)
    # Who sets another share, or none, gets it from now on; the same one goes on.
    start_round(share=settings.HOLDOUT_SHARE, effect=5, planned=_planned(5, 5), at=now)


def _planned(share: int, effect: float) -> int | None:
    found = plan(share=share, effect=effect / 100, rate=_RATE, weekly=_FIRST_WEEKLY)
    return found.size.total if found else None


def _people_of_long_ago(first: HoldoutRound, chance: random.Random) -> None:
    key = key_of(first.number)
    # Where a person comes first, nobody is shown anything.
    topics = [topic for topic in Topic.objects.visible() if not topic.is_for_people_first]
    people = [
        _somebody(first, unit_of(key, UnitKind.VISITOR, uuid.UUID(int=chance.getrandbits(128))), topics, chance)
        for _ in range(ceil(_FIRST_DAYS / 7 * _FIRST_WEEKLY))
    ]
    Assignment.objects.bulk_create(people, batch_size=500)


def _somebody(first: HoldoutRound, unit: str, topics: Sequence[Topic | None], chance: random.Random) -> Assignment:
    opened = first.started_at + timedelta(days=chance.random() * (_FIRST_DAYS - 1))
    person = Assignment(
        round=first,
        unit=unit,
        unit_kind=UnitKind.VISITOR,
        arm=arm_of(unit, first.share),
        share=first.share,
        opened_at=opened,
        language=chance.choice(_LANGUAGES),
        topic=chance.choice([None, *topics]),
        matched_at=opened + timedelta(minutes=2) if chance.random() < 0.6 else None,
        is_complete=True,
        has_read=chance.random() < 0.45,
        is_known=chance.random() < 0.2,
        has_tapped_phone=chance.random() < 0.04,
    )
    averted = _AVERTED / 0.6 if not person.is_control and person.matched_at else 0
    if chance.random() < _RATE * (1 - averted):
        _turns_to_us(person, chance)
    elif not person.is_control and person.matched_at:
        person.has_read = person.has_read or chance.random() < 0.5
    return person


def _turns_to_us(person: Assignment, chance: random.Random) -> None:
    waited = timedelta(minutes=chance.expovariate(1 / 12)) if chance.random() < 0.8 else WINDOW * chance.random()
    person.contacts = 2 if chance.random() < 0.12 else 1
    person.contacted_at = person.opened_at + waited
    person.channel = chance.choice(_CHANNELS)
    if chance.random() < 0.9:
        person.answer_seconds = int(waited.total_seconds() + chance.lognormvariate(9.6, 0.9))
    if chance.random() < 0.3:
        person.satisfaction = chance.choice((5, 5, 5, 4, 4, 4, 3, 2, 1))


def _assign_visits() -> None:
    """Those of the last weeks who opened the form. Whoever was held out saw no suggestions, and opened none."""
    opened = JourneyEvent.objects.filter(kind=Kind.CONTACT_OPENED).select_related("journey").order_by("created_at")
    for event in opened:
        if sees_suggestions(event.journey, at=event.created_at):
            _note_match(event.journey)
        else:
            event.journey.events.filter(
                kind__in=[Kind.SUGGESTIONS_SHOWN, Kind.SUGGESTION_OPENED, Kind.ANSWERED]
            ).delete()


def _note_match(journey: Journey) -> None:
    shown = journey.events.filter(kind=Kind.SUGGESTIONS_SHOWN).order_by("created_at").first()
    if shown is not None:
        journey.assignments.filter(matched_at__isnull=True).update(matched_at=shown.created_at)


def _come_back(now: datetime) -> None:
    """Some of those who wrote had read an article on the same matter a day or two before, and left it at that."""
    wrote = Ticket.objects.trusted().exclude(origin="").filter(topic__isnull=False, created_at__lt=now)
    for number, ticket in enumerate(wrote.order_by("created_at", "pk")[:60:7]):
        text = (
            ArticleTranslation.objects.published().filter(article__topic=ticket.topic, language=ticket.language).first()
        )
        journey = Journey.objects.filter(pk=ticket.origin).first()
        if text is None or journey is None:
            continue
        at = journey.started_at - timedelta(days=1 + number % 3, hours=2)
        earlier = Journey.objects.create(
            language=ticket.language, visitor=journey.visitor, started_at=at, last_seen_at=at
        )
        text.views.create(origin=str(earlier.pk), created_at=at)
        if number % 2:
            journeys.note(earlier, Kind.ANSWERED, article=text.article, at=at + timedelta(minutes=2))
