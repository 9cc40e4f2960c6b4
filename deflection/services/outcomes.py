"""What was observed of each visit: whether it was answered, as far as anybody can tell, or a person was turned to.

None of it is an effect: nobody knows what would have happened without. Each visit is one of

- confirmed: somebody said that an article answered (in the form, or under the article), and no contact on the same
  matter followed within 14 days;
- assumed: an article was read, and within seven days nobody turned to a person, on any channel, on any matter;
- contacted: a person was turned to from the visit, or in the twelve hours before it (reading on while waiting for the
  answer is no answer), or within seven days on another matter;
- came back: it had been confirmed, or an article had been read and the visit was over, and within 14 days its customer
  turned to a person on the same matter: taken back, and the article is charged with it;
- nothing: no article was read and no person turned to within seven days. It may have been given up: not answered;
- pending: the seven days are not over.

A visit that sent what looks like spam is not counted. The same matter: see `same_matter`; and a case that is sent from
the visit itself after saying that it was answered. Worked out anew until the 14 days are over; the same again changes
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.utils import timezone

from deflection.models import Journey, JourneyEvent, Outcome
from deflection.models.holdout import WINDOW
from deflection.models.journeys import REST, JourneyQuerySet
from deflection.services.human_contacts import Contact, Contacts
from deflection.services.pieces import in_pieces
from deflection.services.same_matter import same_matter
from knowledge.models import Article, ArticleView, Feedback, SearchEvent
from tickets.models import Ticket

Kind = Outcome.Kind
Step = JourneyEvent.Kind
RETURN = timedelta(days=14)
_LOOKED_AT_FOR = timedelta(days=30)
_AT_ONCE = 500
_FIELDS = ("kind", "article_id", "counted_as", "matter", "ticket_id", "language", "topic_id", "is_final", "started_at")


@dataclass
class _Visit:
    """All that is known of one visit, oldest first."""

    journey: Journey
    read: list[tuple[datetime, int]] = field(default_factory=list)
    verdicts: list[tuple[datetime, int, bool]] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    just_before: list[Contact] = field(default_factory=list)
    """On the same errand: within the twelve hours before the visit began."""

    @property
    def confirmed(self) -> tuple[datetime, int] | None:
        """When and by which article, unless they said later that it did not answer after all."""
        said = sorted(self.verdicts)
        if not said or not said[-1][2]:
            return None
        return said[-1][:2]

    @property
    def left_at(self) -> datetime:
        """When the visit's last step was, as far as any is known."""
        steps = [at for at, _article in self.read] + [at for at, _article, _yes in self.verdicts]
        return max([self.journey.last_seen_at, *steps])

    @property
    def last_read(self) -> int | None:
        return max(self.read)[1] if self.read else None

    def is_own(self, contact: Contact) -> bool:
        return contact.ticket.origin == str(self.journey.pk)


def work_out_outcomes(*, at: datetime | None = None, visitors: Set[UUID] | None = None) -> int:
    """Works out the outcome of every visit of late that can still change; with `visitors`, of theirs, and of those
    whose seven or fourteen days have ended. Returns how many did change."""
    now = at or timezone.now()
    waiting = Journey.objects.measured().filter(started_at__gt=now - _LOOKED_AT_FOR, started_at__lte=now)
    waiting = waiting.filter(forgotten_at__isnull=True).exclude(outcome__is_final=True).order_by()
    pks = set(_of(waiting, now, visitors) if visitors is not None else waiting.values_list("pk", flat=True))
    return sum(_work_out(list(Journey.objects.filter(pk__in=some)), now) for some in in_pieces(sorted(pks), _AT_ONCE))


