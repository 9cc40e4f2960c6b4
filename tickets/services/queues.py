"""The desk's views of cases, the orders in which they are worked through, and how many each holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from knowledge.search.analysis import clean
from tickets.models import Callback, Chat, Customer, InboundMail, Message, Ticket
from tickets.models.tickets import TicketQuerySet
from tickets.services.chat_desk import waiting_rows

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

# Counts stop here: a number that nobody works through is not worth reading the whole table for.
COUNT_LIMIT = 1000
_MAX_SEARCH_CHARACTERS = 200
_MAX_SEARCH_WORDS = 6
_URGENT_FIRST = Case(
    When(priority=Ticket.Priority.URGENT, then=Value(0)),
    When(priority=Ticket.Priority.HIGH, then=Value(1)),
    When(priority=Ticket.Priority.NORMAL, then=Value(2)),
    default=Value(3),
    output_field=IntegerField(),
)
_LONGEST_WAIT_FIRST = F("waiting_since").asc(nulls_last=True)


@dataclass(frozen=True)
class Order:
    """A way to sort a list; the number of the case decides where all else is equal, so that pages never overlap."""

    key: str
    title: Promise
    by: tuple[Any, ...]


ORDERS = {
    order.key: order
    for order in (
        Order("waiting", _("Longest wait first"), (_LONGEST_WAIT_FIRST, "pk")),
        Order("newest", _("Newest first"), ("-created_at", "-pk")),
        Order("updated", _("Last changed first"), ("-updated_at", "-pk")),
        Order("quiet", _("Quiet the longest first"), ("updated_at", "pk")),
        Order("priority", _("Most urgent first"), (_URGENT_FIRST, _LONGEST_WAIT_FIRST, "pk")),
    )
}


@dataclass(frozen=True)
class Queue:
    """One view in the rail: which cases, for whom, and in which order they are worked through."""

    key: str
    title: Promise
    empty: Promise
    """What the list says when there is nothing in it."""
    pick: Callable[[TicketQuerySet, User], TicketQuerySet]
    order: str
    is_about_status: bool = False
    """Whether the view is no more than some statuses: asking for others leads out of it, to all cases."""
    keys: str = ""
    """What is pressed on the keyboard to get there."""

    def cases(self, tickets: TicketQuerySet, user: User) -> TicketQuerySet:
        return self.pick(tickets.unmerged(), user)


EVERY_CASE = Queue(
    "every",
    _("All cases"),
    _("No case is like that. Take a filter away."),
    lambda tickets, user: tickets,
    "updated",
)
"""What filters by status and searches look at. It has no place in the rail, for nobody works through it."""


@dataclass(frozen=True)
class Place:
    """A list of something else than cases that has its own page, with how much waits there."""

    key: str
    title: Promise
    url_name: str
    rows: Callable[[], QuerySet[Any]]
    keys: str = ""


QUEUES: list[Queue] = []
PLACES = [
    Place("live-chat", _("Live chat"), "desk:chats", waiting_rows, keys="g c"),
    Place("callbacks", _("Call-backs"), "desk:callbacks", lambda: Callback.objects.due(timezone.now())),
    Place("mail", _("Mail set aside"), "desk:mail", InboundMail.objects.unheard),
]
QUEUES_BY_KEY: dict[str, Queue] = {EVERY_CASE.key: EVERY_CASE}


def register(queue: Queue, *, after: str = "") -> None:
    """Adds a view: the rail, the counts and the addresses follow."""
    place = next((number for number, one in enumerate(QUEUES, 1) if one.key == after), len(QUEUES))
    QUEUES.insert(place, queue)
    QUEUES_BY_KEY[queue.key] = queue


for _queue in (
    Queue(
        "mine",
        _("Mine"),
        _("No open case is yours. Take one from “Unassigned”."),
        lambda tickets, user: tickets.trusted().unsettled().assigned_to(user),
        "waiting",
        keys="g m",
    ),
    Queue(
        "mentions",
        _("Mentions"),
        _("No note names you that you have not read."),
        lambda tickets, user: tickets.mentioning(user),
        "updated",
        keys="g @",
    ),
    Queue(
        "unassigned",
        _("Unassigned"),
        _("Every case of your teams has somebody who answers for it."),
        lambda tickets, user: tickets.trusted().unsettled().unassigned().of_teams_of(user),
        "waiting",
        keys="g u",
    ),
    Queue(
        "waiting",
        _("Waiting for us"),
        _("Nobody waits for an answer."),
        lambda tickets, user: tickets.trusted().waiting_on_us(),
        "waiting",
        is_about_status=True,
        keys="g w",
    ),
    Queue(
        "chats",
        _("In chat"),
        _("No customer is in a chat."),
        lambda tickets, user: tickets.trusted().filter(pk__in=Chat.objects.concerning(user).values("ticket")),
        "waiting",
    ),
    Queue(
        "customer",
        _("Waiting for customer"),
        _("No customer owes us an answer."),
        lambda tickets, user: tickets.trusted().waiting_on_customer(),
        "quiet",
        is_about_status=True,
    ),
    Queue(
        "others",
        _("Waiting for others"),
        _("We wait for nobody else."),
        lambda tickets, user: tickets.trusted().waiting_on_third_party(),
        "quiet",
        is_about_status=True,
        keys="g o",
    ),
    Queue(
        "followed",
        _("Followed"),
        _("You follow no open case. Follow one from its page."),
        lambda tickets, user: tickets.unsettled().followed_by(user),
        "updated",
        keys="g f",
    ),
    Queue(
        "open",
        _("All open"),
        _("No case is open."),
        lambda tickets, user: tickets.trusted().unsettled(),
        "waiting",
        is_about_status=True,
    ),
    Queue(
        "solved",
        pgettext_lazy("cases", "Solved"),
        _("No case has been solved yet."),
        lambda tickets, user: tickets.trusted().settled(),
        "updated",
        is_about_status=True,
        keys="g s",
    ),
    Queue(
        "spam",
        _("Suspected spam"),
        _("Nothing looks like spam."),
        lambda tickets, user: tickets.suspected_spam(),
        "newest",
    ),
):
    register(_queue)


def counts(tickets: TicketQuerySet, user: User) -> dict[str, int]:
    """How many cases each view holds, up to COUNT_LIMIT, in one round trip."""
    return count_each({queue.key: queue.cases(tickets, user) for queue in QUEUES})


def count_each(picked: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """How many rows each of the query sets finds, up to COUNT_LIMIT, all in one statement."""
    parts: dict[str, str] = {}
    values: list[Any] = []
    for key, rows in picked.items():
        try:
            sql, args = rows.order_by().values("pk")[:COUNT_LIMIT].query.sql_with_params()
        except EmptyResultSet:
            continue
        # All of it is written by the ORM; what people sent travels in `values`.
        parts[key] = f"(SELECT COUNT(*) FROM ({sql}) AS counted)"  # noqa: S608
        values += args
    if not parts:
        return dict.fromkeys(picked, 0)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts.values())}", values)
        found = dict(zip(parts, cursor.fetchone(), strict=True))
    return {key: found.get(key, 0) for key in picked}


def matching(tickets: TicketQuerySet, text: str) -> TicketQuerySet:
    """Cases that hold every word somewhere: reference, subject, name, address, or what was written.

    It reads every message, so it is for the time in which there is no index.
    """
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
    return tickets.select_related("customer", "topic", "assignee", "merged_into").prefetch_related(
        "customer__identities", "topic__translations", "tags", first_messages()
    )


def first_messages() -> Prefetch[str]:
    """Of each case only the message that it began with, which is all that a headline needs."""
    first = Message.objects.filter(ticket=OuterRef("ticket")).order_by("created_at", "pk").values("pk")[:1]
    return Prefetch("messages", queryset=Message.objects.filter(pk=Subquery(first)))
