"""The hold-out's tables: both groups side by side, by part of the round, and the guardrails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from deflection.models import Assignment, HoldoutRound
from deflection.reports.cells import Cell, Column, Reader, Table, number, per_hundred, text
from deflection.reports.charts import IntervalChart, interval_chart
from deflection.reports.scope import Scope
from deflection.reports.wording import verdict_word
from deflection.services.effect import (
    Comparison,
    Effect,
    effect,
    effects_by,
    units_of,
)
from deflection.services.statistics import Interval, wilson
from knowledge.models import Topic

Arm = Assignment.Arm


@dataclass(frozen=True)
class Part:
    """A round, a language or a topic, with its effect and what narrows a list to it."""

    name: str
    effect: Effect
    round: HoldoutRound
    narrowed: dict[str, str]
    language: str = ""
    url: str = ""
    """A page of its own."""


def people_url(reader: Reader, **narrowed: str) -> str:
    """The list of those whom a figure counted; "" for whoever may not see cases."""
    if not reader.may_see_cases:
        return ""
    return f"{reverse('reports:people')}?{urlencode({name: value for name, value in narrowed.items() if value})}"


def linked(cell: Cell, url: str) -> Cell:
    return replace(cell, url=url) if cell.value else cell


# --- The effect ---------------------------------------------------------------------------------------


def groups_table(found: Effect, scope: dict[str, str], reader: Reader) -> Table:
    """The two groups, everybody and those whom it concerned, each with its share and interval."""
    columns = [
        Column(_("Group")),
        *(
            Column(title, is_number=True)
            for title in (_("People"), _("Turned to a person"), _("Of 100"), _("from"), _("to"))
        ),
    ]
    rows = []
    for comparison, is_matched in ((found.contacts, ""), (found.matched, "1")):
        for arm, group in ((Arm.CONTROL, comparison.control), (Arm.TREATED, comparison.treated)):
            narrowed = {**scope, "arm": str(arm), "matched": is_matched}
            ends = wilson(group.events, group.of) if group.of else None
            rows.append(
                [
                    text(_group_name(arm, is_matched=bool(is_matched))),
                    linked(number(group.of), people_url(reader, **narrowed)),
                    linked(number(group.events), people_url(reader, **narrowed, contacted="1")),
                    per_hundred(group.share),
                    per_hundred(ends.low if ends else None),
                    per_hundred(ends.high if ends else None),
                ]
            )
    definition = _(
        "People whose seven days since first opening the form are over, in the group to which they were assigned, "
        "whatever they did (intention to treat). A contact is a case on any channel, or a settled one that they opened "
        "again; spam is none. From and to are the ends of Wilson's 95 per cent interval."
    )
    return Table("groups", _("The two groups"), definition, columns, rows)


def _group_name(arm: str, *, is_matched: bool) -> str:
    if arm == Arm.CONTROL:
        return _("Without suggestions, where there were any to show") if is_matched else _("Without suggestions")
    return _("With suggestions, where there were any to show") if is_matched else _("With suggestions")


def effect_chart(found: Effect) -> IntervalChart | None:
    return _chart(
        [
            (_("Everybody who opened the form"), found.contacts, ""),
            (_("Those for whom there was something to suggest"), found.matched, ""),
        ]
    )


def _chart(named: Iterable[tuple[str, Comparison, str]]) -> IntervalChart | None:
    """Only what has enough people in both groups: a few would stretch the scale until nothing can be read from it."""
    rows = [
        (name, comparison.interval, language)
        for name, comparison, language in named
        if comparison.interval is not None and comparison.has_enough
    ]
    return interval_chart(rows) if rows else None


# --- Parts --------------------------------------------------------------------------------------------


def round_parts(rounds: Iterable[HoldoutRound], scope: Scope) -> list[Part]:
    units = Assignment.objects.units()
    if scope.language:
        units = units.filter(language=scope.language)
    if scope.topic:
        units = units.filter(topic=scope.topic)
    by_round = effects_by(units, "round")
    nothing = effect(units.none())
    page = reverse("reports:deflection")
    return [
        Part(
            str(one),
            by_round.get(one.pk, nothing),
            one,
            narrowing(one, scope),
            url=f"{page}?{scope.query(round=str(one.number))}",
        )
        for one in rounds
    ]


def language_parts(running: HoldoutRound, scope: Scope) -> list[Part]:
    found = effects_by(units_of(running, topic=scope.topic), "language")
    names = dict(settings.LANGUAGES)
    return [
        Part(names[code], found[code], running, narrowing(running, scope) | {"language": code}, language=code)
        for code in names
        if code in found
    ]


def topic_parts(running: HoldoutRound, scope: Scope, reader: Reader) -> list[Part]:
    found = effects_by(units_of(running, language=scope.language), "topic")
    parts = [
        Part(
            topic.name_in(reader.language), found[topic.pk], running, narrowing(running, scope) | {"topic": topic.slug}
        )
        for topic in Topic.objects.with_names()
        if topic.pk in found
    ]
    if None in found:
        parts.append(
            Part(_("Read nothing before"), found[None], running, narrowing(running, scope) | {"topic": "none"})
        )
    return sorted(parts, key=lambda part: -part.effect.counted)


def narrowing(running: HoldoutRound, scope: Scope) -> dict[str, str]:
    return {
        "round": str(running.number),
        "language": scope.language,
        "topic": scope.topic.slug if scope.topic else "",
    }


def parts_table(key: str, title: str, first: str, definition: str, parts: list[Part], reader: Reader) -> Table:
    columns = [
        Column(first),
        *(
            Column(title, is_number=True)
            for title in (
                _("People without"), _("of 100"), _("People with"), _("of 100"), _("Averted of 100"), _("from"),
                _("to"), _("Waiting"),
            )
        ),
        Column(_("Verdict")),
    ]  # fmt: skip
    rows = [_part_row(part, reader) for part in parts]
    return Table(key, title, definition, columns, rows, _("Nobody has been assigned yet."))


def rounds_table(parts: list[Part], reader: Reader) -> Table:
    definition = _(
        "Each round by itself: in a round the share stood still, and everybody was drawn for anew. Rounds are never "
        "added up, because a share that changed with the season would look like an effect."
    )
    return parts_table("rounds", _("By round"), _("Round"), definition, parts, reader)


def languages_table(parts: list[Part], reader: Reader) -> Table:
    definition = _("By the language in which the form was first opened.")
    return parts_table("languages", _("By language"), _("Language"), definition, parts, reader)


def topics_table(parts: list[Part], reader: Reader) -> Table:
    definition = _(
        "By the topic of what was read last before the form was opened. The topic of a case would not do: only those "
        "who write have one."
    )
    return parts_table("topics", _("By topic"), _("Topic"), definition, parts, reader)


def _part_row(part: Part, reader: Reader) -> list[Cell]:
    contacts = part.effect.contacts
    pending = people_url(reader, **part.narrowed, pending="1")
    return [
        text(part.name, part.url, part.language),
        linked(number(contacts.control.of), people_url(reader, **part.narrowed, arm=Arm.CONTROL)),
        per_hundred(contacts.control.share),
        linked(number(contacts.treated.of), people_url(reader, **part.narrowed, arm=Arm.TREATED)),
        per_hundred(contacts.treated.share),
        *interval_cells(contacts.interval),
        linked(number(part.effect.pending), pending),
        text(verdict_word(contacts, part.round)),
    ]


def interval_cells(interval: Interval | None) -> list[Cell]:
    if interval is None:
        return [per_hundred(None)] * 3
    return [per_hundred(value, is_signed=True) for value in (interval.estimate, interval.low, interval.high)]


def parts_chart(parts: list[Part]) -> IntervalChart | None:
    return _chart((part.name, part.effect.contacts, part.language) for part in parts)
