"""Forgetting journeys when their time is over (`JOURNEY_DAYS`): they are still counted, and lead to nobody.

A journey that is forgotten gets another name, and so do the searches, readings and rejections that bore the old one.
The name in a browser's cookie, on a case, or in the records of a site that uses the API leads to nothing from then on;
what was typed but not sent, what was said under articles, and who it was is taken away. Figures over any period stay
exactly what they were. Journeys that are not counted anyway (of people who asked for that, and of spam) are deleted.

Cases keep the summary that was put onto them; it goes with the case (`tickets.services.personal_data`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, CharField, QuerySet, UUIDField, Value, When
from django.utils import timezone

from deflection.models import Journey, JourneyEvent, Rejection, SpokenReference
from deflection.services import drafts
from knowledge.models import ArticleView, Feedback, SearchEvent
from tickets.models import Ticket

BATCH = 200


def forget_old(*, at: datetime | None = None, most: int = 20_000) -> int:
    """Forgets the journeys whose time is over, the oldest first, some hundred in each transaction.

    Returns how many; at most `most` at a time, so that no night is too short. Safe to repeat and to interrupt.
    """
    now = at or timezone.now()
    SpokenReference.objects.filter(expires_at__lt=now).delete()
    before = now - timedelta(days=settings.JOURNEY_DAYS)
    done = 0
    while done < most and (batch := _next(before)):
        forget(batch, at=now)
        done += len(batch)
    return done


def _next(before: datetime) -> list[Journey]:
    old = Journey.objects.filter(forgotten_at__isnull=True, last_seen_at__lt=before)
    return list(old.order_by("last_seen_at")[:BATCH])


@transaction.atomic
def forget(chosen: Sequence[Journey], *, at: datetime | None = None) -> None:
    """Takes everything away by which these journeys lead to somebody."""
    now = at or timezone.now()
    names = [str(journey.pk) for journey in chosen]
    drafts.erase(chosen)
    Feedback.objects.filter(origin__in=names).update(origin="")
    counted = _without_spam([journey for journey in chosen if journey.is_measured])
    renamed = {journey.pk: uuid.uuid4() for journey in counted}
    Journey.objects.bulk_create([_nobodys(journey, renamed[journey.pk], now) for journey in counted])
    if renamed:
        _rename_steps(renamed)
        for rows in (SearchEvent.objects, ArticleView.objects, Rejection.objects):
            _rename(rows, renamed)
    SearchEvent.objects.filter(origin__in=names).update(origin="")
    ArticleView.objects.filter(origin__in=names).update(origin="")
    Ticket.objects.filter(origin__in=names).update(origin="")
    Journey.objects.filter(pk__in=[journey.pk for journey in chosen]).delete()


def _without_spam(chosen: Iterable[Journey]) -> list[Journey]:
    """Spam is not counted, and what tells it apart is about to go."""
    journeys = list(chosen)
    spam = Ticket.objects.suspected_spam().filter(origin__in=[str(one.pk) for one in journeys])
    senders = set(spam.values_list("origin", flat=True))
    return [one for one in journeys if str(one.pk) not in senders]


def _nobodys(journey: Journey, name: uuid.UUID, now: datetime) -> Journey:
    return Journey(
        pk=name,
        language=journey.language,
        is_measured=True,
        may_be_held_out=journey.may_be_held_out,
        started_at=journey.started_at,
        last_seen_at=journey.last_seen_at,
        ended_at=journey.ended_at,
        forgotten_at=now,
    )


def _rename_steps(renamed: dict[uuid.UUID, uuid.UUID]) -> None:
    steps = JourneyEvent.objects.filter(journey__in=list(renamed))
    _keep_topics(steps.filter(kind=JourneyEvent.Kind.CASE_SENT))
    whens = [When(journey=old, then=Value(new, output_field=UUIDField())) for old, new in renamed.items()]
    steps.update(journey=Case(*whens, output_field=UUIDField()))


def _keep_topics(sent: QuerySet[JourneyEvent]) -> None:
    """A step that says "sent a case" names the case; of that only the topic stays, by which reports are narrowed."""
    names = {step.pk: str(step.data.get("ticket", "")) for step in sent}
    topics = dict(Ticket.objects.filter(reference__in=names.values()).values_list("reference", "topic"))
    for number, reference in names.items():
        topic = topics.get(reference)
        JourneyEvent.objects.filter(pk=number).update(data={"topic": topic} if topic else {})


def _rename(rows: Any, renamed: dict[uuid.UUID, uuid.UUID]) -> None:
    names = {str(old): str(new) for old, new in renamed.items()}
    whens = [When(origin=old, then=Value(new)) for old, new in names.items()]
    chosen: Any = rows.filter(origin__in=list(names))
    chosen.update(origin=Case(*whens, output_field=CharField()))
