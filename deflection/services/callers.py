"""Who is on the phone: from what they say to what we know of them, and from the call to its case."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from deflection.models import Journey, JourneyEvent
from deflection.services import drafts, joining, journeys, spoken
from deflection.services.drafts import Written
from knowledge.models import Article, Topic
from knowledge.search.analysis import clean
from tickets.errors import TicketError
from tickets.models import ChannelKind, Customer, Identity, RootCause, Ticket
from tickets.services import calls, lifecycle
from tickets.services.customer_search import find_customers
from tickets.services.customers import add_identity, customer_by_email, customer_by_phone
from tickets.services.intake import VisitContext
from tickets.services.phone_numbers import read_number, region_for
from tickets.services.queues import first_messages

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

_MOST_PEOPLE = 6
_MOST_CASES = 10
_LONGEST = 200
_CODE = re.compile(r"[0-9A-ZÅÄÖÆØ]{6}")


@dataclass(frozen=True)
class Found:
    """What a few words on the phone led to."""

    words: str = ""
    code: str = ""
    """The reference as it is kept, where a valid one was said."""
    journey: Journey | None = None
    steps: list[dict[str, Any]] = field(default_factory=list)
    """What they did before calling, in the whole attempt."""
    written: Written | None = None
    people: list[Customer] = field(default_factory=list)
    """Whom it may be; one only where it is certain who was meant."""
    customer: Customer | None = None
    cases: list[Ticket] = field(default_factory=list)
    """Their cases that are not over, the newest first."""
    trouble: str = ""


def look_up(text: str, *, by: User, person: int = 0) -> Found:
    """What we know of whoever says this: a reference, a case ID, an address, a number or a name.

    `person` is the customer that was picked where several were found. Raises nothing: `trouble` says what is wrong.
    """
    words = " ".join(clean(text)[:_LONGEST].split())
    if not words:
        return Found()
    case = Ticket.objects.filter(reference__iexact=words).select_related("customer").first()
    if case is not None:
        return _known(words, case.customer)
    trouble = ""
    # What cannot be a reference opens nothing: looking for "Anders" is no wrong attempt.
    if code := spoken.read(words):
        try:
            journey = spoken.look_up(words, by=by)
        except TicketError as error:
            journey, trouble = None, str(error)
        if journey is not None:
            return _by_code(words, code, journey)
    people = list(find_customers(words)[:_MOST_PEOPLE])
    picked = next((one for one in people if one.pk == person), people[0] if len(people) == 1 else None)
    if picked is not None:
        return _known(words, picked, people)
    return Found(words=words, people=people, trouble="" if people else trouble or _nobody(words))


def _nobody(words: str) -> str:
    """Six signs, a digit among them, were meant as a reference, however they were heard."""
    bare = re.sub(r"[\s-]", "", words).upper()
    if _CODE.fullmatch(bare) and (spoken.read(words) or not (bare.isdigit() or bare.isalpha())):
        return _("No reference given today reads like that. Ask them to spell it once more.")
    return _("Nobody was found by that.")


def _by_code(words: str, code: str, journey: Journey) -> Found:
    whose = journey.customer
    return Found(
        words=words,
        code=code,
        journey=journey,
        steps=joining.summary(journey),
        written=drafts.text_of(journey),
        people=[whose] if whose else [],
        customer=whose,
        cases=_open_cases(whose) if whose else [],
    )


def _known(words: str, customer: Customer, people: list[Customer] | None = None) -> Found:
    return Found(words=words, people=people or [customer], customer=customer, cases=_open_cases(customer))


def _open_cases(customer: Customer) -> list[Ticket]:
    cases = Ticket.objects.filter(customer=customer).unmerged().unsettled().order_by("-updated_at", "-pk")
    return list(cases.prefetch_related(first_messages())[:_MOST_CASES])


@dataclass(frozen=True)
class Call:
    """A call as the agent wrote it down. Of `customer`, `number`, `email` and `name` one must be known."""

    about: str
    language: str
    key: str
    customer: Customer | None = None
    name: str = ""
    number: str = ""
    email: str = ""
    topic: Topic | None = None
    code: str = ""
    """The reference that was said, or ""."""
    case: Ticket | None = None
    """The case to which it belongs; None: a new one."""


@dataclass(frozen=True)
class Solved:
    """That it was solved while they spoke, and by what; None where no article answers it."""

    article: Article | None
    root_cause: RootCause | None = None
    demand_type: str = ""


@transaction.atomic
def log(call: Call, *, agent: User, solved: Solved | None = None) -> tuple[Ticket, list[str]]:
    """Makes the case, or adds to one, with the journey that led to the call; and what of it could not be kept.

    The same key does it once. Raises TicketError for what cannot be taken.
    """
    if (known := calls.case_of_call(call.key)) is not None:
        return known, []
    journey = _named(call.code, agent)
    caller, left = _caller(call, agent)
    if journey is not None:
        journey = _joined(journey, caller, call.case)
    if call.case is not None:
        ticket = calls.add_call(call.case, agent=agent, about=call.about, key=call.key).ticket
        if journey is not None:
            _tell_journey(journey, ticket)
    else:
        ticket = calls.log_call(
            agent=agent,
            customer=caller,
            about=call.about,
            language=call.language,
            key=call.key,
            topic=call.topic,
            visit=VisitContext(origin=str(journey.pk)) if journey else None,
            # A letter that says it is solved is enough.
            confirm=solved is None,
        )
    if solved is not None:
        lifecycle.solve(
            ticket,
            agent=agent,
            article=solved.article,
            root_cause=solved.root_cause,
            demand_type=solved.demand_type,
        )
        ticket.refresh_from_db()
    if journey is not None:
        drafts.taken_by(journey, ticket)
    return ticket, left


def _named(code: str, agent: User) -> Journey | None:
    """The journey of a reference that was said; None for one that ended meanwhile. Guessing here is guessing, too."""
    if not code:
        return None
    with suppress(TicketError):
        return spoken.look_up(code, by=agent)
    return None


def _caller(call: Call, agent: User) -> tuple[Customer, list[str]]:
    """Whose call it is, with what they said of how to reach them, and what of that is another's."""
    if call.case is not None:
        customer = call.case.customer
    elif call.customer is not None:
        customer = call.customer
    elif call.email:
        customer = customer_by_email(call.email, name=call.name, language=call.language)
    elif call.number:
        return customer_by_phone(call.number, call.name, call.language), []
    elif call.name.strip():
        return Customer.objects.create(name=clean(call.name).strip()[:120], language=call.language), []
    else:
        raise TicketError(_("Write who called: a name, a number or an e-mail address."))
    left = []
    known = {one.value for one in customer.identities.all()}
    for kind, value in ((Identity.Kind.PHONE, call.number), (Identity.Kind.EMAIL, call.email)):
        try:
            if value and value not in known:
                add_identity(customer, kind, _as_kept(kind, value, call.language), by=agent)
        except TicketError as error:
            left.append(str(error))
    return customer, left


