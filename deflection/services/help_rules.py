"""Offering a person on a page by itself: which rules count there, and the one offer of a visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count
from django.utils import timezone

from deflection.models import HelpInContext, HelpRule, Journey, JourneyEvent
from deflection.services import journeys
from knowledge.models import Topic
from tickets.services.channel_policy import ways_to_reach_us

Kind = JourneyEvent.Kind
_CACHE_KEY = "help-rules"
# Seconds until a process without a shared cache sees what another one changed.
_CACHED_FOR = 10
_COUNTED = timedelta(days=30)


@dataclass(frozen=True)
class HelpOffer:
    rule: HelpRule
    url: str
    wait: str
    """ "usually within 2 hours", where that is known."""


def rules_in_use() -> list[HelpRule]:
    """Nothing while the switch is off. Costs no query for some seconds."""
    found: list[HelpRule] | None = cache.get(_CACHE_KEY)
    if found is None:
        found = list(HelpRule.objects.filter(is_active=True, help__is_on=True))
        cache.set(_CACHE_KEY, found, _CACHED_FOR)
    return found


def forget_rules() -> None:
    cache.delete(_CACHE_KEY)


def rules_for(page: str, topic: Topic | None) -> list[HelpRule]:
    """The rules that count on a kind of page (HelpRule.Page) about a topic."""
    rules = rules_in_use()
    topics = _with_those_above(topic) if rules else []
    return [rule for rule in rules if rule.is_for(page, topics)]


def _with_those_above(topic: Topic | None) -> list[int]:
    above: list[int] = []
    while topic is not None and topic.pk not in above:
        above.append(topic.pk)
        topic = topic.parent
    return above


def offer(rule_id: int, *, page: str, topic: Topic | None, journey: Journey) -> HelpOffer | None:
    """What the rule has to offer now, noted; None where it counts no more, nobody is at the chat, or this visit has
    had its offer."""
    rule = next((one for one in rules_for(page, topic) if one.pk == rule_id), None)
    if rule is None or journey.events.filter(kind=Kind.HELP_OFFERED).exists():
        return None
    way = next((one for one in ways_to_reach_us(topic) if one.kind == rule.offer), None)
    if way is None or not way.is_open:
        return None
    journeys.note(journey, Kind.HELP_OFFERED, channel=rule.offer, rule=rule.pk)
    return HelpOffer(rule, way.url, way.wait)


def note_answer(journey: Journey, rule_id: int, *, is_taken: bool) -> None:
    """That the offer was taken or dismissed; once, and only of what was offered."""
    offered = journey.events.filter(kind=Kind.HELP_OFFERED, data__rule=rule_id).first()
    if offered is None or journey.events.filter(kind__in=(Kind.HELP_TAKEN, Kind.HELP_DISMISSED)).exists():
        return
    kind = Kind.HELP_TAKEN if is_taken else Kind.HELP_DISMISSED
    journeys.note(journey, kind, channel=offered.channel, rule=rule_id)


def what_came_of_it(help_in_context: HelpInContext, *, at: datetime | None = None) -> dict[int, dict[str, int]]:
    """For each rule how often it was offered, taken and dismissed in the last 30 days, by those who are counted."""
    since = (at or timezone.now()) - _COUNTED
    events = JourneyEvent.objects.filter(
        kind__in=(Kind.HELP_OFFERED, Kind.HELP_TAKEN, Kind.HELP_DISMISSED),
        created_at__gte=since,
        journey__is_measured=True,
    )
    counts: dict[int, dict[str, int]] = {rule.pk: {} for rule in help_in_context.rules.all()}
    for row in events.values("data__rule", "kind").annotate(count=Count("pk")).order_by():
        if row["data__rule"] in counts:
            counts[row["data__rule"]][row["kind"]] = row["count"]
    return counts
