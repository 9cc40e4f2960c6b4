"""The guard: nothing that is saved may leave a topic, at any time, without a channel that takes a message.

Worked out exactly, by intervals: between two moments at which a policy begins or ceases to hold nothing changes, so
each stretch between them is looked at once. Hours repeat, and are followed for a year and a day; those with public
holidays for twelve years, in which a fixed date falls on every day of the week. `ways_to_reach_us` backs it when it
reads: whatever stands in the tables, it offers the form.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from knowledge.models import Topic
from tickets.models import Calendar, CalendarException, Channel, ChannelPolicy, OpeningPeriod
from tickets.services.channel_rules import (
    TAKES_MESSAGES,
    Lineage,
    lineage_in,
    parents_of_topics,
    place_of,
    standing_policy,
    takes_messages,
)
from tickets.services.gap_sentences import refusal
from tickets.timetable import Hours, Timetable

Gap = tuple[datetime, datetime | None]
"""A time without a channel that takes a message; None: it has no end."""

Turns = dict[int, list[datetime]]
"""By calendar when it opens and closes, in turn, beginning with an opening."""

_WEEKS_REPEAT = timedelta(days=366)
_HOLIDAYS_REPEAT = timedelta(days=12 * 366)


@dataclass(frozen=True)
class Rules:
    """All that decides who takes messages when: rows as they are, or as they would be after a change."""

    takers: tuple[int, ...]
    policies: tuple[ChannelPolicy, ...]
    parents: dict[int, int | None]
    timetables: dict[int, Timetable]


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
    end = max(_horizon(before, start), _horizon(after, start))
    lasting, coming = gaps(before, start, end), gaps(after, start, end)
    new = {topic: fresh for topic, found in coming.items() if (fresh := _without(found, lasting.get(topic, [])))}
    if new:
        zone = next((timetable.zone for timetable in after.timetables.values()), timezone.get_current_timezone())
        raise ValidationError(refusal(new, start, zone), code="gap")


# --- Where the gaps are -------------------------------------------------------------------------------


def gaps(rules: Rules, start: datetime, end: datetime) -> dict[int | None, list[Gap]]:
    """By topic (None: pages without one) the times from `start` on at which no channel takes a message.

    A gap that reaches `end` has no end.
    """
    concerned = {policy.topic_id for policy in rules.policies}
    turns = {number: _turns(timetable, start, end) for number, timetable in rules.timetables.items()}
    known: dict[tuple[bool, Lineage], list[Gap]] = {}
    found: dict[int | None, list[Gap]] = {}
    for topic in (None, *rules.parents):
        # Topics under the same policies have the same gaps.
        line = tuple(level for level in lineage_in(topic, rules.parents) if level is None or level in concerned)
        key = (topic is None, line)
        if key not in known:
            known[key] = _gaps_of(rules, turns, line, place_of(topic), start, end)
        if known[key]:
            found[topic] = known[key]
    return found


def _horizon(rules: Rules, start: datetime) -> datetime:
    dates = [bound for policy in rules.policies for bound in (policy.begins_at, policy.ends_at) if bound]
    used = rules.timetables.values()
    dates += [datetime.combine(day, datetime.max.time(), one.zone) for one in used for day in one.days]
    repeats = _HOLIDAYS_REPEAT if any(one.country for one in used) else _WEEKS_REPEAT
    return max([start, *dates]) + repeats


def _gaps_of(rules: Rules, turns: Turns, line: Lineage, place: str, start: datetime, end: datetime) -> list[Gap]:
    policies = [policy for policy in rules.policies if policy.topic_id in line]
    by_channel = {taker: [policy for policy in policies if policy.channel_id == taker] for taker in rules.takers}
    bounds = {bound for policy in policies for bound in (policy.begins_at, policy.ends_at) if bound}
    used = {policy.hours_id for policy in policies if policy.hours_id}
    moments = sorted({start, *(turn for number in used for turn in turns.get(number, ())), *bounds})
    result: list[Gap] = []
    inside = [moment for moment in moments if start <= moment < end]
    for moment, following in zip(inside, [*inside[1:], None], strict=True):
        holds = partial(_holds, at=moment, turns=turns)
        if any(takes_messages(standing_policy(own, line, holds), place) for own in by_channel.values()):
            continue
        if result and result[-1][1] == moment:
            result[-1] = (result[-1][0], following)
        else:
            result.append((moment, following))
    return result


def _turns(timetable: Timetable, start: datetime, end: datetime) -> list[datetime]:
    return [turn for period in timetable.open_between(start, end) for turn in period]


def _holds(policy: ChannelPolicy, *, at: datetime, turns: Turns) -> bool:
    if not policy.holds_on(at):
        return False
    return policy.hours_id is None or bisect_right(turns.get(policy.hours_id, []), at) % 2 == 1


def _without(found: list[Gap], known: list[Gap]) -> list[Gap]:
    """What of the times found was not known."""
    left = found
    for begins, ends in known:
        left = [part for gap in left for part in _parts_outside(gap, begins, ends)]
    return left


def _parts_outside(gap: Gap, begins: datetime, ends: datetime | None) -> list[Gap]:
    start, end = gap
    parts: list[Gap] = []
    if start < begins:
        parts.append((start, begins if end is None or end > begins else end))
    if ends is not None and (end is None or end > ends):
        parts.append((max(start, ends), end))
    return parts
