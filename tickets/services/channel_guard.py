"""The guard: nothing that is saved may leave a topic, at any time, without a channel that takes a message.

Where the gaps are is worked out in `channel_gaps`. `ways_to_reach_us` backs it when it reads: whatever stands in the
tables, it offers the form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from knowledge.models import Topic
from tickets.models import Calendar, CalendarException, Channel, ChannelPolicy, OpeningPeriod
from tickets.services.channel_gaps import Rules, new_gaps
from tickets.services.channel_rules import TAKES_MESSAGES, parents_of_topics
from tickets.services.gap_sentences import refusal
from tickets.timetable import Hours, Timetable


def read_rules() -> Rules:
    takers = tuple(Channel.objects.filter(kind__in=TAKES_MESSAGES).order_by("pk").values_list("pk", flat=True))
    policies = tuple(ChannelPolicy.objects.filter(channel__in=takers).order_by("pk"))
    used = {policy.hours_id for policy in policies if policy.hours_id}
    return Rules(takers, policies, parents_of_topics(), _timetables(used))


def _timetables(calendars: set[int]) -> dict[int, Timetable]:
    rows = Calendar.objects.filter(pk__in=calendars).prefetch_related("hours", "exceptions") if calendars else ()
    return {calendar.pk: calendar.timetable() for calendar in rows}


# --- What may be changed ------------------------------------------------------------------------------


def check_policy(changed: ChannelPolicy, *, is_removed: bool = False) -> None:
    """Raises ValidationError where a policy, or its removal, would leave a topic or the site a gap."""
    if not changed.channel_id:
        return
    before = _locked_rules()
    others = tuple(policy for policy in before.policies if policy.pk != changed.pk)
    is_taker = changed.channel_id in before.takers and not is_removed
    if not is_taker and len(others) == len(before.policies):
        return
    missing = {changed.hours_id} - set(before.timetables) - {None} if is_taker else set()
    after = replace(
        before,
        policies=(*others, changed) if is_taker else others,
        timetables=before.timetables | _timetables({number for number in missing if number}),
    )
    _refuse_new_gaps(before, after)


def check_hours(calendar: int, timetable: Timetable) -> None:
    """Raises ValidationError where other hours of a calendar that policies use would leave a gap."""
    before = _locked_rules()
    if calendar in before.timetables:
        _refuse_new_gaps(before, replace(before, timetables=before.timetables | {calendar: timetable}))


def check_period(changed: OpeningPeriod) -> None:
    """As `check_hours`, for one period of a week."""
    rows = [row for row in OpeningPeriod.objects.filter(calendar=changed.calendar_id) if row.pk != changed.pk]
    week = _week([*rows, changed])
    check_hours(changed.calendar_id, replace(changed.calendar.timetable(), week=week))


def _week(rows: Iterable[OpeningPeriod]) -> tuple[Hours, ...]:
    kept = list(rows)
    return tuple(tuple((row.opens, row.closes) for row in kept if row.weekday == day) for day in range(7))


def check_exception(changed: CalendarException) -> None:
    """As `check_hours`, for one day that differs."""
    rows = CalendarException.objects.filter(calendar=changed.calendar_id, day=changed.day).exclude(pk=changed.pk)
    timetable = changed.calendar.timetable()
    hours = tuple(
        (row.opens, row.closes) for row in [*rows, changed] if row.opens is not None and row.closes is not None
    )
    check_hours(changed.calendar_id, replace(timetable, days={**timetable.days, changed.day: hours}))


def check_topic(topic: Topic) -> None:
    """As `check_policy`, for a topic that would lie below another than now. A new one is as well off as its parent."""
    if not topic.pk:
        return
    before = _locked_rules()
    if before.parents.get(topic.pk) != topic.parent_id:
        _refuse_new_gaps(before, replace(before, parents=before.parents | {topic.pk: topic.parent_id}))


@contextmanager
def nobody_left_out() -> Iterator[None]:
    """What is done within, however much, is taken back where it would leave a gap that was not there before.

    Raises ValidationError that says where and when.
    """
    with transaction.atomic():
        before = _locked_rules()
        yield
        _refuse_new_gaps(before, read_rules())


def _locked_rules() -> Rules:
    """Within a transaction two people who close one channel each wait for one another."""
    if connection.in_atomic_block:
        list(Channel.objects.select_for_update().filter(kind__in=TAKES_MESSAGES).order_by("pk").values_list("pk"))
    return read_rules()


def _refuse_new_gaps(before: Rules, after: Rules) -> None:
    start = timezone.now()
    if new := new_gaps(before, after, start):
        zone = next((timetable.zone for timetable in after.timetables.values()), timezone.get_current_timezone())
        raise ValidationError(refusal(new, start, zone), code="gap")
