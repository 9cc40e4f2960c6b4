"""How an agent comes to the end of a chat: it ends and its case goes on, or both are over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from knowledge.models import Article
from tickets.errors import TicketError
from tickets.models import Chat, RootCause, Ticket
from tickets.services import answering, chats, intake
from tickets.services.answering import Written

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User


@dataclass(frozen=True)
class Judgement:
    """What answered a case, and why it arose."""

    article: Article | None
    root_cause: RootCause | None = None
    demand_type: str = ""


def case_of(chat: Chat) -> Ticket:
    """The case in which the chat goes on, also after a merge."""
    rows = Ticket.objects.select_related("customer", "topic", "team", "assignee", "answered_by", "root_cause")
    return rows.select_related("root_cause_guess").get(pk=chat.ticket.merged_into_id or chat.ticket_id)


def _check_is_theirs(chat: Chat, agent: User) -> None:
    """Nobody ends a colleague's conversation under their hands. Raises TicketError."""
    chat.refresh_from_db(fields=["state", "agent"])
    if chat.state == Chat.State.ACTIVE and chat.agent_id != agent.pk:
        raise TicketError(_("%(name)s has this chat. Take it over first.") % {"name": chat.agent or _("Somebody else")})


def end_by_agent(chat: Chat, agent: User) -> Chat:
    _check_is_theirs(chat, agent)
    return chats.end(chat, Chat.Side.AGENT, agent=agent)


@transaction.atomic
def solve(chat: Chat, agent: User, judgement: Judgement, *, seen: int) -> None:
    """Ends the chat and solves its case. `seen`: the number of the last line that the agent has read; raises
    WrittenMeanwhile when the customer has written since, and TicketError for a colleague's chat."""
    # The chat before its case, as whoever speaks in it locks them: two who wait for each other would both fail.
    Chat.objects.select_for_update(of=("self",)).get(pk=chat.pk)
    _check_is_theirs(chat, agent)
    ticket = intake.locked_last(chat.ticket)
    said = ticket.messages.said()
    read = said.filter(chat=chat, chat_seq__lte=seen).order_by("-pk").values_list("pk", flat=True).first() or 0
    answering.answer_and_solve(
        ticket,
        agent=agent,
        written=Written(body=""),
        article=judgement.article,
        seen=read,
        root_cause=judgement.root_cause,
        demand_type=judgement.demand_type,
    )
    chats.end(chat, Chat.Side.AGENT, agent=agent)
