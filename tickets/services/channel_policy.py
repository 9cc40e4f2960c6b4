"""Which ways to a person are offered to whom: by topic, time and page, with their state and what to expect.

Which policy counts is told in `channel_rules`; that none leaves anybody without a way is `channel_guard`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from knowledge.models import Topic
from tickets.models import AgentAvailability, Calendar, Channel, ChannelKind, ChannelPolicy
from tickets.services import hours, waits
from tickets.services.channel_rules import (
    TAKES_MESSAGES,
    Lineage,
    is_shown,
    lineage,
    place_of,
    standing_policy,
    takes_messages,
)
from tickets.services.channel_words import address_of, label_of, leads_somewhere, mailbox_of, texts_of

__all__ = [
    "TAKES_MESSAGES",
    "ChannelOffer",
    "expected_reply",
    "is_open",
    "offer_for_a_while",
    "support_address",
    "ways_to_reach_us",
]

_PROMINENCE = ChannelPolicy.Prominence
_ORDER = [_PROMINENCE.FEATURED, _PROMINENCE.LISTED, _PROMINENCE.MINIMISED, _PROMINENCE.CLOSED]
_WITH_A_VOICE = (ChannelKind.PHONE, ChannelKind.CHAT, ChannelKind.CALLBACK)
"""Where customer and agent talk with one another."""


@dataclass(frozen=True)
class ChannelOffer:
    """One way to reach a person as a customer sees it now: state, where it leads, and what to expect."""

    kind: str
    is_open: bool
    is_offered: bool
    """False for a channel that the policy keeps closed: it is named with its reason, and leads nowhere."""
    prominence: str
    label: str
    detail: str
    """One line: the reason of a closed channel, else until or from when, else what there is to know."""
    url: str
    hours: tuple[tuple[str, str], ...] = ()
    wait: str = ""
    """ "answer usually within 2 hours"; "" where that is not known, and where nobody would answer now."""
    next_opening: datetime | None = None
    when: str = ""
    """ "until 18:00", "opens tomorrow at 08:00"."""
    sentence: str = ""
    """What the organisation says of it: the policy's sentence, else the channel's."""
    notice: str = ""
    """What the policy says, or why the channel is closed: to be read before one is chosen."""
    is_staffed: bool = True
    """False for a chat in opening hours with nobody there."""
    days_ahead: tuple[tuple[str, str], ...] = ()

    @property
    def state(self) -> str:
        return "open" if self.is_open else "closed"

    @property
    def is_minimised(self) -> bool:
        return self.prominence == _PROMINENCE.MINIMISED

    @property
    def is_featured(self) -> bool:
        return self.prominence == _PROMINENCE.FEATURED


@dataclass
class _Moment:
    """What is the same for all channels of one page."""

    at: datetime
    language: str
    topic: Topic | None
    place: str
    line: Lineage
    waits: waits.Waits
    assume_staffed: bool
    known_staffed: bool | None = None
    open_now: dict[int, bool] = field(default_factory=dict)

    def holds(self, policy: ChannelPolicy) -> bool:
        return policy.holds_on(self.at) and (policy.hours is None or self.is_open(policy.hours))

    def is_open(self, calendar: Calendar) -> bool:
        if calendar.pk not in self.open_now:
            self.open_now[calendar.pk] = calendar.is_open(self.at)
        return self.open_now[calendar.pk]

    def somebody_at_the_chat(self) -> bool:
        if self.known_staffed is None:
            self.known_staffed = self.assume_staffed or AgentAvailability.objects.standing_by(self.at).exists()
        return self.known_staffed


def support_address() -> str:
    """The mailbox that letters come from and answers go to."""
    return mailbox_of(Channel.objects.filter(kind=ChannelKind.EMAIL).first())


def expected_reply(
    language: str,
    *,
    kind: ChannelKind | str = ChannelKind.FORM,
    topic: Topic | None = None,
    came_at: datetime | None = None,
) -> str:
    """When an answer usually comes, as measured, and what else the organisation says of the channel.

    For a message that came at a time: nothing is said of what is usual once it has waited longer. Channels on which
    people talk are answered in writing as the form is.
    """
    kind = kind if kind in TAKES_MESSAGES else ChannelKind.FORM
    channel = Channel.objects.filter(kind=kind).prefetch_related("texts").first()
    wait = waits.usual_wait(kind, came_at, topic)
    if wait and came_at and came_at + wait < timezone.now():
        wait = None
    with override(language):
        measured = waits.answer_within(kind, wait)
    return " ".join(filter(None, [measured, texts_of(channel, language)[0] if channel else ""]))


def ways_to_reach_us(
    topic: Topic | None = None,
    *,
    at: datetime | None = None,
    place: str | None = None,
    assume_staffed: bool = False,
) -> list[ChannelOffer]:
    """Every channel that is seen at a place, with its state at a moment, most prominent first.

    `place` is one of ChannelPolicy.Place; without it, a topic's page where there is a topic. A form that takes the
    message is always among them, whatever the tables say: a policy that traps people is refused when it is saved, and
    repaired here when it came in by another way. `assume_staffed`: as if somebody were at the chat, for moments that
    are not now. Nine queries at most, and one more for a topic that lies below another.
    """
    channels = [channel for channel in _channels() if leads_somewhere(channel)]
    now = at or timezone.now()
    page = _Moment(
        at=now,
        language=get_language() or settings.LANGUAGE_CODE,
        topic=topic,
        place=place or place_of(topic),
        line=lineage(topic),
        waits=waits.read_waits(now, topic),
        assume_staffed=assume_staffed,
    )
    standing = [(channel, _standing(channel, page)) for channel in channels]
    offers = [_offer(channel, policy, page) for channel, policy in standing if is_shown(policy, page.place)]
    if not any(channel.kind in TAKES_MESSAGES and takes_messages(policy, page.place) for channel, policy in standing):
        offers = [offer for offer in offers if offer.kind != ChannelKind.FORM]
        last_resort = ChannelPolicy(prominence=_PROMINENCE.FEATURED)
        offers.append(_offer(Channel(kind=ChannelKind.FORM), last_resort, page))
    return sorted(offers, key=lambda offer: _rank(offer, topic))


def _rank(offer: ChannelOffer, topic: Topic | None) -> tuple[int, bool]:
    """By prominence; where a person comes first, those that one can talk to before the others."""
    is_behind = topic is not None and topic.is_for_people_first and offer.kind not in _WITH_A_VOICE
    return _ORDER.index(_PROMINENCE(offer.prominence)), is_behind


def is_open(kind: ChannelKind | str, topic: Topic | None = None, at: datetime | None = None) -> bool:
    """Whether somebody would answer on a channel now (form and e-mail: whether it takes the message)."""
    offers = ways_to_reach_us(topic, at=at, place=ChannelPolicy.Place.CHANNELS)
    return any(offer.is_open for offer in offers if offer.kind == kind)


def offer_for_a_while(
    *,
    channel: Channel,
    topic: Topic | None,
    prominence: str,
    begins_at: datetime,
    ends_at: datetime,
    sentences: Mapping[str, str],
) -> ChannelPolicy:
    """A policy that ends by itself: what an incident does to a channel on a topic, or everywhere.

    Raises ValidationError where it would leave a gap, with the gap's times.
    """
    policy = ChannelPolicy(
        channel=channel,
        topic=topic,
        prominence=prominence,
        begins_at=begins_at,
        ends_at=ends_at,
        sentences=dict(sentences),
    )
    with transaction.atomic():
        policy.full_clean()
        policy.save()
    return policy


def _channels() -> QuerySet[Channel]:
    policies = ChannelPolicy.objects.select_related("hours").prefetch_related("hours__hours", "hours__exceptions")
    return Channel.objects.select_related("calendar").prefetch_related(
        "texts", Prefetch("policies", queryset=policies), "calendar__hours", "calendar__exceptions"
    )


def _standing(channel: Channel, page: _Moment) -> ChannelPolicy | None:
    """The policy that counts. Where a person comes first, whom one can talk to is featured unless the topic's own
    policy says something else, or the channel is closed."""
    policy = standing_policy(channel.policies.all(), page.line, page.holds)
    is_talk = channel.kind in _WITH_A_VOICE
    if not (page.topic and page.topic.is_for_people_first and is_talk):
        return policy
    if policy is None or (policy.topic_id is None and policy.prominence != _PROMINENCE.CLOSED):
        return ChannelPolicy(prominence=_PROMINENCE.FEATURED, sentences=policy.sentences if policy else {})
    return policy


def _offer(channel: Channel, policy: ChannelPolicy | None, page: _Moment) -> ChannelOffer:
    prominence = policy.prominence if policy else _PROMINENCE.LISTED
    is_offered = prominence != _PROMINENCE.CLOSED
    calendar = channel.calendar if channel.calendar_id and channel.kind not in TAKES_MESSAGES else None
    in_hours = calendar is None or page.is_open(calendar)
    is_staffed = channel.kind != ChannelKind.CHAT or not (is_offered and in_hours) or page.somebody_at_the_chat()
    is_open_now = is_offered and in_hours and is_staffed
    detail, closed_reason = texts_of(channel, page.language)
    sentence = notice = policy.sentence_in(page.language) if policy else ""
    if not is_offered:
        notice = notice or closed_reason
        sentence = notice or _("Not open at the moment.")
        label = label_of(channel, True)
        return ChannelOffer(
            channel.kind, False, False, prominence, label, sentence, "", sentence=sentence, notice=notice
        )
    sentence = sentence or detail
    when = "" if not is_staffed or calendar is None else hours.when(calendar, page.at, page.language)
    if not is_staffed:
        when = _("nobody is at the chat right now")
    return ChannelOffer(
        kind=channel.kind,
        is_open=is_open_now,
        is_offered=True,
        prominence=prominence,
        label=label_of(channel, is_open_now),
        detail=when or sentence,
        url=address_of(channel, page.topic),
        hours=hours.week(calendar.timetable()) if calendar else (),
        wait=_wait(channel, page) if is_open_now else "",
        next_opening=None if in_hours or calendar is None else calendar.next_opening(page.at),
        when=when,
        sentence=sentence,
        notice=notice,
        is_staffed=is_staffed,
        days_ahead=_days_ahead(calendar, page),
    )


def _days_ahead(calendar: Calendar | None, page: _Moment) -> tuple[tuple[str, str], ...]:
    if calendar is None or page.place != ChannelPolicy.Place.CHANNELS:
        return ()
    return hours.days_that_differ(calendar, page.at, page.language)


def _wait(channel: Channel, page: _Moment) -> str:
    return waits.within(channel.kind, page.waits.usual(channel.kind))
