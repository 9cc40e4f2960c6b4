"""What of a case goes into the search index (haystack finds this module by its name)."""

from __future__ import annotations

from typing import Any

from haystack import indexes

from tickets.models import Ticket
from tickets.search import documents


class TicketIndex(indexes.SearchIndex, indexes.Indexable):
    text = indexes.CharField(document=True)

    def get_model(self) -> type[Ticket]:
        return Ticket

    def index_queryset(self, using: str | None = None) -> Any:
        return documents.with_all_that_is_searched(Ticket.objects.all())

    def get_updated_field(self) -> str:
        return "updated_at"

    def prepare_text(self, ticket: Ticket) -> str:
        return " ".join(documents.values_of(documents.document_of(ticket)))
