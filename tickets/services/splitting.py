"""One case about two things becomes two."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from tickets.errors import TicketError
from tickets.models import InboundMail, Message, OutboxMessage, Ticket, TicketEvent, TicketLink
from tickets.models.tickets import MessageQuerySet
from tickets.services import history
from tickets.services.history import Actor
from tickets.services.locking import locked_open
from tickets.services.properties import MAX_SUBJECT_CHARACTERS
from tickets.services.references import give_reference


def messages_from(message: Message) -> MessageQuerySet:
    """The message and all that follows it in its case, notes too."""
    later = Q(created_at__gt=message.created_at) | Q(created_at=message.created_at, pk__gte=message.pk)
    return Message.objects.filter(later, ticket=message.ticket_id)


def check_split(message: Message, *, with_following: bool = False) -> None:
    """Raises TicketError where no case can begin with the message, or none would be left."""
    if message.kind != Message.Kind.INBOUND:
        raise TicketError(_("A case begins with what a customer wrote. Choose one of their messages."))
    going = messages_from(message) if with_following else Message.objects.filter(pk=message.pk)
    if not message.ticket.messages.filter(kind=Message.Kind.INBOUND).exclude(pk__in=going.values("pk")).exists():
        raise TicketError(_("Nothing that a customer wrote would be left in this case."))
    if message.ticket.held_sends.filter(until__gt=timezone.now()).exists():
        raise TicketError(
            _("An answer in %(case)s is about to leave. Wait a few seconds.") % {"case": message.ticket.reference}
        )


@transaction.atomic
def split(message: Message, *, by: Actor, with_following: bool = False, subject: str = "") -> Ticket:
    """Makes a case of its own of a message, with what follows it or alone, and returns it.

    It belongs to whoever wrote the message, and is looked after by the same team and agent; files, letters and
    original mails go with it. Raises TicketError for anything but a customer's message, and for the only one.
    """
    source = locked_open(message.ticket)
    message.ticket = source
    check_split(message, with_following=with_following)
    going = list(messages_from(message).values_list("pk", flat=True)) if with_following else [message.pk]
    new = _new_case(source, message, subject)
    moved = Message.objects.filter(pk__in=going)
    OutboxMessage.objects.filter(message__in=going).update(ticket=new)
    InboundMail.objects.filter(message__in=going).update(ticket=new)
    moved.filter(customer=new.customer_id).update(customer=None)
    moved.update(ticket=new)
    _set_where_it_stands(new, with_following)
    TicketLink.objects.create(source=new, target=source, kind=TicketLink.Kind.SPLIT)
    history.record(new, TicketEvent.Kind.RECEIVED, history.CUSTOMER, at=message.created_at, channel=message.channel)
    history.record(new, TicketEvent.Kind.SPLIT_OFF, by, case=source.reference)
    history.record(source, TicketEvent.Kind.SPLIT, by, case=new.reference, messages=len(going))
    Ticket.objects.filter(pk=source.pk).update(updated_at=timezone.now())
    return new


def _new_case(source: Ticket, message: Message, subject: str) -> Ticket:
    now = timezone.now()
    new = Ticket.objects.create(
        customer=message.customer or source.customer,
        subject=" ".join(subject.split())[:MAX_SUBJECT_CHARACTERS],
        language=source.language,
        channel=message.channel,
        topic=source.topic,
        team=source.team,
        assignee=source.assignee,
        mailbox=source.mailbox,
        priority=source.priority,
        type=source.type,
        status=Ticket.Status.OPEN if source.assignee_id else Ticket.Status.NEW,
        created_at=message.created_at,
        updated_at=now,
        waiting_since=message.created_at,
    )
    give_reference(new)
    return new


def _set_where_it_stands(new: Ticket, with_following: bool) -> None:
    """With its answers a case may wait for the customer rather than for us."""
    if not with_following:
        return
    answers = new.messages.filter(kind=Message.Kind.OUTBOUND)
    first = answers.first()
    if first is None:
        return
    new.first_response_at = first.created_at
    last = new.messages.exclude(kind=Message.Kind.NOTE).last()
    if last is not None and last.kind == Message.Kind.OUTBOUND:
        new.status, new.waiting_since = Ticket.Status.WAITING_CUSTOMER, None
    new.save()
