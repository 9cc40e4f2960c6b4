"""Times at which a topic is without a channel that takes a message.

Worked out exactly, by intervals: between two moments at which a policy begins or ceases to hold nothing changes, so
each stretch between them is looked at once. Topics under the like policies have the like gaps, which are worked out
once, and none where a change leaves a topic's policies as they were. Hours repeat, and are followed for a year and a
day; those with public holidays for twelve years, in which a fixed date falls on every day of the week.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tickets.models import ChannelPolicy
from tickets.services.channel_rules import in_order, lineage_in, place_of, takes_messages
from tickets.timetable import Timetable

Gap = tuple[datetime, datetime | None]
"""A time without a channel that takes a message; None: it has no end."""

_WEEKS_REPEAT = timedelta(days=366)
_HOLIDAYS_REPEAT = timedelta(days=12 * 366)
_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Rules:
    """All that decides who takes messages when: rows as they are, or as they would be after a change."""

    takers: tuple[int, ...]
    policies: tuple[ChannelPolicy, ...]
    parents: dict[int, int | None]
    timetables: dict[int, Timetable]


def new_gaps(before: Rules, after: Rules, start: datetime) -> dict[int | None, list[Gap]]:
    """By topic (None: pages without one) the gaps from `start` on that a change would make."""
    times = _Times(start, max(_horizon(before, start), _horizon(after, start)))
    found: dict[int | None, list[Gap]] = {}
    for topic in (None, *after.parents):
        was, comes = _line_of(before, topic, times), _line_of(after, topic, times)
        if was != comes and (fresh := _without(times.gaps_of(comes), times.gaps_of(was))):
            found[topic] = fresh
    return found


def _horizon(rules: Rules, start: datetime) -> datetime:
    dates = [bound for policy in rules.policies for bound in (policy.begins_at, policy.ends_at) if bound]
    used = rules.timetables.values()
    dates += [datetime.combine(day, datetime.max.time(), one.zone) for one in used for day in one.days]
    repeats = _HOLIDAYS_REPEAT if any(one.country for one in used) else _WEEKS_REPEAT
    return max([start, *dates]) + repeats


class _Rule(NamedTuple):
    """A policy as far as it matters here."""

    takes: bool
    """Whether the channel takes messages while this policy counts."""
    hours: int | None
    """The number of the timetable during which it holds; None: at any hour."""
    begins: datetime | None
    ends: datetime | None


_Line = tuple[tuple[_Rule, ...], ...]
"""For each channel that takes messages the rules that concern a topic, in the order in which they count."""


def _line_of(rules: Rules, topic: int | None, times: _Times) -> _Line:
    line, place = lineage_in(topic, rules.parents), place_of(topic)
    ranked = in_order(rules.policies, line)
    return tuple(
        tuple(
            _Rule(takes_messages(one, place), times.number_of(rules, one), one.begins_at, one.ends_at)
            for one in ranked
            if one.channel_id == taker
        )
        for taker in rules.takers
    )


@dataclass
class _Times:
    """The time that is looked at: when timetables open and close in it, and the gaps of each line; each once."""

    start: datetime
    end: datetime
    _turns: list[tuple[Timetable, list[datetime]]] = field(default_factory=list)
    _gaps: dict[_Line, list[Gap]] = field(default_factory=dict)

    def number_of(self, rules: Rules, policy: ChannelPolicy) -> int | None:
        """The timetable of a policy's hours; those that say the same have the same number."""
        if policy.hours_id is None:
            return None
        timetable = rules.timetables[policy.hours_id]
        for number, (known, _turns) in enumerate(self._turns):
            if known == timetable:
                return number
        opening = timetable.open_between(self.start, self.end)
        self._turns.append((timetable, [turn for period in opening for turn in period]))
        return len(self._turns) - 1

    def gaps_of(self, line: _Line) -> list[Gap]:
        """The gaps from the start on; one that reaches the end has no end."""
        if line not in self._gaps:
            self._gaps[line] = self._worked_out(line) if all(line) else []
        return self._gaps[line]

    def _worked_out(self, line: _Line) -> list[Gap]:
        moments = self._moments(line)
        states = {rule: self._states(rule, moments) for rules in line for rule in rules}
        gaps: list[Gap] = []
        for place, moment in enumerate(moments):
            if any(_takes(rules, states, place) for rules in line):
                continue
            following = moments[place + 1] if place + 1 < len(moments) else None
            if gaps and gaps[-1][1] == moment:
                gaps[-1] = (gaps[-1][0], following)
            else:
                gaps.append((moment, following))
        return gaps

    def _moments(self, line: _Line) -> list[datetime]:
        """When something may change, in order."""
        rules = [rule for rules in line for rule in rules]
        bounds = {bound for rule in rules for bound in (rule.begins, rule.ends) if bound}
        turns = {turn for number in {rule.hours for rule in rules} - {None} for turn in self._turns_of(number)}
        return sorted(moment for moment in {self.start, *bounds, *turns} if self.start <= moment < self.end)

    def _turns_of(self, number: int | None) -> list[datetime]:
        return [] if number is None else self._turns[number][1]

    def _states(self, rule: _Rule, moments: Sequence[datetime]) -> list[bool]:
        """Whether a rule holds at each of the moments."""
        turns, passed = self._turns_of(rule.hours), 0
        begins, ends = rule.begins or self.start, rule.ends or _EVER
        states: list[bool] = []
        for moment in moments:
            while passed < len(turns) and turns[passed] <= moment:
                passed += 1
            # Openings and closings take turns, beginning with an opening.
            is_open = rule.hours is None or passed % 2 == 1
            states.append(is_open and begins <= moment < ends)
        return states


def _takes(rules: Sequence[_Rule], states: dict[_Rule, list[bool]], place: int) -> bool:
    """Whether a channel takes messages at a moment: without a rule that holds, it does."""
    return next((rule.takes for rule in rules if states[rule][place]), True)


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
