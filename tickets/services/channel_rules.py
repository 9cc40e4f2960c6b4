"""Which policy of a channel counts for a topic at a moment, and where it lets the channel be seen.

Of the policies of a channel that hold at the moment (within their dates, and while their hours are open):

1. the most specific topic wins: the topic's own, then its parent's, and so on up, then the ones for everywhere;
2. on the same topic one with dates wins over one without: what is for a while overrules what is for good;
3. then one with hours over one without;
4. then the one that began last, and of those that began together the one that was written last.

Where none holds, the channel is listed on every page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from knowledge.models import Topic
from tickets.models import ChannelKind, ChannelPolicy

TAKES_MESSAGES = (ChannelKind.FORM, ChannelKind.EMAIL)
"""A channel that takes a message at any hour, so that a person reads it: one of these must always be left."""

Lineage = tuple[int | None, ...]
"""A topic, the topics above it, and None for everywhere."""

_PLACE = ChannelPolicy.Place


def lineage(topic: Topic | None) -> Lineage:
    """One query for a topic that lies below another, else none."""
    if topic is None:
        return (None,)
    if topic.parent_id is None:
        return (topic.pk, None)
    return lineage_in(topic.pk, parents_of_topics() | {topic.pk: topic.parent_id})


def parents_of_topics() -> dict[int, int | None]:
    return dict(Topic.objects.order_by().values_list("pk", "parent_id"))


def lineage_in(topic: int | None, parents: Mapping[int, int | None]) -> Lineage:
    """Ends also where topics lie below each other in a circle, which only a raw edit can make them."""
    line: list[int | None] = []
    while topic is not None and topic not in line:
        line.append(topic)
        topic = parents.get(topic)
    return (*line, None)


def standing_policy(
    policies: Iterable[ChannelPolicy], line: Sequence[int | None], holds: Callable[[ChannelPolicy], bool]
) -> ChannelPolicy | None:
    """The one of a channel's policies that counts (see above); None where none holds."""
    return next((policy for policy in in_order(policies, line) if holds(policy)), None)


def in_order(policies: Iterable[ChannelPolicy], line: Sequence[int | None]) -> list[ChannelPolicy]:
    """The policies of a topic and those above it; of each channel's, the first that holds counts."""
    own = [policy for policy in policies if policy.topic_id in line]
    return sorted(own, key=lambda policy: (line.index(policy.topic_id), _later_first(policy)))


def _later_first(policy: ChannelPolicy) -> tuple[bool, bool, float, float]:
    begun = policy.begins_at.timestamp() if policy.begins_at else float("-inf")
    return (not policy.is_dated, policy.hours_id is None, -begun, -(policy.pk or float("inf")))


def is_shown(policy: ChannelPolicy | None, place: str) -> bool:
    """Whether the channel is seen at a place: a page of any kind, one of a topic, or the channels page."""
    if policy is None or place == _PLACE.CHANNELS:
        return True
    return policy.place == _PLACE.EVERY_PAGE or policy.place == place


def takes_messages(policy: ChannelPolicy | None, place: str) -> bool:
    """Whether a channel that takes messages does so for whoever is at the place."""
    is_closed = policy is not None and policy.prominence == ChannelPolicy.Prominence.CLOSED
    return not is_closed and is_shown(policy, place)


def place_of(topic: object | None) -> str:
    """Where a page stands that is about a topic, or about none."""
    return _PLACE.EVERY_PAGE if topic is None else _PLACE.TOPIC
