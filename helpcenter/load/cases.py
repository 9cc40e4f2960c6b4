"""Cases by the ten thousand, in a few statements: what a shop with twelve agents has after some years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from helpcenter.accounts import roles
from helpcenter.accounts.models import User
from helpcenter.load import words
from helpcenter.load.writing import Writer
from knowledge.models import Topic, TopicTranslation
from tickets.models import Customer, Identity, Message, RootCause, Tag, Team, Ticket, TicketEvent

_BATCH = 2000
_FIRST_NUMBER = 10_000
_STATUSES = {"solved": 80, "closed": 15, "new": 1, "open": 2, "waiting_customer": 1.5, "waiting_third_party": 0.5}
_PRIORITIES = {"normal": 86, "high": 8, "low": 4, "urgent": 2}
_TYPES = {"question": 70, "problem": 18, "request": 9, "complaint": 3}
_CHANNELS = {"email": 55, "form": 38, "phone": 7}
_AGENTS = 12
_CASES_A_CUSTOMER = 2.4
_OPEN_FOR_DAYS = 14


@dataclass
class Surroundings:
    """What cases refer to; made where it is missing."""

    topics: list[Topic]
    teams: dict[str, Team]
    agents: list[User]
    tags: list[Tag]
    causes: list[RootCause]


@dataclass
class _Batch:
    tickets: list[Ticket] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    events: list[TicketEvent] = field(default_factory=list)
    tags: list[Any] = field(default_factory=list)


def make_cases(count: int, days: int, *, seed: int = 1) -> None:
    """Adds `count` cases that came in over the last `days` days. Nobody is written to."""
    writer = Writer(seed)
    around = make_surroundings()
    customers = _make_customers(max(1, int(count / _CASES_A_CUSTOMER)), writer)
    now = timezone.now()
    number = (Ticket.objects.aggregate(last=Max("pk"))["last"] or 0) + _FIRST_NUMBER
    for first in range(0, count, _BATCH):
        size = min(_BATCH, count - first)
        # In the order in which they came in, as numbers are given out.
        ages = sorted((writer.dice.random() * days for _ in range(size)), reverse=True)
        span = days / count * size
        offset = days - (first + size) / count * days
        times = [now - timedelta(days=offset + age / days * span) for age in ages]
        batch = _Batch()
        for at in times:
            number += 1
            _add_case(batch, f"SV-{number}", at, now, writer, around, writer.dice.choice(customers))
        _save(batch)


def make_surroundings() -> Surroundings:
    topics = [_topic(slug) for slug in words.TOPICS]
    teams = {
        key: Team.objects.get_or_create(key=key, defaults={"name": key.capitalize()})[0]
        for key in sorted(set(words.TOPICS.values()))
    }
    group = Group.objects.get(name=roles.AGENT)
    agents = []
    for place in range(_AGENTS):
        user, is_new = User.objects.get_or_create(
            email=f"load{place}@load.example", defaults={"name": f"{words.FIRST_NAMES[place]} Load"}
        )
        if is_new:
            user.groups.add(group)
            list(teams.values())[place % len(teams)].members.add(user)
        agents.append(user)
    tags = [Tag.objects.get_or_create(name=name)[0] for name in words.TAGS]
    causes = [
        RootCause.objects.get_or_create(key=name.lower().replace(" ", "-"), defaults={"name": name})[0]
        for name in words.CAUSES
    ]
    return Surroundings(topics, teams, agents, tags, causes)


def _topic(slug: str) -> Topic:
    topic, is_new = Topic.objects.get_or_create(slug=slug)
    if is_new:
        TopicTranslation.objects.create(topic=topic, language="en", name=slug.capitalize())
    return topic


def _make_customers(count: int, writer: Writer) -> list[Customer]:
    first = (Customer.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    customers = Customer.objects.bulk_create(
        [Customer(name=writer.name(), language=writer.language()) for _ in range(count)], batch_size=_BATCH
    )
    identities = []
    for place, customer in enumerate(customers, first):
        stem = customer.name.lower().replace(" ", ".")
        mail = stem.translate(str.maketrans("åäæöøé", "aaaooe"))
        identities.append(Identity(customer=customer, kind="email", value=f"{mail}{place}@load.example"))
        if place % 4 == 0:
            identities.append(Identity(customer=customer, kind="phone", value=f"{writer.phone()}{place}"[-16:]))
    Identity.objects.bulk_create(identities, batch_size=_BATCH, ignore_conflicts=True)
    return customers


def _chosen(writer: Writer, weights: Mapping[str, float]) -> str:
    return writer.dice.choices(list(weights), list(weights.values()))[0]


def _status(writer: Writer, age: timedelta) -> str:
    """Old cases are over, but for a few that were forgotten; of the last days many are open."""
    if age < timedelta(days=_OPEN_FOR_DAYS) and writer.dice.random() < 0.5:
        return _chosen(writer, {key: weight for key, weight in _STATUSES.items() if key not in ("solved", "closed")})
    return _chosen(writer, _STATUSES)


def _add_case(
    batch: _Batch, reference: str, at: datetime, now: datetime, writer: Writer, around: Surroundings, customer: Customer
) -> None:
    dice = writer.dice
    topic = dice.choice(around.topics)
    status = _status(writer, now - at)
    slug = topic.slug
    question = writer.question(slug, customer.language)
    is_settled = status in ("solved", "closed")
    ticket = Ticket(
        reference=reference,
        subject=question.split(". ")[0][:80] if dice.random() < 0.7 else "",
        customer=customer,
        language=customer.language,
        channel=_chosen(writer, _CHANNELS),
        topic=topic,
        team=around.teams[words.TOPICS[slug]],
        assignee=dice.choice(around.agents) if status != "new" or dice.random() < 0.1 else None,
        status=status,
        resolution="no_article" if is_settled and dice.random() < 0.6 else "",
        priority=_chosen(writer, _PRIORITIES),
        type=_chosen(writer, _TYPES),
        root_cause=dice.choice(around.causes) if is_settled and dice.random() < 0.7 else None,
        is_suspected_spam=dice.random() < 0.01,
        fields={"order": str(dice.randrange(100_000, 999_999))} if dice.random() < 0.4 else {},
        created_at=at,
    )
    batch.tickets.append(ticket)
    last = _talk(batch, ticket, question, at, now, writer)
    ticket.updated_at = last
    ticket.waiting_since = last if status in ("new", "open") else None
    ticket.solved_at = last if is_settled else None
    through = Ticket.tags.through
    for tag in dice.sample(around.tags, dice.choice((0, 0, 0, 1, 1, 2))):
        batch.tags.append(through(ticket=ticket, tag=tag))


def _talk(batch: _Batch, ticket: Ticket, question: str, at: datetime, now: datetime, writer: Writer) -> datetime:
    """What was said, and the lines of history that go with it; returns when the last of it was."""
    dice, language, author = writer.dice, ticket.language, ticket.assignee
    batch.messages.append(Message(ticket=ticket, kind="inbound", channel=ticket.channel, body=question, created_at=at))
    batch.events.append(
        TicketEvent(
            ticket=ticket, kind="received", actor_kind="customer", data={"channel": ticket.channel}, created_at=at
        )
    )
    if author is None:
        return at
    for turn in range(dice.choice((1, 1, 2, 2, 3))):
        at = min(now, at + timedelta(hours=dice.random() * 30))
        if turn:
            body = writer.filled(dice.choice(words.STORY[language]), language)
            batch.messages.append(Message(ticket=ticket, kind="inbound", channel="email", body=body, created_at=at))
        at = min(now, at + timedelta(hours=dice.random() * 20))
        ticket.first_response_at = ticket.first_response_at or at
        batch.messages.append(
            Message(
                ticket=ticket,
                kind="outbound",
                channel="email",
                author=author,
                body=writer.answer(language),
                created_at=at,
            )
        )
        batch.events.append(
            TicketEvent(ticket=ticket, kind="replied", actor_kind="agent", actor=author, data={}, created_at=at)
        )
    if dice.random() < 0.15:
        batch.messages.append(
            Message(ticket=ticket, kind="note", channel="email", author=author, body=writer.note(), created_at=at)
        )
    if ticket.status == "solved":
        batch.events.append(
            TicketEvent(ticket=ticket, kind="solved", actor_kind="agent", actor=author, data={}, created_at=at)
        )
    return at


@transaction.atomic
def _save(batch: _Batch) -> None:
    Ticket.objects.bulk_create(batch.tickets, batch_size=_BATCH)
    Message.objects.bulk_create(batch.messages, batch_size=_BATCH)
    TicketEvent.objects.bulk_create(batch.events, batch_size=_BATCH)
    Ticket.tags.through.objects.bulk_create(batch.tags, batch_size=_BATCH)