def _as_kept(kind: str, value: str, language: str) -> str:
    """A number with its country, so that it is known again however it is written; as it is where nobody can tell."""
    with suppress(TicketError):
        return read_number(value, region_for(language)) if kind == Identity.Kind.PHONE else value
    return value


def _joined(journey: Journey, caller: Customer, case: Ticket | None) -> Journey:
    if journey.customer_id not in (None, caller.pk):
        raise TicketError(
            _("The reference is %(owner)s's, and not %(caller)s's. Leave it out, or choose %(owner)s.")
            % {"owner": journey.customer, "caller": caller}
        )
    joined = joining.join_customer(journey, caller, case=case)
    if joined.pk != journey.pk:
        raise TicketError(_("The reference belongs to somebody else. Leave it out, and ask who is calling."))
    return joined


def _tell_journey(journey: Journey, ticket: Ticket) -> None:
    """What came before a call goes onto its case, where nothing stands there yet."""
    sent = JourneyEvent.Kind.CASE_SENT
    if not journey.events.filter(kind=sent, data__ticket=ticket.reference).exists():
        journeys.note(journey, sent, channel=ChannelKind.PHONE, ticket=ticket.reference)
    if not ticket.origin:
        Ticket.objects.filter(pk=ticket.pk, origin="").update(
            origin=str(journey.pk), journey_summary=joining.summary(journey, customer=ticket.customer)
        )
