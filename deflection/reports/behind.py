"""Whom a figure of the hold-out counted, and the visits behind an outcome: one a row, with the case it led to."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from deflection.models import Assignment, HoldoutRound, Outcome
from deflection.models.holdout import AssignmentQuerySet
from deflection.reports import queries
from deflection.reports.cells import Cell, Column, Table, moment, number, text
from deflection.reports.lists import PAGE_SIZE, Listing, article_cell
from deflection.reports.scope import Scope
from deflection.services.effect import GUARDRAILS, units_of
from knowledge.forms import row_number
from knowledge.models import Article, Topic
from tickets.models import Ticket

Kind = Outcome.Kind


def people(running: HoldoutRound, parameters: Mapping[str, str], language: str) -> Listing:
    """Those assigned in a round, narrowed as a figure counts them. Who they are is not known here."""
    narrowed = {"round": str(running.number)}
    found, words = _narrow(units_of(running), parameters, narrowed, language)
    found = (
        found.select_related("topic", "ticket").prefetch_related("topic__translations").order_by("-opened_at", "-pk")
    )
    page = Paginator(found, PAGE_SIZE).get_page(parameters.get("page"))
    columns = [
        Column(_("First opened")),
        Column(_("Group")),
        Column(_("Language")),
        Column(_("Came from topic")),
        Column(_("Contacts"), is_number=True),
        Column(_("First contact")),
        Column(_("Case")),
    ]
    rows = [_person_row(row, language) for row in page]
    table = Table("people", _("People in the hold-out"), "", columns, rows, _("Nobody is counted here."))
    return Listing(table, page, narrowed, [str(running), *words])


def _narrow(
    found: AssignmentQuerySet, parameters: Mapping[str, str], narrowed: dict[str, str], language: str
) -> tuple[AssignmentQuerySet, list[str]]:
    words: list[str] = []

    def keep(name: str, value: str, word: str, condition: Q) -> None:
        nonlocal found
        narrowed[name] = value
        words.append(word)
        found = found.filter(condition)

    if (arm := parameters.get("arm", "")) in Assignment.Arm.values:
        keep("arm", arm, str(Assignment.Arm(arm).label), Q(arm=arm))
    if (code := parameters.get("language", "")) in _languages():
        keep("language", code, _languages()[code], Q(language=code))
    if slug := parameters.get("topic", ""):
        topic = Topic.objects.with_names().filter(slug=slug).first()
        if slug == "none":
            keep("topic", slug, _("Read nothing before"), Q(topic=None))
        elif topic is not None:
            keep("topic", slug, topic.name_in(language), Q(topic=topic))
    if parameters.get("pending"):
        keep("pending", "1", _("seven days not over"), Q(is_complete=False))
    else:
        found = found.complete()
    if parameters.get("contacted"):
        keep("contacted", "1", _("turned to a person"), Q(contacted_at__isnull=False))
    if parameters.get("matched"):
        keep("matched", "1", _("there was something to suggest"), Q(matched_at__isnull=False))
    if (key := parameters.get("guardrail", "")) in GUARDRAILS:
        of, events = GUARDRAILS[key]
        keep("guardrail", key, _guardrail_words()[key], of & events)
    return found, words


def _languages() -> dict[str, str]:
    return {str(code): str(name) for code, name in Assignment._meta.get_field("language").choices or ()}


def _guardrail_words() -> dict[str, str]:
    return {
        "gave_up": _("left without reading anything"),
        "repeat": _("more than once"),
        "satisfied": _("satisfied"),
        "phone": _("chose the phone"),
        "known": _("known customers"),
    }


def _person_row(row: Assignment, language: str) -> list[Cell]:
    return [
        moment(row.opened_at),
        text(row.get_arm_display()),
        text(row.get_language_display(), language=row.language),
        text(row.topic.name_in(language) if row.topic else "–"),
        number(row.contacts),
        moment(row.contacted_at) if row.contacted_at else text("–"),
        _case(row.ticket),
    ]


def _case(ticket: Ticket | None) -> Cell:
    if ticket is None:
        return text("–")
    return text(ticket.reference or "", reverse("desk:case", args=[ticket.reference]))


def visits(scope: Scope, parameters: Mapping[str, str], language: str) -> Listing:
    """The visits of the period, narrowed to an outcome ("answered": confirmed or assumed) or to an article."""
    narrowed: dict[str, str] = {}
    words: list[str] = []
    found: QuerySet[Outcome] = queries.outcomes(scope)
    wanted = parameters.get("outcome", "")
    if wanted == "answered":
        narrowed["outcome"], found = wanted, found.filter(kind__in=Outcome.ANSWERED)
        words.append(_("confirmed or assumed"))
    elif wanted in Kind.values:
        narrowed["outcome"], found = wanted, found.filter(kind=wanted)
        words.append(str(Kind(wanted).label))
    article = Article.objects.filter(pk=row_number(parameters.get("article", ""))).first()
    if article is not None:
        narrowed["article"], found = str(article.pk), found.filter(article=article)
        words.append(article_cell(article, language).text)
    found = found.select_related("ticket", "article").prefetch_related("article__translations")
    page = Paginator(found.order_by("-started_at", "-pk"), PAGE_SIZE).get_page(parameters.get("page"))
    columns = [
        Column(_("Visit began")),
        Column(_("Outcome")),
        Column(_("Article")),
        Column(_("Had counted as")),
        Column(_("The same matter because of")),
        Column(_("Case")),
    ]
    table = Table(
        "visits", _("Visits"), "", columns, [_visit_row(row, language) for row in page], _("No visit is counted here.")
    )
    return Listing(table, page, narrowed, words)


def _visit_row(row: Outcome, language: str) -> list[Cell]:
    return [
        moment(row.started_at),
        text(row.get_kind_display()),
        article_cell(row.article, language) if row.article else text("–"),
        text(row.get_counted_as_display() or "–"),
        text(row.get_matter_display() or "–"),
        _case(row.ticket),
    ]
