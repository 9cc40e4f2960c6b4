"""The letters about call-backs, to customers whose address we know: in their language, answerable, by the outbox."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.translation import override

from knowledge.models import Organisation
from tickets.models import Callback, OutboxMessage
from tickets.services import outbox
from tickets.services.callback_links import callback_url
from tickets.services.callback_slots import CallingHours
from tickets.services.callback_words import number_in_words, promise_in_words
from tickets.services.form_guard import has_link
from tickets.services.links import letter_url
from tickets.services.notices import thread_subject


def tell_booked(
    callback: Callback, hours: CallingHours | None = None, *, is_moved: bool = False
) -> OutboxMessage | None:
    """When we call, with the link to change or cancel it."""
    return _send(callback, "callback_booked", hours, is_moved=is_moved)


def tell_cancelled(callback: Callback) -> OutboxMessage | None:
    return _send(callback, "callback_cancelled")


def tell_unreached(callback: Callback) -> OutboxMessage | None:
    """That we called in vain, with the link to choose another time."""
    return _send(callback, "callback_unreached")


def _send(
    callback: Callback, name: str, hours: CallingHours | None = None, *, is_moved: bool = False
) -> OutboxMessage | None:
    """One letter of a kind for each version. What was typed into the form is not quoted: it may be somebody else's
    address that they gave."""
    ticket = callback.ticket
    recipient = ticket.customer.email
    if not recipient:
        return None
    with override(ticket.language):
        everything = {
            "ticket": ticket,
            "callback": callback,
            "is_moved": is_moved,
            "promise": promise_in_words(callback, hours),
            "number": number_in_words(callback),
            "greets": bool(ticket.customer.name) and not has_link(ticket.customer.name),
            "organisation": Organisation.current(),
            "case_url": letter_url(ticket),
            "callback_url": callback_url(callback),
            "thread_subject": thread_subject(ticket),
        }
        return outbox.queue_mail(
            ticket=ticket,
            message=None,
            unique_key=f"{name}:{callback.pk}:{callback.version}",
            recipient=recipient,
            subject=" ".join(render_to_string(f"emails/{name}/subject.txt", everything).split()),
            body_text=render_to_string(f"emails/{name}/body.txt", everything).strip() + "\n",
            body_html=render_to_string(f"emails/{name}/body.html", everything),
            is_automatic=True,
        )
