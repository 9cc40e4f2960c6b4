"""Who turned to a person, when and how: cases of any channel, matched to the visits of those who sent them.

A contact is a case that came in (form, e-mail, chat, call-back, a call that was noted, the API), a settled case that
its customer opened again by writing, and a chat, call or call-back in a case that was there before. What happens in
one case within an hour is one contact. Suspected spam is none; nor is that an agent split a case off, or that one was
brought in from another system.

It is matched by the visit that it came from (the same browser's, at any time), and by the customer: whoever is known
in that browser, or sent a case from it, under any of their addresses and numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from deflection.models import Journey
from tickets.models import Ticket, TicketEvent

Kind = TicketEvent.Kind
_SAME_CONTACT = timedelta(hours=1)
_BEGINNINGS = (Kind.RECEIVED, Kind.CHAT_BEGUN, Kind.CALL_LOGGED, Kind.CALLBACK_BOOKED)


@dataclass(frozen=True)
class Contact:
    at: datetime
    ticket: Ticket
    channel: str


@dataclass
class Person:
    """What is known of whoever sits behind some visits: their browsers, those browsers' visits, and the customers."""

    visitors: set[UUID] = field(default_factory=set)
    origins: set[str] = field(default_factory=set)
    customers: set[int] = field(default_factory=set)
    is_recognised: bool = False
    """Whether they showed who they are, by logging in, a signed link or a reference; a typed address shows nothing."""


class Contacts:
    """The contacts of many people within a period, in a fixed number of queries."""

    def __init__(self, visitors: Iterable[UUID], customers: Iterable[int], since: datetime, until: datetime) -> None:
        self._origins: dict[UUID, set[str]] = defaultdict(set)
        self._customers: dict[UUID, set[int]] = defaultdict(set)
        self._recognised: set[UUID] = set()
        browsers: dict[str, UUID] = {}
        of_browser = Journey.objects.measured().filter(visitor__in=set(visitors)).order_by()
        for pk, visitor, customer in of_browser.values_list("pk", "visitor", "customer"):
            self._origins[visitor].add(str(pk))
            browsers[str(pk)] = visitor
            if customer is not None:
                self._customers[visitor].add(customer)
                self._recognised.add(visitor)
        sent = Ticket.objects.trusted().filter(origin__in=browsers).order_by()
        for origin, customer in sent.values_list("origin", "customer"):
            self._customers[browsers[origin]].add(customer)
        known = set(customers).union(*self._customers.values())
        self._by_origin: dict[str, list[Contact]] = defaultdict(list)
        self._by_customer: dict[int, list[Contact]] = defaultdict(list)
        for contact in _read(set(browsers), known, since, until):
            self._by_origin[contact.ticket.origin].append(contact)
            self._by_customer[contact.ticket.customer_id].append(contact)

    def person(self, visitors: Iterable[UUID], customers: Iterable[int] = ()) -> Person:
        person = Person(visitors=set(visitors), customers=set(customers))
        person.is_recognised = bool(person.customers or person.visitors & self._recognised)
        for visitor in person.visitors:
            person.origins |= self._origins.get(visitor, set())
            person.customers |= self._customers.get(visitor, set())
        return person

    def of(self, person: Person, since: datetime, until: datetime) -> list[Contact]:
        """The contacts of one person from `since` until just before `until`, oldest first."""
        found = [contact for origin in person.origins for contact in self._by_origin.get(origin, ())]
        found += [contact for customer in person.customers for contact in self._by_customer.get(customer, ())]
        different = {(one.ticket.pk, one.at): one for one in found if since <= one.at < until}
        ordered = sorted(different.values(), key=lambda one: (one.at, one.ticket.pk))
        kept: list[Contact] = []
        last: dict[int, datetime] = {}
        for contact in ordered:
            before = last.get(contact.ticket.pk)
            last[contact.ticket.pk] = contact.at
            if before is None or contact.at - before > _SAME_CONTACT:
                kept.append(contact)
        return kept


def _read(origins: set[str], customers: set[int], since: datetime, until: datetime) -> Iterable[Contact]:
    opened_again = TicketEvent.objects.filter(
        ticket=OuterRef("ticket"),
        kind=Kind.REOPENED,
        actor_kind=TicketEvent.ActorKind.CUSTOMER,
        created_at=OuterRef("created_at"),
    )
    kinds = Q(kind__in=_BEGINNINGS) | (Q(kind=Kind.CUSTOMER_WROTE) & Exists(opened_again))
    # What such a case began with reached us otherwise; what its customer does from then on is theirs.
    brought_in_later = TicketEvent.objects.filter(
        ticket=OuterRef("ticket"), kind__in=[Kind.SPLIT_OFF, Kind.IMPORTED], created_at__gte=OuterRef("created_at")
    )
    # Two looked-up lists; "or" would read all cases.
    cases = Ticket.objects.trusted().order_by()
    theirs = cases.filter(origin__in=origins).values("pk").union(cases.filter(customer__in=customers).values("pk"))
    events = (
        TicketEvent.objects.filter(kinds, ~Exists(brought_in_later), created_at__gte=since, created_at__lt=until)
        .filter(ticket__in=theirs)
        .select_related("ticket")
        .order_by("created_at", "pk")
    )
    for event in events:
        yield Contact(event.created_at, event.ticket, _channel_of(event))


def _channel_of(event: TicketEvent) -> str:
    by_kind = {Kind.CHAT_BEGUN: "chat", Kind.CALL_LOGGED: "phone", Kind.CALLBACK_BOOKED: "callback"}
    return by_kind.get(Kind(event.kind)) or str(event.data.get("channel") or event.ticket.channel)
