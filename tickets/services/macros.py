"""Prepared answers: found by name, filled in for a case, counted when they are sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from knowledge.models import Organisation
from tickets.models import Macro, MacroUse, Message, Ticket
from tickets.services import history
from tickets.services.links import case_url
from tickets.services.public_names import agent_name

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User

PLACEHOLDERS = (
    "customer.name",
    "customer.first_name",
    "case.reference",
    "case.subject",
    "case.url",
    "agent.name",
    "organisation.name",
)
# Only names of the list are replaced, by their text: a macro is no program, and what customers wrote is never one.
_PLACEHOLDER = re.compile(r"( ?)\{\{\s*([a-z_.]+)\s*\}\}")
_SHOWN = 8


@dataclass(frozen=True)
class FilledMacro:
    """A macro as it would be inserted in a case."""

    pk: int
    name: str
    team: str
    body: str
    language: str
    is_other_language: bool
    then: str
    then_label: str
    priority_label: str
    tags: list[str]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled in. One that has no value goes with the space before it, so that
    “Hi {{ customer.first_name }},” to somebody nameless is “Hi,”; an unknown one stays, to be seen."""

    def filled(found: re.Match[str]) -> str:
        space, name = found.groups()
        if name not in values:
            return found[0]
        return space + values[name] if values[name] else ""

    return _PLACEHOLDER.sub(filled, text)


def unknown_placeholders(text: str) -> list[str]:
    """Those that nothing would be filled in for."""
    return [name for _space, name in _PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]


def values_for(ticket: Ticket, agent: User) -> dict[str, str]:
    """What the placeholders say in this case."""
    name = ticket.customer.name.strip()
    organisation = Organisation.current().name
    return {
        "customer.name": name,
        "customer.first_name": name.split(" ")[0],
        "case.reference": ticket.reference or "",
        "case.subject": ticket.subject,
        "case.url": case_url(ticket),
        "agent.name": agent_name(agent) or organisation,
        "organisation.name": organisation,
    }


def macros_of(user: User) -> QuerySet[Macro]:
    """The macros that an agent may use: everybody's, and those of their teams."""
    mine = Q(team__isnull=True) | Q(team__in=user.teams.all())
    return Macro.objects.filter(mine, is_active=True).order_by("position", "name", "pk")


def macros_for(ticket: Ticket, agent: User, words: str = "") -> list[FilledMacro]:
    """The macros whose name holds all the words, then those whose text does, filled in for the case."""
    wanted = words.casefold().split()
    found = macros_of(agent).select_related("team").prefetch_related("texts", "tags")
    ranked = [(rank, macro) for macro in found if (rank := _rank(macro, wanted)) is not None]
    ranked.sort(key=lambda one: one[0])
    values = values_for(ticket, agent) if ranked else {}
    return [_filled(macro, ticket, values) for _rank_, macro in ranked[:_SHOWN]]


def macro_for(ticket: Ticket, agent: User, pk: int) -> FilledMacro | None:
    macro = macros_of(agent).filter(pk=pk).select_related("team").prefetch_related("texts", "tags").first()
    return _filled(macro, ticket, values_for(ticket, agent)) if macro else None


def _rank(macro: Macro, wanted: Sequence[str]) -> int | None:
    """0 where the name begins with what is sought, 1 where it holds it, 2 where the text does; None for no match."""
    name = macro.name.casefold()
    if not wanted or name.startswith(" ".join(wanted)):
        return 0
    if all(word in name for word in wanted):
        return 1
    text = " ".join([name, *(one.body.casefold() for one in macro.texts.all())])
    return 2 if all(word in text for word in wanted) else None


def _filled(macro: Macro, ticket: Ticket, values: Mapping[str, str]) -> FilledMacro:
    texts = {text.language: text for text in macro.texts.all()}
    text = texts.get(ticket.language) or texts.get("en") or next(iter(texts.values()), None)
    return FilledMacro(
        pk=macro.pk,
        name=macro.name,
        team=str(macro.team or ""),
        body=fill(text.body, values) if text else "",
        language=text.language if text else ticket.language,
        is_other_language=bool(text) and text.language != ticket.language if text else False,
        then=macro.then,
        then_label=macro.get_then_display() if macro.then else "",
        priority_label=macro.get_priority_display() if macro.priority else "",
        tags=[tag.name for tag in macro.tags.all()],
    )


def count_use(message: Message, macros: Iterable[Macro], *, user: User) -> None:
    MacroUse.objects.bulk_create(
        [MacroUse(macro=macro, message=message, user=user) for macro in macros], ignore_conflicts=True
    )


def act(ticket: Ticket, macros: Iterable[Macro], *, agent: User) -> list[str]:
    """Does with the case what the macros say, besides their text. Returns the tags that are new on it."""
    from tickets.services import properties, tagging

    by = history.agent(agent)
    had = set(ticket.tags.values_list("name", flat=True))
    for macro in macros:
        if macro.priority:
            properties.change_property(ticket, "priority", macro.priority, by=by)
        names = [tag.name for tag in macro.tags.all()]
        if names:
            tagging.add_tags(ticket, names, by=by)
    return sorted(set(ticket.tags.values_list("name", flat=True)) - had)
