"""Finding customers by what somebody knows of them, and what their record shows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet

from knowledge.search.analysis import clean
from tickets.models import Company, Customer, CustomerMerge, Identity, Rating, Ticket
from tickets.models.tickets import TicketQuerySet
from tickets.services.queues import first_messages

_MAX_CHARACTERS = 200
_MAX_WORDS = 6
_FEWEST_DIGITS = 4
_CASES_SHOWN = 20
_RATINGS_SHOWN = 10
MOST_FOUND = 1000
"""A search that finds more is to be narrowed, not paged through."""


def numbers_found(text: str) -> list[int]:
    """The primary keys of at most MOST_FOUND customers, newest first: the page and the count from one reading."""
    found = find_customers(text).select_related(None).prefetch_related(None)
    return list(found.values_list("pk", flat=True)[:MOST_FOUND])


def find_customers(text: str) -> QuerySet[Customer]:
    """Customers of whom every word is true: in the name, an address, the company; a phone number in any notation.

    The newest first, which is how they are indexed; each with its addresses and company.
    """
    found = Customer.objects.order_by("-pk").select_related("company").prefetch_related("identities")
    text = clean(text)[:_MAX_CHARACTERS].strip()
    if (digits := _digits(text)) is not None:
        return found.filter(pk__in=Identity.objects.filter(value__contains=digits).values("customer"))
    for word in text.split()[:_MAX_WORDS]:
        # Addresses are kept in lower case, so they need no folding, which costs PostgreSQL more than comparing does.
        known = Q(value__contains=word.lower()) | Q(value__contains=word)
        holds = Q(pk__in=Identity.objects.filter(known).values("customer"))
        for form in _letter_cases(word):
            holds |= Q(name__icontains=form) | Q(company__in=Company.objects.filter(name__icontains=form).values("pk"))
        found = found.filter(holds)
    return found


def _digits(text: str) -> str | None:
    """What of a phone number is the same in every notation: its end, without country code and leading zeros."""
    digits = re.sub(r"\D", "", text.replace("(0)", ""))
    if re.search(r"[^\d\s()+./-]", text) or len(digits) < _FEWEST_DIGITS:
        return None
    return digits.lstrip("0")[-8:] or digits


def _letter_cases(word: str) -> set[str]:
    """SQLite folds the case of A to Z only, so “åsa” has to be looked for as “Åsa” too."""
    return {word} if word.isascii() else {word, word.lower(), word.capitalize(), word.upper()}


def with_case_counts(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """Adds `case_total`; put it on one page of customers, not on all."""
    return customers.annotate(case_total=Count("tickets"))


@dataclass(frozen=True)
class CustomerRecord:
    """All that agents know of one person."""

    customer: Customer
    identities: list[Identity]
    cases: list[Ticket]
    case_count: int
    taking_part: list[Ticket]
    ratings: list[Rating]
    merges: list[CustomerMerge]


def record_of(customer: Customer, visible: TicketQuerySet) -> CustomerRecord:
    """`visible` are the cases that the reader may see. A fixed number of queries."""
    cases = visible.filter(customer=customer).order_by("-created_at").select_related("assignee", "topic", "team")
    cases = cases.prefetch_related(first_messages(), Prefetch("topic__translations"))
    copies = visible.filter(participants__customer=customer).order_by("-updated_at").prefetch_related(first_messages())
    ratings = Rating.objects.filter(ticket__customer=customer).select_related("ticket").order_by("-created_at")
    return CustomerRecord(
        customer=customer,
        identities=list(customer.identities.order_by("kind", "pk")),
        cases=list(cases[:_CASES_SHOWN]),
        case_count=visible.filter(customer=customer).count(),
        taking_part=list(copies[:_CASES_SHOWN]),
        ratings=list(ratings[:_RATINGS_SHOWN]),
        merges=list(customer.merges.select_related("merged_by")),
    )
