"""The report on deflection: the effect of suggestions by the hold-out; apart from it what was observed of visits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from deflection.models import HoldoutRound
from deflection.models.holdout import AssignmentQuerySet
from deflection.reports import behind, comparisons, figures, guardrails, outcome_figures, queries, wording
from deflection.reports.article_tables import articles_table
from deflection.reports.cells import IN_EXPORT, ON_PAGE, Reader, Table
from deflection.reports.comparisons import Part
from deflection.reports.scope import Scope
from deflection.reports.views import csv_of, list_page, may_see_cases, may_see_reports, presets_of, reader_of, scope_of
from deflection.services.effect import Effect, effect, units_of
from knowledge.forms import row_number

Builder = Callable[[], Table]


def _rounds() -> list[HoldoutRound]:
    """Those that held anybody out, latest first."""
    return list(HoldoutRound.objects.filter(share__gt=0))


def _chosen(rounds: list[HoldoutRound], asked: str) -> HoldoutRound | None:
    number = row_number(asked)
    return next((one for one in rounds if one.number == number), rounds[0] if rounds else None)


@dataclass
class _Report:
    """What the page shows of one round; each part is worked out when it is first asked for, once."""

    running: HoldoutRound
    rounds: list[HoldoutRound]
    scope: Scope
    reader: Reader

    @property
    def units(self) -> AssignmentQuerySet:
        return units_of(self.running, language=self.scope.language, topic=self.scope.topic)

    @cached_property
    def effect(self) -> Effect:
        return effect(self.units)

    @cached_property
    def by_round(self) -> list[Part]:
        return comparisons.round_parts(self.rounds, self.scope)

    @cached_property
    def by_language(self) -> list[Part]:
        return comparisons.language_parts(self.running, self.scope)

    @cached_property
    def by_topic(self) -> list[Part]:
        return comparisons.topic_parts(self.running, self.scope, self.reader)

    def tables(self) -> dict[str, Builder]:
        narrowed = comparisons.narrowing(self.running, self.scope)
        return {
            "groups": lambda: comparisons.groups_table(self.effect, narrowed, self.reader),
            "rounds": lambda: comparisons.rounds_table(self.by_round, self.reader),
            "languages": lambda: comparisons.languages_table(self.by_language, self.reader),
            "topics": lambda: comparisons.topics_table(self.by_topic, self.reader),
            "guardrails": lambda: guardrails.guardrails_table(self.units, narrowed, self.reader),
        }

    def context(self, tables: dict[str, Table]) -> dict[str, Any]:
        # It was planned for everybody: of a part of them it says nothing.
        planned = None if self.scope.language or self.scope.topic else self.running.planned
        return {
            "running": self.running,
            "effect": self.effect,
            "finding": wording.finding(self.effect.contacts, self.running),
            "too_little": wording.rule_of_too_little(self.running),
            # Until then a clear result may be chance that was looked at often enough.
            "is_early": bool(planned and self.effect.counted < planned),
            "planned": planned,
            "planned_width": f"{min(100, 100 * self.effect.counted / planned):.1f}%" if planned else "",
            "chart": comparisons.effect_chart(self.effect),
            "parts": [
                (tables[key], comparisons.parts_chart(parts))
                for key, parts in (
                    ("rounds", self.by_round),
                    ("languages", self.by_language),
                    ("topics", self.by_topic),
                )
            ],
        }


@login_required
@may_see_reports
@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """All of it; or one of its tables as a file (`?format=csv&table=...`)."""
    scope, context = scope_of(request)
    reader = reader_of(request)
    rounds = _rounds()
    running = _chosen(rounds, request.GET.get("round", ""))
    report = _Report(running, rounds, scope, reader) if running else None
    is_file = request.GET.get("format") == "csv"
    tables = _observed(scope, reader, IN_EXPORT if is_file else ON_PAGE) | (report.tables() if report else {})
    if is_file:
        build = tables.get(request.GET.get("table", ""))
        if build is None:
            raise Http404
        return csv_of(build(), scope)
    narrowed = {"round": str(running.number)} if running else {}
    shown = {key: build() for key, build in tables.items() if key != "outcomes"}
    context |= {
        "presets": presets_of(scope, **narrowed),
        "narrowed": narrowed,
        "query": scope.query(**narrowed),
        "rounds": rounds,
        "may_set": request.user.has_perm("deflection.change_holdoutround"),
        "outcomes": outcome_figures.outcome_figures(scope, reader),
        "score": figures.vendor_score(queries.visits_and_cases(scope)),
        "tables": shown,
    }
    return render(request, "reports/deflection.html", context | (report.context(shown) if report else {}))


def _observed(scope: Scope, reader: Reader, limit: int) -> dict[str, Builder]:
    return {
        "outcomes": lambda: outcome_figures.outcomes_table(scope, reader),
        "articles": lambda: articles_table(scope, reader, limit),
    }


@login_required
@may_see_reports
@may_see_cases
@never_cache
@require_safe
def people_list(request: HttpRequest) -> HttpResponse:
    """Those whom a figure of the hold-out counted."""
    running = _chosen(_rounds(), request.GET.get("round", ""))
    if running is None:
        raise Http404
    _scope, context = scope_of(request)
    listing = behind.people(running, request.GET, request.LANGUAGE_CODE)
    return list_page(request, context, listing, template="reports/people.html")


@login_required
@may_see_reports
@may_see_cases
@never_cache
@require_safe
def visit_list(request: HttpRequest) -> HttpResponse:
    """The visits behind an outcome."""
    scope, context = scope_of(request)
    listing = behind.visits(scope, request.GET, request.LANGUAGE_CODE)
    return list_page(request, context, listing, template="reports/visits.html")
