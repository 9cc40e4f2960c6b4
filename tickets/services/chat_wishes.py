"""What a customer asks for in a chat besides talking: an address for the answer, the end, all of it by e-mail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import translation

from tickets.channels.chat.news import tell_on_commit
from tickets.errors import TicketError
from tickets.models import Chat, Ticket, TicketEvent
from tickets.services import chat_letters, chats, customers, history, intake, lifecycle

WISHES = ("email", "end", "solved", "transcript")
"""What can be asked for (`wish`)."""


def wish(chat_id: UUID, what: str, text: str, language: str) -> str:
    """Does what a customer asks for besides talking: "email" gives an address, "end" ends, "solved" ends well, and
    "transcript" sends everything by e-mail. Returns why it could not be done, or ""."""
    chat = Chat.objects.select_related("ticket__customer").filter(pk=chat_id).first()
    if chat is None:
        return ""
    with translation.override(language):
        try:
            _do(chat, what, text)
        except TicketError as error:
            return str(error)
    return ""


def _do(chat: Chat, what: str, text: str) -> None:
    match what:
        case "email":
            give_address(chat, text)
        case "end":
            chats.end(chat, Chat.Side.CUSTOMER)
        case "solved":
            solved_by_customer(chat)
        case "transcript":
            if not chat.ticket.customer.email:
                give_address(chat, text)
                chat.refresh_from_db()
            chat_letters.send_said(chat)


@transaction.atomic
def solved_by_customer(chat: Chat, *, at: datetime | None = None) -> None:
    """The customer says that this solved it: the chat ends, and the case is closed."""
    chat = chats.end(chat, Chat.Side.CUSTOMER, at=at)
    lifecycle.close_by_customer(intake.locked_last(chat.ticket), at=at)
    tell_on_commit(chat.pk, "solved")


@transaction.atomic
def give_address(chat: Chat, email: str, *, at: datetime | None = None) -> None:
    """The customer says where an answer can go. One that is known already stays: whoever sits at a window cannot
    lead answers elsewhere. Raises TicketError for what is no address."""
    address = customers.normalise_email(email)
    chat = chats.locked(chat)
    ticket = intake.locked_last(chat.ticket)
    if ticket.customer.email:
        return
    nobody = ticket.customer
    known = customers.customer_by_email(address, name=nobody.name, language=ticket.language)
    ticket.customer = known
    ticket.save(update_fields=["customer"])
    history.record(
        ticket, TicketEvent.Kind.CHANGED, history.CUSTOMER, at=at, what="customer", was=str(nobody), now=str(known)
    )
    if not Ticket.objects.filter(customer=nobody).exists():
        nobody.delete()
    chat.ticket = ticket
    if chat.state == Chat.State.MISSED:
        chat_letters.tell_missed(chat)
    tell_on_commit(chat.pk, "address")
