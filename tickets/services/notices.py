"""The letters that we send: in the customer's language, each answerable, each through the outbox."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from knowledge.models import Organisation
from tickets.models import ChannelKind, Customer, MailContent, Message, OutboxMessage, Ticket, TicketEvent
from tickets.services import outbox
from tickets.services.channel_policy import expected_reply
from tickets.services.enclosures import enclosed
from tickets.services.form_guard import has_link
from tickets.services.links import letter_url
from tickets.services.ratings import RatingLink, rating_links, rating_of

# How mail programs of our languages mark an answer.
_REPLY = re.compile(r"(?:re|sv|vs|svar|aw)\s*:", re.IGNORECASE)


def confirm_receipt(ticket: Ticket, message: Message) -> OutboxMessage | None:
    """Says that the case has come in, what happens next, and where to follow it.

    Anybody can write anybody's address into a form, or into the From of a mail: what they wrote is not handed on to
    that address where it holds links, so that nobody sends theirs in our name.
    """
    is_proved = _proves_sender(message)
    quotes = is_proved or not has_link(message.body)
    greets = bool(ticket.customer.name) and (is_proved or not has_link(ticket.customer.name))
    return _send(
        ticket,
        "case_received",
        f"received:{ticket.pk}",
        message=None,
        is_automatic=True,
        said=message if quotes else None,
        greets=greets,
    )


def _proves_sender(message: Message) -> bool:
    """Whether our mail server found that a message comes from where it says (RFC 7489)."""
    mail: MailContent | None = getattr(message, "mail", None)
    return mail is not None and mail.authentication.get("dmarc") == "pass"


def send_answer(ticket: Ticket, message: Message) -> OutboxMessage | None:
    """An agent's answer."""
    return _send(ticket, "case_answered", f"message:{message.pk}", message=message, said=message)


def tell_solved(ticket: Ticket, message: Message | None) -> OutboxMessage | None:
    """Says that we think it solved, with the answer or the article, and how to say that it is not."""
    times = ticket.events.filter(kind=TicketEvent.Kind.SOLVED).count()
    article = ticket.answered_by.text_in(ticket.language) if ticket.answered_by else None
    with override(ticket.language):
        article_url = settings.SITE_URL + article.get_absolute_url() if article else ""
    return _send(
        ticket,
        "case_solved",
        f"solved:{ticket.pk}:{times}",
        message=message,
        is_automatic=message is None,
        said=message,
        greets=bool(ticket.customer.name) and not has_link(ticket.customer.name),
        article=article,
        article_url=article_url,
        ratings=_ratings(ticket),
    )


def send_chat(
    ticket: Ticket, name: str, unique_key: str, *, lines: Sequence[Any], message: Message | None = None
) -> OutboxMessage | None:
    """One of the letters about a chat (`chat_letters`); without `message`, one that a machine wrote."""
    greets = bool(ticket.customer.name) and not has_link(ticket.customer.name)
    is_automatic = message is None
    return _send(ticket, name, unique_key, message=message, is_automatic=is_automatic, lines=lines, greets=greets)


def _ratings(ticket: Ticket) -> list[RatingLink]:
    """The answers to "How did we do?", for whoever has not said it yet."""
    if rating_of(ticket) is not None:
        return []
    with override(ticket.language):
        return rating_links(ticket)


def _send(
    ticket: Ticket, name: str, unique_key: str, *, message: Message | None, is_automatic: bool = False, **context: Any
) -> OutboxMessage | None:
    """The customer's letter and, where a person answers, the same for each participant with a link of their own."""
    recipient = ticket.customer.email
    if not recipient:
        return None
    copies = {} if is_automatic else _copies(ticket, recipient)
    write = partial(
        outbox.queue_mail,
        ticket=ticket,
        message=message,
        recipient=recipient,
        cc=list(copies),
        is_automatic=is_automatic,
        hold_until=message.held_until if message else None,
    )
    everything = {"files_on_page": enclosed(message).on_page if message else [], **context}
    with override(ticket.language):
        subject = _rendered(name, "subject.txt", ticket, everything)
        text, html = _bodies(name, ticket, everything | {"case_url": letter_url(ticket)})
        only_for = [recipient] if copies else []
        row = write(unique_key=unique_key, subject=subject, body_text=text, body_html=html, only_for=only_for)
        for address, participant in copies.items():
            link = letter_url(ticket, participant)
            text, html = _bodies(name, ticket, everything | {"case_url": link, "is_copy": True})
            write(
                unique_key=f"{unique_key}:copy:{participant.pk}",
                subject=subject,
                body_text=text,
                body_html=html,
                only_for=[address],
                copy_of=row,
            )
    return row


def _copies(ticket: Ticket, recipient: str) -> dict[str, Customer]:
    """The participants by address, without those to whom nothing gets through."""
    people = [
        one.customer for one in ticket.participants.select_related("customer").prefetch_related("customer__identities")
    ]
    return {one.email: one for one in people if one.email and one.email != recipient and not _has_bounced(one)}


def _has_bounced(customer: Customer) -> bool:
    return any(one.value == customer.email and one.is_unreachable for one in customer.identities.all())


def _bodies(name: str, ticket: Ticket, context: dict[str, Any]) -> tuple[str, str]:
    return _rendered(name, "body.txt", ticket, context) + "\n", _rendered(name, "body.html", ticket, context)


def _rendered(name: str, part: str, ticket: Ticket, context: dict[str, Any]) -> str:
    everything = {
        "ticket": ticket,
        "organisation": Organisation.current(),
        "expected_reply": expected_reply(
            ticket.language, kind=ticket.channel, topic=ticket.topic, came_at=ticket.created_at
        ),
        "thread_subject": thread_subject(ticket),
        **context,
    }
    text = render_to_string(f"emails/{name}/{part}", everything).strip()
    return " ".join(text.split()) if part == "subject.txt" else text


def thread_subject(ticket: Ticket) -> str:
    """The one subject of all letters of a case: mail programs part a conversation where it changes.

    An answer to a mail has that mail's subject; a case from elsewhere has its number in it, and no links.
    """
    is_from_mail = ticket.channel == ChannelKind.EMAIL
    if not is_from_mail and has_link(ticket.headline):
        subject = _("Your case %(reference)s") % {"reference": ticket.reference}
    else:
        subject = ticket.headline if is_from_mail else f"{ticket.headline} ({ticket.reference})"
    is_first = not is_from_mail and not ticket.outbox.exists()
    return subject if is_first or _REPLY.match(subject) else f"Re: {subject}"
