"""Who is offered a chat that waits: one agent at a time, each with a while to answer, then the next.

A chat that everybody has been offered stays in the list of those that wait, where anybody can take it, until it is
missed (`chats.miss`). Everything stands in the database, so any process can go on with it (`chat_upkeep.sweep`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Exists, F, IntegerField, Max, OuterRef, QuerySet, Value, When
from django.utils import timezone

from tickets.channels.chat.news import tell_on_commit
from tickets.models import AgentAvailability, Chat, ChatOffer, Team, TicketEvent
from tickets.services.agents import agents

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

OFFER_FOR = timedelta(seconds=20)
"""How long an agent has to answer before the chat is offered to the next."""
Answer = ChatOffer.Answer


def offer_on_commit(chat: Chat) -> None:
    """Once a chat that waits is in the database, it is offered."""
    number = chat.pk
    transaction.on_commit(lambda: offer_next(number))


@transaction.atomic
def offer_next(chat_id: UUID, *, at: datetime | None = None) -> ChatOffer | None:
    """Offers a chat to the agent whose turn it is, unless it is offered to somebody still. None where there is none."""
    now = at or timezone.now()
    chat = Chat.objects.select_for_update(of=("self",)).select_related("ticket").filter(pk=chat_id).first()
    if chat is None or chat.state != Chat.State.WAITING or chat.ticket.is_suspected_spam:
        return None
    _lapse(chat.offers.unanswered(), now)
    if (standing := chat.offers.unanswered().first()) is not None:
        return standing
    for agent in candidates(chat, now):
        if _has_room_still(agent, now):
            offer = ChatOffer.objects.create(chat=chat, user=agent.user, offered_at=now)
            tell_on_commit(chat.pk, "offered")
            return offer
    return None


def _has_room_still(agent: AgentAvailability, now: datetime) -> bool:
    """Asked once more with the agent's row locked: two chats may have found the same agent's last place."""
    AgentAvailability.objects.select_for_update().get(pk=agent.pk)
    return AgentAvailability.objects.to_be_asked(now).filter(pk=agent.pk).exists()


def candidates(chat: Chat, at: datetime) -> QuerySet[Any]:
    """Agents who may be offered a chat now, whose turn it is first: teams that answer its topic before others, who
    reads the customer's language before others, then who has fewest chats, then who had none for the longest."""
    asked = chat.offers.filter(offered_at__gte=_waits_since(chat)).values("user")
    teams = Team.objects.filter(topics__topic=chat.ticket.topic_id) if chat.ticket.topic_id else Team.objects.none()
    of_team = Exists(teams.filter(members=OuterRef("user")))
    rows: QuerySet[Any] = AgentAvailability.objects.to_be_asked(at).filter(user__in=agents().values("pk"))
    rows = rows.exclude(user__in=asked).annotate(
        is_elsewhere=Case(When(of_team, then=Value(0)), default=Value(1), output_field=IntegerField()),
        is_foreign=Case(
            When(user__language=chat.ticket.language, then=Value(0)), default=Value(1), output_field=IntegerField()
        ),
        last_chat=Max("user__chats__accepted_at"),
    )
    order = ("is_elsewhere", "is_foreign", "under_way", F("last_chat").asc(nulls_first=True), "user")
    in_turn: QuerySet[Any] = rows.select_related("user").order_by(*order)
    return in_turn


def _waits_since(chat: Chat) -> datetime:
    """Since when it waits this time: one that comes back after its end is offered to everybody anew."""
    begun = TicketEvent.objects.filter(ticket=chat.ticket_id, kind=TicketEvent.Kind.CHAT_BEGUN, data__chat=str(chat.pk))
    return begun.order_by("-created_at").values_list("created_at", flat=True).first() or chat.begun_at


def _lapse(offers: QuerySet[ChatOffer], now: datetime) -> int:
    return offers.filter(offered_at__lte=now - OFFER_FOR).update(answer=Answer.LAPSED, answered_at=now)


def offer_waiting(*, at: datetime | None = None) -> int:
    """Offers all chats that wait and are offered to nobody, and passes on those whose time to answer is over."""
    now = at or timezone.now()
    rows = Chat.objects.waiting().filter(ticket__is_suspected_spam=False)
    standing = ChatOffer.objects.unanswered().filter(chat=OuterRef("pk"), offered_at__gt=now - OFFER_FOR)
    left = rows.exclude(Exists(standing)).order_by("begun_at").values_list("pk", flat=True)
    return sum(offer_next(pk, at=now) is not None for pk in list(left))


@transaction.atomic
def decline(chat: Chat, agent: User, *, at: datetime | None = None) -> None:
    """Not now: the next agent is asked at once. Nothing where it was not offered, or no more."""
    now = at or timezone.now()
    rows = ChatOffer.objects.unanswered().of_waiting().filter(chat=chat, user=agent)
    if rows.update(answer=Answer.DECLINED, answered_at=now):
        tell_on_commit(chat.pk, "declined")
        offer_on_commit(chat)


@transaction.atomic
def withdraw_from(agent: User, *, at: datetime) -> None:
    """Somebody who is busy or away now is not asked any more; what was offered to them goes to the next."""
    offers = list(ChatOffer.objects.unanswered().of_waiting().filter(user=agent).select_related("chat"))
    ChatOffer.objects.filter(pk__in=[one.pk for one in offers]).update(answer=Answer.DECLINED, answered_at=at)
    for one in offers:
        offer_on_commit(one.chat)


def settle(chat: Chat, agent: User, *, at: datetime) -> None:
    """An agent has taken the chat, or opened one that was handed to them: the others were not as quick."""
    standing = chat.offers.unanswered()
    standing.filter(user=agent).update(answer=Answer.ACCEPTED, answered_at=at)
    standing.exclude(user=agent).update(answer=Answer.WITHDRAWN, answered_at=at)
