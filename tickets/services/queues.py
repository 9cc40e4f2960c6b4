"""The desk's views of cases, and finding a case by what somebody remembers of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, OrderBy, OuterRef, Prefetch, Q, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from knowledge.search.analysis import clean
from tickets.models import Customer, Message
from tickets.models.tickets import TicketQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

# Counts stop here: a number that nobody works through is not worth reading the whole table for.
COUNT_LIMIT = 1000
_MAX_SEARCH_CHARACTERS = 200
_MAX_SEARCH_WORDS = 6
_LONGEST_WAIT_FIRST = (F("waiting_since").asc(nulls_last=True), "pk")


@dataclass(frozen=True)
class Queue:
    """One view in the rail: which cases, for whom, and in which order they are worked through."""

    key: str
    title: Promise
    empty: Promise
    """What the list says when there is nothing in it."""
    pick: Callable[[TicketQuerySet, User], TicketQuerySet]
    order: tuple[str | OrderBy, ...]

    def cases(self, tickets: TicketQuerySet, user: User) -> TicketQuerySet:
        return self.pick(tickets, user).order_by(*self.order)


# A new view is one more entry; the rail, the counts and the addresses follow.
QUEUES: tuple[Queue, ...] = (
    Queue(
        "mine",
        _("Mine"),
        _("No open case is yours. Take one from “Unassigned”."),
        lambda tickets, user: tickets.trusted().unsettled().assigned_to(user),
        _LONGEST_WAIT_FIRST,
    ),
    Queue(
        "unassigned",
        _("Unassigned"),
        _("Every case has somebody who answers for it."),
        lambda tickets, user: tickets.trusted().unsettled().unassigned(),
        _LONGEST_WAIT_FIRST,
    ),
    Queue(
        "waiting",
        _("Waiting for us"),
        _("Nobody waits for an answer."),
        lambda tickets, user: tickets.trusted().waiting_on_us(),
        _LONGEST_WAIT_FIRST,
    ),
    Queue(
        "others",
        _("Waiting for others"),
        _("We wait for nobody."),
        lambda tickets, user: tickets.trusted().waiting_on_others(),
        ("updated_at", "pk"),
    ),
    Queue(
        "solved",
        _("Solved"),
        _("No case has been solved yet."),
        lambda tickets, user: tickets.trusted().settled(),
        ("-updated_at", "-pk"),
    ),
    Queue(
        "spam",
        _("Suspected spam"),
        _("Nothing looks like spam."),
        lambda tickets, user: tickets.suspected_spam(),
        ("-created_at", "-pk"),
    ),
)
QUEUES_BY_KEY = {queue.key: queue for queue in QUEUES}


def counts(tickets: TicketQuerySet, user: User) -> dict[str, int]:
    """How many cases each view holds, up to COUNT_LIMIT. One short query a view."""
    return {queue.key: queue.pick(tickets, user).order_by()[:COUNT_LIMIT].count() for queue in QUEUES}


def matching(tickets: TicketQuerySet, text: str) -> TicketQuerySet:
    """Cases that hold every word somewhere: reference, subject, name, address, or what was written."""
    for word in clean(text)[:_MAX_SEARCH_CHARACTERS].split()[:_MAX_SEARCH_WORDS]:
        holds = Q()
        for form in _letter_cases(word):
            people = Customer.objects.filter(Q(name__icontains=form) | Q(identities__value__icontains=form))
            said = Message.objects.filter(body__icontains=form)
            holds |= (
                Q(reference__icontains=form)
                | Q(subject__icontains=form)
                | Q(customer__in=people.values("pk"))
                | Q(pk__in=said.values("ticket"))
            )
        tickets = tickets.filter(holds)
    return tickets.order_by("-updated_at", "-pk")


def _letter_cases(word: str) -> set[str]:
    """SQLite folds the case of A to Z only, so “åsa” has to be looked for as “Åsa” too."""
    return {word} if word.isascii() else {word, word.lower(), word.capitalize(), word.upper()}


def with_row_details(tickets: TicketQuerySet) -> TicketQuerySet:
    """With what a row shows, in a fixed number of queries."""
    return tickets.select_related("customer", "topic", "assignee").prefetch_related(
        "customer__identities", "topic__translations", first_messages()
    )


def first_messages() -> Prefetch[str]:
    """Of each case only the message that it began with, which is all that a headline needs."""
    first = Message.objects.filter(ticket=OuterRef("ticket")).order_by("created_at", "pk").values("pk")[:1]
    return Prefetch("messages", queryset=Message.objects.filter(pk=Subquery(first)))
