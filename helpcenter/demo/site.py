"""The demo shop as a site: its name, topics, teams, opening hours and ways to reach it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from deflection.models import HelpInContext, HelpRule
from helpcenter.demo.stories import read_yaml
from knowledge.models import Organisation, Synonym, Topic, TopicTranslation
from tickets.models import (
    Calendar,
    CalendarException,
    Channel,
    ChannelKind,
    ChannelPolicy,
    ChannelText,
    OpeningPeriod,
    Team,
    TopicTeam,
)
from tickets.services.channel_rules import TAKES_MESSAGES

NAME = "Havsvind"
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_PROMINENCE = ChannelPolicy.Prominence
_ORDER = [ChannelKind.FORM, ChannelKind.PHONE, ChannelKind.EMAIL, ChannelKind.CHAT, ChannelKind.CALLBACK]


def make_site() -> None:
    """Writes the organisation with everything that its administrators would set by hand."""
    data = read_yaml("organisation.yaml")
    Organisation(name=NAME).save()
    for team in data["teams"]:
        Team.objects.create(key=team["key"], name=team["name"])
    _make_topics(read_yaml("topics.yaml"))
    _make_synonyms(read_yaml("synonyms.yaml"))
    calendar = _make_calendar(data["hours"])
    for position, kind in enumerate(_ORDER):
        _make_channel(kind, position, data["channels"][kind.value], calendar)
    _make_help_rules(data["help_rules"])


def _make_topics(rows: list[dict[str, Any]]) -> None:
    teams = {team.key: team for team in Team.objects.all()}
    for position, row in enumerate(rows):
        kind = row.get("kind", Topic.Kind.HELP)
        topic = Topic.objects.create(slug=row["key"], icon=row["icon"], kind=kind, position=position)
        TopicTeam.objects.create(topic=topic, team=teams[row["team"]])
        TopicTranslation.objects.bulk_create(
            [TopicTranslation(topic=topic, language=language, **text) for language, text in row["translations"].items()]
        )


def _make_synonyms(lists: dict[str, list[dict[str, list[str]]]]) -> None:
    for language, rows in lists.items():
        for row in rows:
            kind = Synonym.Kind.MUTUAL if "same" in row else Synonym.Kind.ONE_WAY
            words = row.get("same") or row["words"]
            synonym = Synonym(language=language, kind=kind, words=", ".join(words))
            synonym.replacements = ", ".join(row.get("also", []))
            synonym.full_clean()
            synonym.save()


def _make_calendar(hours: dict[str, Any]) -> Calendar:
    calendar = Calendar.objects.create(name=NAME, time_zone=hours["time_zone"], country=hours["country"])
    OpeningPeriod.objects.bulk_create(
        [
            OpeningPeriod(
                calendar=calendar,
                weekday=_WEEKDAYS.index(period["day"]),
                opens=_clock_time(period["open"]),
                closes=_clock_time(period["close"]),
            )
            for period in hours["week"]
        ]
    )
    this_year = timezone.localdate().year
    CalendarException.objects.bulk_create(
        [
            CalendarException(
                calendar=calendar,
                day=date(year, row["month"], row["day"]),
                opens=_clock_time(row["open"]) if "open" in row else None,
                closes=_clock_time(row["close"]) if "close" in row else None,
                names=row["names"],
            )
            for year in (this_year, this_year + 1)
            for row in hours["exceptions"]
        ]
    )
    return calendar


def _clock_time(text: str) -> time:
    return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone


def _make_channel(kind: ChannelKind, position: int, row: dict[str, Any], calendar: Calendar) -> None:
    """A channel that the shop does not offer is kept closed, and its text says what to do instead."""
    channel = Channel.objects.create(
        kind=kind,
        address=row.get("value", ""),
        calendar=None if kind in TAKES_MESSAGES else calendar,
        position=position,
    )
    field = "detail" if row["open"] else "closed_reason"
    ChannelText.objects.bulk_create(
        [ChannelText(channel=channel, language=language, **{field: text}) for language, text in row["detail"].items()]
    )
    if not row["open"]:
        prominence = _PROMINENCE.CLOSED
    else:
        prominence = _PROMINENCE.FEATURED if kind == ChannelKind.FORM else _PROMINENCE.LISTED
    policy = ChannelPolicy(channel=channel, prominence=prominence)
    policy.full_clean()
    policy.save()


def _make_help_rules(rows: list[dict[str, Any]]) -> None:
    topics = {topic.slug: topic for topic in Topic.objects.all()}
    help_in_context = HelpInContext.objects.create(is_on=True)
    for row in rows:
        rule = HelpRule(help=help_in_context, **row | {"topic": topics.get(row.get("topic", ""))})
        rule.full_clean()
        rule.save()