def _of(waiting: JourneyQuerySet, now: datetime, visitors: Set[UUID]) -> Iterator[UUID]:
    over = waiting.filter(outcome__kind=Kind.PENDING, last_seen_at__lte=now - WINDOW)
    for chosen in (over, waiting.filter(last_seen_at__lte=now - RETURN), waiting.filter(outcome__isnull=True)):
        yield from chosen.values_list("pk", flat=True)
    for some in in_pieces(list(visitors), _AT_ONCE):
        yield from waiting.filter(visitor__in=some).values_list("pk", flat=True)


def _work_out(journeys: list[Journey], now: datetime) -> int:
    spam = Ticket.objects.suspected_spam().filter(origin__in=[str(journey.pk) for journey in journeys])
    senders = set(spam.values_list("origin", flat=True))
    # A visit that sent spam is nobody's, and none at all; unless it turns out that it was not.
    gone, _rows = Outcome.objects.filter(journey__in=[one for one in journeys if str(one.pk) in senders]).delete()
    kept = [journey for journey in journeys if str(journey.pk) not in senders]
    return gone + (_write(kept, now) if kept else 0)


def _write(journeys: list[Journey], now: datetime) -> int:
    visits = _read_visits(journeys)
    articles = Article.objects.prefetch_related("translations").in_bulk(
        {pk for visit in visits for _at, pk in visit.read}
        | {pk for visit in visits for _at, pk, _yes in visit.verdicts}
    )
    known = {row.journey_id: row for row in Outcome.objects.filter(journey__in=journeys)}
    new, changed = [], []
    for visit in visits:
        found = _outcome_of(visit, articles, now)
        before = known.get(visit.journey.pk)
        if before is None:
            new.append(found)
        elif any(getattr(before, name) != getattr(found, name) for name in _FIELDS):
            found.pk = before.pk
            changed.append(found)
    Outcome.objects.bulk_create(new, ignore_conflicts=True)
    Outcome.objects.bulk_update(changed, [name.removesuffix("_id") for name in _FIELDS], batch_size=200)
    return len(new) + len(changed)


def _read_visits(journeys: list[Journey]) -> list[_Visit]:
    visits = {str(journey.pk): _Visit(journey) for journey in journeys}
    for origin, at, article in ArticleView.objects.filter(origin__in=visits).values_list(
        "origin", "created_at", "translation__article"
    ):
        visits[origin].read.append((at, article))
    for search in SearchEvent.objects.filter(origin__in=visits).order_by("created_at"):
        visits[search.origin].searches.append(search.text)
    for said in Feedback.objects.filter(origin__in=visits).select_related("translation"):
        visits[said.origin].verdicts.append((said.created_at, said.translation.article_id, said.is_helpful))
    _read_steps(visits)
    _find_contacts(list(visits.values()))
    return list(visits.values())


def _read_steps(visits: dict[str, _Visit]) -> None:
    kinds = (Step.SUGGESTION_OPENED, Step.ARTICLE_VIEWED, Step.ANSWERED, Step.NOT_ANSWERED)
    steps = JourneyEvent.objects.filter(
        journey__in=[visit.journey for visit in visits.values()], kind__in=kinds, article__isnull=False
    )
    for journey, kind, at, article in steps.values_list("journey", "kind", "created_at", "article"):
        visit = visits[str(journey)]
        if kind in (Step.ANSWERED, Step.NOT_ANSWERED):
            visit.verdicts.append((at, article or 0, kind == Step.ANSWERED))
        else:
            visit.read.append((at, article or 0))


