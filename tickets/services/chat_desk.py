"""The desk's chats at a moment: whose customer waits and since when, what is unread, and what rings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, TextField
from django.db.models.functions import Coalesce
from django.utils import timezone

from tickets.models import AgentAvailability, Chat, ChatOffer, Message
from tickets.services import availability, chats
from tickets.services.chat_agents import offers_to
from tickets.services.chat_offers import OFFER_FOR

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

WAITS_TOO_LONG = timedelta(seconds=60)
"""A customer whose last words have stood for longer without an answer is marked."""
_MOST_SHOWN = 50


@dataclass(frozen=True)
class ChatRow:
    """A chat as it stands in a list."""

    chat: Chat
    unread: int
    last_words: str
    waits_since: datetime | None
    is_late: bool
    is_there: bool
    """Whether the customer has the window before them."""
    is_mine: bool
    is_left_alone: bool
    """Its agent's desk is closed."""


@dataclass(frozen=True)
class Offer:
    """What an agent is asked to take, or was given."""

    chat: Chat
    words: str
    seconds_left: int
    handed_over_by: str


@dataclass(frozen=True)
class DeskNow:
    """What every page of the desk shows of chats."""

    availability: AgentAvailability
    takes_chats: bool
    offers: list[Offer]
    waiting: int
    """Customers whom nobody has, or whose agent is gone."""
    unread: int
    late: int
    said: int
    """Grows with every line of the agent's own chats."""

    @property
    def rings(self) -> str:
        """What an open page compares: something here that was not there before rings once."""
        offers = [f"offer-{one.chat.pk}" for one in self.offers]
        return " ".join([*offers, *(["waiting"] if self.waiting else []), *(["late"] if self.late else [])])

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in AgentAvailability.State.choices]

    @property
    def asks(self) -> int:
        """How many things wait for this agent or for anybody: the number in the title."""
        return self.waiting + self.unread


def waiting_rows(at: datetime | None = None) -> QuerySet[Chat]:
    """Chats for anybody to take: those that wait, and those whose customer waits for an agent who has left."""
    now = at or timezone.now()
    there = AgentAvailability.objects.at_the_desk(now).filter(user=OuterRef("agent"))
    alone = Q(state=Chat.State.ACTIVE, ticket__waiting_since__isnull=False) & ~Exists(there)
    rows = Chat.objects.filter(Q(state=Chat.State.WAITING) | alone)
    return rows.filter(ticket__is_suspected_spam=False, ticket__merged_into=None)


def now_for(user: User, at: datetime | None = None) -> DeskNow:
    """Four queries, however many chats there are."""
    now = at or timezone.now()
    said = availability.of(user)
    mine = Chat.objects.with_agent(user)
    late = mine.filter(ticket__waiting_since__lte=now - WAITS_TOO_LONG)
    counts = Chat.objects.aggregate(
        waiting=Count("pk", filter=Q(pk__in=waiting_rows(now).values("pk"))),
        late=Count("pk", filter=Q(pk__in=late.values("pk"))),
        said=Sum("last_seq", filter=Q(pk__in=mine.values("pk")), default=0),
    )
    unread = _with_details(mine).filter(unread__gt=0).count()
    offers = [_offer(one, now) for one in offers_to(user, now)]
    return DeskNow(said, said.takes_chats(now), offers, counts["waiting"], unread, counts["late"], counts["said"])


def _offer(offer: ChatOffer, now: datetime) -> Offer:
    first = offer.chat.messages.order_by("-chat_seq").filter(kind=Message.Kind.INBOUND).values_list("body", flat=True)
    left = max(0, round((offer.offered_at + OFFER_FOR - now).total_seconds()))
    by = str(offer.handed_over_by) if offer.handed_over_by else ""
    return Offer(offer.chat, first.first() or "", left, by)


def mine(user: User, at: datetime | None = None) -> list[ChatRow]:
    """The agent's chats, who waits longest first."""
    return _rows(Chat.objects.with_agent(user), user, at or timezone.now())


def waiting(user: User, at: datetime | None = None) -> list[ChatRow]:
    now = at or timezone.now()
    return _rows(waiting_rows(now).exclude(agent=user), user, now)


def of_others(user: User, at: datetime | None = None) -> list[ChatRow]:
    """Colleagues' chats under way, for whoever leads the work."""
    return _rows(Chat.objects.filter(state=Chat.State.ACTIVE).exclude(agent=user), user, at or timezone.now())


def _with_details(rows: QuerySet[Chat]) -> QuerySet[Any]:
    theirs = Message.objects.filter(chat=OuterRef("pk"), kind=Message.Kind.INBOUND).order_by()
    unseen = theirs.filter(chat_seq__gt=OuterRef("seen_by_agent")).values("chat").annotate(many=Count("pk"))
    return rows.annotate(
        unread=Coalesce(Subquery(unseen.values("many"), output_field=IntegerField()), 0),
        last_words=Subquery(theirs.order_by("-chat_seq").values("body")[:1], output_field=TextField()),
    )


def _rows(rows: QuerySet[Chat], user: User, now: datetime) -> list[ChatRow]:
    there = AgentAvailability.objects.at_the_desk(now).filter(user=OuterRef("agent"))
    found = _with_details(rows).annotate(has_agent=Exists(there)).select_related("ticket__customer", "ticket__topic")
    found = found.select_related("ticket__customer", "ticket__topic", "agent")
    found = found.prefetch_related("ticket__customer__identities", "ticket__topic__translations")
    order = Coalesce("ticket__waiting_since", "begun_at")
    return [_row(one, user, now) for one in found.order_by(order, "pk")[:_MOST_SHOWN]]


def _row(chat: Any, user: User, now: datetime) -> ChatRow:
    since = chat.ticket.waiting_since
    return ChatRow(
        chat=chat,
        unread=chat.unread,
        last_words=chat.last_words or "",
        waits_since=since,
        is_late=since is not None and since <= now - WAITS_TOO_LONG,
        is_there=chats.customer_is_there(chat, now),
        is_mine=chat.state == Chat.State.ACTIVE and chat.agent_id == user.pk,
        is_left_alone=chat.state == Chat.State.ACTIVE and not chat.has_agent,
    )


def mark() -> Sequence[Any]:
    """What changes when there is something new for the desk. Two queries."""
    going_on = Chat.objects.going_on().order_by("pk").values_list("pk", "state", "agent", "last_seq")
    offers = ChatOffer.objects.unanswered().order_by("pk").values_list("pk", flat=True)
    return [list(going_on), list(offers)]
