"""Which ways to a person are offered, where and how; and the guard that nobody is ever left without one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from knowledge.models import Topic
from knowledge.search.languages import preferred
from tickets.models import Channel, ChannelKind, ChannelPolicy

# A channel that takes a message at any hour, so that a person reads it: one of these must always be left.
TAKES_MESSAGES = (ChannelKind.FORM, ChannelKind.EMAIL)
_PROMINENCE = ChannelPolicy.Prominence


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
    url: str
    hours: tuple[tuple[str, str], ...] = ()

    @property
    def state(self) -> str:
        return "open" if self.is_open else "closed"


def support_address() -> str:
    """The mailbox that letters come from and answers go to."""
    address = Channel.objects.filter(kind=ChannelKind.EMAIL).values_list("address", flat=True).first()
    return address or settings.DEFAULT_FROM_EMAIL


def expected_reply(language: str) -> str:
    """What the form promises about the answer, in the organisation's words; "" where it promises nothing."""
    channel = Channel.objects.filter(kind=ChannelKind.FORM).prefetch_related("texts").first()
    return _text(channel, language)[0] if channel else ""


def ways_to_reach_us(topic: Topic | None = None, *, at: datetime | None = None) -> list[ChannelOffer]:
    """Every channel with its state at a moment, most prominent first.

    A form that takes the message is always among them, whatever the tables say: a policy that traps people is
    refused when it is saved, and repaired here when it came in by another way.
    """
    now = at or timezone.now()
    language = get_language() or settings.LANGUAGE_CODE
    channels = list(
        Channel.objects.select_related("calendar").prefetch_related(
            "texts", "policies", "calendar__hours", "calendar__exceptions"
        )
    )
    offers = [_offer(channel, _prominence(channel, topic), now, language) for channel in channels]
    if not any(offer.kind in TAKES_MESSAGES and offer.is_offered for offer in offers):
        offers = [offer for offer in offers if offer.kind != ChannelKind.FORM]
        offers.append(_offer(Channel(kind=ChannelKind.FORM), _PROMINENCE.FEATURED, now, language))
    order = [_PROMINENCE.FEATURED, _PROMINENCE.LISTED, _PROMINENCE.MINIMISED, _PROMINENCE.CLOSED]
    return sorted(offers, key=lambda offer: order.index(_PROMINENCE(offer.prominence)))


def _prominence(channel: Channel, topic: Topic | None) -> str:
    """The topic's own policy if there is one, else the one for everywhere, else listed."""
    by_topic = {policy.topic_id: policy.prominence for policy in channel.policies.all()}
    if topic is not None and topic.pk in by_topic:
        return by_topic[topic.pk]
    return by_topic.get(None, _PROMINENCE.LISTED)


def _offer(channel: Channel, prominence: str, now: datetime, language: str) -> ChannelOffer:
    is_offered = prominence != _PROMINENCE.CLOSED
    calendar = channel.calendar if channel.calendar_id else None
    is_open = is_offered and (calendar is None or calendar.is_open(now) or channel.kind in TAKES_MESSAGES)
    detail, closed_reason = _text(channel, language)
    if not is_offered:
        text = closed_reason or _("Not open at the moment.")
    elif channel.kind == ChannelKind.PHONE and calendar:
        text = _when(calendar.closes_at(now), calendar.next_opening(now), calendar.zone, now)
    else:
        text = detail
    return ChannelOffer(
        kind=channel.kind,
        is_open=is_open,
        is_offered=is_offered,
        prominence=prominence,
        label=_label(channel),
        detail=text,
        url=_url(channel) if is_offered else "",
        hours=_week(calendar) if calendar else (),
    )


def _text(channel: Channel, language: str) -> tuple[str, str]:
    if not channel.pk:
        return "", ""
    texts = {text.language: text for text in channel.texts.all()}
    for code in preferred(language):
        if code in texts:
            return texts[code].detail, texts[code].closed_reason
    return "", ""


