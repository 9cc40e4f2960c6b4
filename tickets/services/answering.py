"""An agent's answer, sent only by somebody who has read everything that was said before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from knowledge.models import Article
from tickets.errors import TicketError
from tickets.models import Message, Ticket
from tickets.services import lifecycle
from tickets.services.intake import clean_message

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User


class WrittenMeanwhile(TicketError):
    """Something was said in the case that the agent has not seen."""

    def __init__(self, messages: list[Message]) -> None:
        self.messages = messages
        super().__init__(self._sentence(messages[-1]))

    @staticmethod
    def _sentence(message: Message) -> str:
        if message.kind == Message.Kind.INBOUND:
            return _("The customer has written since you opened this.")
        return _("%(name)s has answered since you opened this.") % {"name": message.author or _("Somebody")}


@transaction.atomic
def answer(ticket: Ticket, *, agent: User, body: str, then: str, seen: int) -> bool:
    """Sends an answer, unless something was said after the message `seen`: then raises WrittenMeanwhile.

    False when this very answer is there already: the button was pressed twice, and once is enough.
    """
    if _is_there_already(_locked(ticket), agent, body, seen):
        return False
    lifecycle.send_reply(ticket, agent=agent, body=body, then=then)
    return True


@transaction.atomic
def answer_and_solve(ticket: Ticket, *, agent: User, body: str, article: Article | None, seen: int) -> bool:
    """Solves the case, with an answer where there is one. Otherwise as `answer`."""
    locked = _locked(ticket)
    if _is_there_already(locked, agent, body, seen):
        return False
    if locked.is_settled and not body.strip():
        if locked.answered_by == article and locked.resolution:
            return False
        raise TicketError(_("This case is over already. Open it again to change what answered it."))
    lifecycle.solve(ticket, agent=agent, article=article, body=body)
    return True


@transaction.atomic
def add_note(ticket: Ticket, *, agent: User, body: str) -> bool:
    """Adds an internal note; False when the same note is the last thing in the case already."""
    last = _locked(ticket).messages.last()
    if last and last.kind == Message.Kind.NOTE and last.author == agent and last.body == clean_message(body):
        return False
    lifecycle.add_note(ticket, agent=agent, body=body)
    return True


def _locked(ticket: Ticket) -> Ticket:
    """Intake takes the same lock, so nothing can be added between looking and sending."""
    return Ticket.objects.select_for_update().get(pk=ticket.pk)


def _is_there_already(ticket: Ticket, agent: User, body: str, seen: int) -> bool:
    news = list(ticket.messages.exclude(kind=Message.Kind.NOTE).filter(pk__gt=seen).select_related("author"))
    if body.strip() and any(one.author == agent and one.body == clean_message(body) for one in news):
        return True
    if news:
        raise WrittenMeanwhile(news)
    return False
