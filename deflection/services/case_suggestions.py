"""Articles for cases that came without a visit: by mail, written down by an agent, from another system."""

from __future__ import annotations

from django.db import transaction

from deflection.services.questions import with_question, written_in
from deflection.services.suggestions import suggest
from tickets.models import Ticket, TicketSuggestion


def is_without_visit(ticket: Ticket) -> bool:
    """Whether nobody has looked for articles yet. Who wrote on our pages was shown them there, or rightly none."""
    return not ticket.origin and not ticket.is_suspected_spam and not ticket.is_settled


def suggest_for_case(ticket_id: int) -> int:
    """Keeps the articles that may answer a case, for its customer and its agents. Returns how many are new.

    Safe to run twice, and quiet for a case that is gone, over, or has its suggestions.
    """
    ticket = with_question(Ticket.objects.filter(suggestions__isnull=True)).filter(pk=ticket_id).first()
    if ticket is None or not is_without_visit(ticket):
        return 0
    # Worked out before the transaction: matching takes time, and must not hold the database's write lock.
    found = suggest(written_in(ticket), ticket.language, subject=ticket.subject)
    if not found:
        return 0
    with transaction.atomic():
        locked = Ticket.objects.select_for_update().filter(pk=ticket_id).first()
        if locked is None or locked.suggestions.exists():
            return 0
        rows = [
            TicketSuggestion(ticket=locked, article_id=one.translation.article_id, probability=one.probability)
            for one in found
        ]
        TicketSuggestion.objects.bulk_create(rows)
    return len(rows)