def _label(channel: Channel) -> str:
    match channel.kind:
        case ChannelKind.PHONE:
            return _("Call %(number)s") % {"number": channel.address}
        case ChannelKind.EMAIL:
            return _("E-mail us")
        case ChannelKind.CHAT:
            return _("Chat with us")
        case ChannelKind.CALLBACK:
            return _("We call you back")
        case _:
            return _("Write to us")


def _url(channel: Channel) -> str:
    match channel.kind:
        case ChannelKind.PHONE:
            return "tel:" + "".join(ch for ch in channel.address if ch.isdigit() or ch == "+")
        case ChannelKind.EMAIL:
            return f"mailto:{channel.address or settings.DEFAULT_FROM_EMAIL}"
        case ChannelKind.FORM:
            return reverse("contact")
        case _:
            return reverse("channels")


def _when(closes: datetime | None, opens: datetime | None, zone: object, now: datetime) -> str:
    if closes is not None:
        return _("until %(time)s") % {"time": closes.strftime("%H:%M")}
    if opens is None:
        return ""
    local = now.astimezone(opens.tzinfo)
    time = opens.strftime("%H:%M")
    if opens.date() == local.date():
        return _("opens today at %(time)s") % {"time": time}
    if opens.date() == local.date() + timedelta(days=1):
        return _("opens tomorrow at %(time)s") % {"time": time}
    return _("opens %(day)s at %(time)s") % {"day": date_format(opens, "l"), "time": time}


def _week(calendar: object) -> tuple[tuple[str, str], ...]:
    """The week's hours for people, days with the same hours joined: ("Monday–Friday", "08:00–18:00")."""
    from tickets.models import OpeningPeriod

    by_day: dict[int, list[str]] = {}
    for period in calendar.hours.all():  # type: ignore[attr-defined]
        by_day.setdefault(period.weekday, []).append(f"{period.opens:%H:%M}–{period.closes:%H:%M}")
    rows: list[tuple[int, int, str]] = []
    for day in range(7):
        hours = ", ".join(by_day.get(day, [])) or _("closed")
        if rows and rows[-1][2] == hours:
            rows[-1] = (rows[-1][0], day, hours)
        else:
            rows.append((day, day, hours))
    names = dict(OpeningPeriod.Weekday.choices)
    return tuple(
        (str(names[first]) if first == last else f"{names[first]}–{names[last]}", hours) for first, last, hours in rows
    )


def check_nobody_is_trapped(changed: ChannelPolicy, *, is_removed: bool = False) -> None:
    """Refuses a policy, or the removal of one, that would leave a topic or the whole site without a channel that
    takes a message.

    Raises ValidationError that names where people would be trapped.
    """
    if not changed.channel_id:
        return
    stored = list(ChannelPolicy.objects.filter(channel__kind__in=TAKES_MESSAGES))
    kept = [
        policy
        for policy in stored
        if policy.pk != changed.pk and (policy.channel_id, policy.topic_id) != (changed.channel_id, changed.topic_id)
    ]
    before, after = _trapped(stored), _trapped(kept if is_removed else [*kept, changed])
    newly = [place for place in after if place not in before]
    if newly:
        names = ", ".join(str(topic) if topic else _("the whole site") for topic in newly[:5])
        raise ValidationError(
            _("That would leave nobody to write to for: %(topics)s. Keep the contact form or e-mail open there.")
            % {"topics": names}
        )


def _trapped(policies: list[ChannelPolicy]) -> list[Topic | None]:
    """Where no channel would take a message under these policies; None stands for the site as a whole."""
    prominence = {(policy.channel_id, policy.topic_id): policy.prominence for policy in policies}
    takers = list(Channel.objects.filter(kind__in=TAKES_MESSAGES).values_list("pk", flat=True))
    places: list[Topic | None] = [None, *Topic.objects.visible().with_names()]
    return [place for place in places if not any(_is_open_for(prominence, channel, place) for channel in takers)]


def _is_open_for(prominence: dict[tuple[int, int | None], str], channel: int, topic: Topic | None) -> bool:
    everywhere = prominence.get((channel, None), _PROMINENCE.LISTED)
    own = prominence.get((channel, topic.pk), everywhere) if topic else everywhere
    return own != _PROMINENCE.CLOSED
