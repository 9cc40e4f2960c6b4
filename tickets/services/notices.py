"""The letters that we send: in the customer's language, each answerable, each through the outbox."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from knowledge.models import Organisation
from tickets.models import Message, OutboxMessage, Ticket, TicketEvent
from tickets.services import outbox
from tickets.services.channel_policy import expected_reply
from tickets.services.links import case_url


def confirm_receipt(ticket: Ticket, message: Message) -> OutboxMessage | None:
    """Says that the case has come in, what happens next, and where to follow it."""
    return _send(ticket, "case_received", f"received:{ticket.pk}", message=None, is_automatic=True, said=message)


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
        article=article,
        article_url=article_url,
    )


def _send(
    ticket: Ticket, name: str, unique_key: str, *, message: Message | None, is_automatic: bool = False, **context: Any
) -> OutboxMessage | None:
    recipient = ticket.customer.email
    if not recipient:
        return None
    with override(ticket.language):
        everything = {
            "ticket": ticket,
            "organisation": Organisation.current(),
            "case_url": case_url(ticket),
            "expected_reply": expected_reply(ticket.language),
            **context,
        }
        subject = " ".join(render_to_string(f"emails/{name}/subject.txt", everything).split())
        return outbox.queue_mail(
            ticket=ticket,
            message=message,
            unique_key=unique_key,
            recipient=recipient,
            subject=subject,
            body_text=render_to_string(f"emails/{name}/body.txt", everything).strip() + "\n",
            body_html=render_to_string(f"emails/{name}/body.html", everything),
            is_automatic=is_automatic,
        )
