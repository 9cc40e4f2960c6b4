"""What the bar above a list shows: what can be asked for, what is asked for now, and the ways to take it away."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tickets.services.case_filters import FACETS, FACETS_BY_NAME, Facet, Option, label_of
from tickets.services.queues import ORDERS, Order
from tickets.views.desk.rail import Rail


@dataclass(frozen=True)
class Field:
    facet: Facet
    options: list[Option]
    chosen: tuple[str, ...]

    @property
    def value(self) -> str:
        return next(iter(self.chosen), "")


@dataclass(frozen=True)
class Chip:
    title: str
    label: str
    """Empty for a facet that is only there or not."""
    query: str
    """The list without it."""


@dataclass(frozen=True)
class FilterBar:
    fields: list[Field]
    hidden: list[tuple[str, str]]
    """What the form has to hand on: the view, words, and what only links ask for."""
    chips: list[Chip]
    orders: list[Order]
    order: Order | None
    """None: by how well it matches the words."""
    clear_query: str


def bar_for(rail: Rail) -> FilterBar:
    asked = rail.asked
    chosen = asked.filters.chosen
    fields = [
        Field(facet, _options(facet, rail), chosen.get(facet.name, ())) for facet in FACETS if facet.kind != "hidden"
    ]
    hidden = [("view", asked.queue.key)] if asked.queue else []
    hidden += [("q", asked.words)] if asked.words else []
    hidden += [(name, value) for name, value in asked.filters.parameters if FACETS_BY_NAME[name].kind == "hidden"]
    chips = [_chip(rail, name, value) for name, value in asked.filters.parameters]
    order = asked.order or (None if asked.words else ORDERS[rail.queue.order])
    cleared = replace(asked, filters=type(asked.filters)())
    return FilterBar(fields, hidden, chips, list(ORDERS.values()), order, cleared.query())


def _options(facet: Facet, rail: Rail) -> list[Option]:
    if facet.name == "tag":
        return rail.choices.tags
    return facet.options(rail.choices) if facet.options else []


def _chip(rail: Rail, name: str, value: str) -> Chip:
    facet = FACETS_BY_NAME[name]
    without = replace(rail.asked, filters=rail.asked.filters.without(name, value))
    label = "" if facet.kind == "flag" else label_of(facet, value, rail.choices)
    return Chip(str(facet.title), label, without.query())
