"""The managers' reports: an overview, its tables as files, and the lists behind its figures."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from deflection.reports import figures, lists, queries
from deflection.reports.cells import IN_EXPORT, ON_PAGE, Reader, Table
from deflection.reports.exports import as_csv
from deflection.reports.scope import PRESETS, Scope, read_scope
from deflection.reports.tables import BUILDERS, days_table
from knowledge.models import Topic

may_see_reports = permission_required("deflection.view_reports", raise_exception=True)
may_see_cases = permission_required("tickets.work_cases", raise_exception=True)


def reader_of(request: HttpRequest) -> Reader:
    user = request.user
    return Reader(
        language=request.LANGUAGE_CODE,
        may_see_cases=user.has_perm("tickets.work_cases"),
        may_see_gaps=getattr(user, "is_staff", False) and user.has_perm("knowledge.view_contentgap"),
    )


def scope_of(request: HttpRequest) -> tuple[Scope, dict[str, Any]]:
    """The scope, and what every page of the reports shows of it."""
    topics = list(Topic.objects.with_names())
    parameters = request.GET.dict()
    if parameters.get("topic") == "none":
        del parameters["topic"]  # the cases without a topic are narrowed to in their list
    scope, problems = read_scope(parameters, topics)
    return scope, {
        "scope": scope,
        "problems": problems,
        "topics": [(topic, topic.name_in(request.LANGUAGE_CODE)) for topic in topics],
        "topic_name": scope.topic.name_in(request.LANGUAGE_CODE) if scope.topic else "",
        "presets": presets_of(scope),
    }


def presets_of(scope: Scope, **more: str) -> list[tuple[int, str, bool]]:
    """The periods to choose from: days, the address's query, and whether it is the one that is shown."""
    return [(days, scope.with_preset(days).query(**more), days == scope.preset) for days in PRESETS]


@login_required
@may_see_reports
@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """All figures of a period; or one of its tables as a file (`?format=csv&table=...`)."""
    scope, context = scope_of(request)
    reader = reader_of(request)
    if request.GET.get("format") == "csv":
        return _export(request.GET.get("table", ""), scope, reader)
    days = queries.by_day(scope)
    total = queries.total(days)
    tables = {key: build(scope, reader, ON_PAGE) for key, build in BUILDERS.items() if key != "days"}
    is_empty = not total.visits and not total.cases and not any(table.rows for table in tables.values())
    return render(
        request,
        "reports/overview.html",
        context
        | {
            "is_empty": is_empty,
            "figures": figures.figures(total),
            "cases": figures.cases_figure(total, scope, reader),
            "score": figures.vendor_score(total),
            "chart": figures.day_chart(days),
            "days": days_table(days),
            "search_tables": [tables["searches"], tables["no-result"], tables["weak"]],
            "answer_tables": [tables["gaps"], tables["articles"]],
            "case_tables": [tables["topics"], tables["statuses"]],
        },
    )


def _export(key: str, scope: Scope, reader: Reader) -> HttpResponse:
    build = BUILDERS.get(key)
    if build is None:
        raise Http404
    return csv_of(build(scope, reader, IN_EXPORT), scope)


def csv_of(table: Table, scope: Scope) -> HttpResponse:
    """A table as a file."""
    response = HttpResponse(as_csv(table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="svar-{table.key}-{scope.first}-{scope.last}.csv"'
    return response


@login_required
@may_see_reports
@may_see_cases
@never_cache
@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    """The cases behind a figure."""
    scope, context = scope_of(request)
    return list_page(request, context, lists.cases(scope, request.GET, request.LANGUAGE_CODE))


@login_required
@may_see_reports
@never_cache
@require_safe
def search_list(request: HttpRequest) -> HttpResponse:
    """The searches behind a figure."""
    scope, context = scope_of(request)
    return list_page(request, context, lists.searches(scope, request.GET, request.LANGUAGE_CODE))


def list_page(
    request: HttpRequest, context: dict[str, Any], listing: lists.Listing, *, template: str = "reports/list.html"
) -> HttpResponse:
    scope, page = context["scope"], listing.page
    more = {
        "listing": listing,
        "presets": presets_of(scope, **listing.narrowed),
        "previous": scope.query(**listing.narrowed, page=str(page.number - 1)) if page.has_previous() else "",
        "next": scope.query(**listing.narrowed, page=str(page.number + 1)) if page.has_next() else "",
    }
    return render(request, template, context | more)