def _find_contacts(visits: list[_Visit]) -> None:
    journeys = [visit.journey for visit in visits]
    customers = {journey.customer_id for journey in journeys if journey.customer_id}
    since = min(journey.started_at for journey in journeys) - REST
    until = max(visit.left_at for visit in visits) + RETURN
    contacts = Contacts({journey.visitor for journey in journeys}, customers, since, until)
    for visit in visits:
        journey = visit.journey
        person = contacts.person([journey.visitor], [journey.customer_id] if journey.customer_id else [])
        visit.contacts = contacts.of(person, journey.started_at, visit.left_at + RETURN)
        visit.just_before = contacts.of(person, journey.started_at - REST, journey.started_at)
    tickets = {one.ticket.pk: one.ticket for visit in visits for one in [*visit.just_before, *visit.contacts]}
    prefetch_related_objects(list(tickets.values()), "messages", "suggestions")

    def with_all(found: list[Contact]) -> list[Contact]:
        # One object a case, so that what was fetched beforehand is there.
        return [Contact(one.at, tickets[one.ticket.pk], one.channel) for one in found]

    for visit in visits:
        visit.contacts, visit.just_before = with_all(visit.contacts), with_all(visit.just_before)


def _outcome_of(visit: _Visit, articles: dict[int, Article], now: datetime) -> Outcome:
    journey = visit.journey
    found = Outcome(
        journey=journey,
        started_at=journey.started_at,
        language=journey.language,
        is_final=now >= visit.left_at + RETURN,
    )
    confirmed = visit.confirmed
    article = articles.get((confirmed[1] if confirmed else visit.last_read) or 0)
    own = [one for one in visit.contacts if visit.is_own(one)]
    if confirmed is not None:
        _settle_confirmed(found, visit, article, confirmed[0])
    elif turned_to_us := [*own, *visit.just_before]:
        found.kind, found.ticket = Kind.CONTACTED, turned_to_us[0].ticket
    elif article is not None:
        # Whoever turns to us soon after is still on the same errand: that visit never counted as answered.
        later = [one for one in visit.contacts if one.at > visit.left_at + REST]
        _settle(found, visit, article, later, Kind.ASSUMED)
    else:
        found.kind = Kind.NOTHING
    if found.kind in (Kind.ASSUMED, Kind.NOTHING):
        _wait_and_look_for_any_contact(found, visit, now)
    if found.kind in (*Outcome.ANSWERED, Kind.BOUNCED):
        found.article = article
    found.topic_id = _topic_of(found, article)
    return found


def _settle_confirmed(found: Outcome, visit: _Visit, article: Article | None, said_at: datetime) -> None:
    """It counts, unless they turned to us on the same matter, before saying so or afterwards."""
    earlier = [*visit.just_before, *(one for one in visit.contacts if one.at <= said_at)]
    for contact in earlier:
        if _matter(visit, article, contact) is not None:
            found.kind, found.ticket = Kind.CONTACTED, contact.ticket
            return
    _settle(found, visit, article, [one for one in visit.contacts if one.at > said_at], Kind.CONFIRMED)


def _settle(
    found: Outcome, visit: _Visit, article: Article | None, later: list[Contact], counted_as: Outcome.Kind
) -> None:
    """It counts, unless one of the later contacts was on the same matter."""
    found.kind = counted_as
    for contact in later:
        if (matter := _matter(visit, article, contact)) is not None:
            found.kind, found.counted_as, found.matter = Kind.BOUNCED, counted_as, matter
            found.ticket = contact.ticket
            return


def _matter(visit: _Visit, article: Article | None, contact: Contact) -> Outcome.Matter | None:
    """Why a contact is on the visit's matter; None where it is on another."""
    if visit.is_own(contact):
        return Outcome.Matter.VISIT
    text = article.text_in(visit.journey.language) if article else None
    return same_matter(article, [*visit.searches, *([text.title] if text else [])], contact.ticket)


def _wait_and_look_for_any_contact(found: Outcome, visit: _Visit, now: datetime) -> None:
    until = visit.left_at + WINDOW
    soon = [one for one in visit.contacts if one.at < until]
    if soon:
        found.kind, found.ticket = Kind.CONTACTED, soon[0].ticket
    elif now < until:
        found.kind = Kind.PENDING


def _topic_of(found: Outcome, article: Article | None) -> int | None:
    """That of the article, else that of the case."""
    if article is not None and article.topic_id:
        return article.topic_id
    return found.ticket.topic_id if found.ticket else None
