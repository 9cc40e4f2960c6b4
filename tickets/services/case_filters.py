"""Narrowing a list of cases: what can be asked for, read from an address and put into a query.

What an address asks for that makes no sense (a team that is gone, a date that never was) is left out, so that neither
an old bookmark nor a saved filter can break a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from knowledge.models import Topic
from tickets.models import ChannelKind, Customer, Tag, Team, Ticket
from tickets.models.tickets import TicketQuerySet
from tickets.services.agents import agents

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

_TAGS_OFFERED = 200
_LONGEST_TAG = 50


@dataclass(frozen=True)
class Option:
    value: str
    label: str


class Choices:
    """What there is to choose from, each list read once and only when it is asked for."""

    def __init__(self, user: User, language: str) -> None:
        self.user, self.language = user, language

    @cached_property
    def teams(self) -> list[Team]:
        return list(Team.objects.all())

    @cached_property
    def agents(self) -> list[Option]:
        return [Option(str(one.pk), str(one)) for one in agents()]

    @cached_property
    def topics(self) -> list[Option]:
        found = Topic.objects.prefetch_related("translations")
        return [Option(one.slug, one.name_in(self.language)) for one in found]

    @cached_property
    def tags(self) -> list[Option]:
        names = Tag.objects.values_list("name", flat=True)[:_TAGS_OFFERED]
        return [Option(name, name) for name in names]


def _fixed(choices: Sequence[tuple[object, object]]) -> Callable[[Choices], list[Option]]:
    return lambda there_is: [Option(str(value), str(label)) for value, label in choices]


def _assignees(there_is: Choices) -> list[Option]:
    own = [Option("me", str(_("Me"))), Option("none", str(_("Nobody"))), Option("any", str(_("Somebody")))]
    return own + there_is.agents


def _by_assignee(value: str, user: User) -> Q:
    fixed = {"me": Q(assignee=user.pk), "none": Q(assignee=None), "any": Q(assignee__isnull=False)}
    return fixed[value] if value in fixed else Q(assignee=int(value))


def _by_tag(value: str, user: User) -> Q:
    return Q(pk__in=Ticket.tags.through.objects.filter(tag__name__iexact=value).values("ticket"))


def _equal(path: str) -> Callable[[str, User], Q]:
    return lambda value, user: Q(**{path: value})


def beginning_of_day(value: str) -> datetime | None:
    """The beginning of a day where the organisation is; None for what is no day."""
    try:
        found = parse_date(value)
        return timezone.make_aware(datetime.combine(found, time())) if found else None
    except (ValueError, OverflowError):
        return None


def _since(path: str) -> Callable[[str, User], Q]:
    return lambda value, user: Q(**{f"{path}__gte": beginning_of_day(value)})


def _until(path: str) -> Callable[[str, User], Q]:
    return lambda value, user: Q(**{f"{path}__lt": beginning_of_day(value) + timedelta(days=1)})  # type: ignore[operator]


@dataclass(frozen=True)
class Facet:
    """One thing that a list can be narrowed by: its parameter in the address and what it does to the query.

    `options` says what may be asked for; without it `accepts` judges any text.
    """

    name: str
    title: Promise
    where: Callable[[str, User], Q]
    options: Callable[[Choices], list[Option]] | None = None
    accepts: Callable[[str], bool] = bool
    is_many: bool = False
    kind: str = "choice"
    """How it is asked for: choice, text, date, flag, or hidden (a link sets it)."""


def _is_day(value: str) -> bool:
    return beginning_of_day(value) is not None and value[:4] < "9999"


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 16


def _is_yes(value: str) -> bool:
    return value == "1"


_LANGUAGES = [(code, name) for code, name in settings.LANGUAGES]
FACETS: tuple[Facet, ...] = (
    Facet("status", _("Status"), _equal("status"), _fixed(Ticket.Status.choices), is_many=True),
    Facet(
        "team",
        _("Team"),
        _equal("team__key"),
        lambda there_is: [Option(team.key, team.name) for team in there_is.teams],
    ),
    Facet("assignee", _("Who has it"), _by_assignee, _assignees),
    Facet("topic", _("Topic"), _equal("topic__slug"), lambda there_is: there_is.topics),
    Facet("channel", _("Channel"), _equal("channel"), _fixed(ChannelKind.choices)),
    Facet("language", _("Language"), _equal("language"), _fixed(_LANGUAGES)),
    Facet("priority", _("Priority"), _equal("priority"), _fixed(Ticket.Priority.choices)),
    Facet("type", _("Type"), _equal("type"), _fixed(Ticket.Type.choices)),
    Facet("tag", _("Tag"), _by_tag, accepts=lambda value: 0 < len(value) <= _LONGEST_TAG, kind="text"),
    Facet("created_from", _("Received from"), _since("created_at"), accepts=_is_day, kind="date"),
    Facet("created_to", _("Received to"), _until("created_at"), accepts=_is_day, kind="date"),
    Facet("updated_from", _("Changed from"), _since("updated_at"), accepts=_is_day, kind="date"),
    Facet("updated_to", _("Changed to"), _until("updated_at"), accepts=_is_day, kind="date"),
    Facet(
        "unanswered",
        _("Not answered yet"),
        lambda value, user: Q(first_response_at=None),
        accepts=_is_yes,
        kind="flag",
    ),
    Facet(
        "no_cause",
        _("Root cause missing"),
        lambda value, user: Q(root_cause=None),
        accepts=_is_yes,
        kind="flag",
    ),
    Facet("customer", _("Customer"), _equal("customer"), accepts=_is_number, kind="hidden"),
)
FACETS_BY_NAME = {facet.name: facet for facet in FACETS}


@dataclass(frozen=True)
class Filters:
    """What an address asks for, as far as it makes sense: the values of each facet, in the order of `FACETS`."""

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.chosen)

    def one(self, name: str) -> str:
        return next(iter(self.chosen.get(name, ())), "")

    def without(self, name: str, value: str = "") -> Filters:
        """The same without a facet, or without one of its values."""
        kept = tuple(one for one in self.chosen.get(name, ()) if value and one != value)
        return Filters(
            {key: kept if key == name else values for key, values in self.chosen.items() if key != name or kept}
        )

    def narrow(self, tickets: TicketQuerySet, user: User) -> TicketQuerySet:
        for name, values in self.chosen.items():
            anything = Q()
            for value in values:
                anything |= FACETS_BY_NAME[name].where(value, user)
            tickets = tickets.filter(anything)
        return tickets

    @property
    def parameters(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in self.chosen.items() for value in values]


def read(query: Mapping[str, Sequence[str]], there_is: Choices) -> Filters:
    """The filters of an address; `query` gives every value of a parameter (`dict(request.GET.lists())`)."""
    chosen: dict[str, tuple[str, ...]] = {}
    for facet in FACETS:
        asked = [" ".join(value.replace("\0", "").split()) for value in query.get(facet.name, ()) if value]
        if not asked:
            continue
        if facet.options:
            known = {option.value for option in facet.options(there_is)}
            good = [value for value in dict.fromkeys(asked) if value in known]
        else:
            good = [value for value in dict.fromkeys(asked) if facet.accepts(value)]
        if good:
            chosen[facet.name] = tuple(good if facet.is_many else good[-1:])
    return Filters(chosen)


def label_of(facet: Facet, value: str, there_is: Choices) -> str:
    """A value as people read it."""
    if facet.options:
        return next((option.label for option in facet.options(there_is) if option.value == value), value)
    if facet.name == "customer":
        found = Customer.objects.prefetch_related("identities").filter(pk=value).first()
        return str(found) if found else value
    return value
