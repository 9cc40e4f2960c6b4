"""Cases for other systems: list, read, change."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tickets.api.access import TokenAuthentication, WorksCases, cases_of, person_of
from tickets.api.changes import change_case
from tickets.api.paging import page_of
from tickets.api.problems import LIST_PROBLEMS, READ_PROBLEMS, WRITE_PROBLEMS
from tickets.api.shapes import Case, CaseChange, CasePage, CasesQuery
from tickets.models import HeldSend, Identity, Ticket
from tickets.models.tickets import TicketQuerySet
from tickets.services.case_data import case_data, with_case_data
from tickets.services.tagging import normalise_tag
from tickets.services.undo import in_status_outside


class TokenView(APIView):
    """A view for tokens alone."""

    authentication_classes = [TokenAuthentication]
    permission_classes = [WorksCases]
    throttle_scope = "cases"


class ListsCases(APIView):
    """The list of cases, for the view that also takes new ones from anybody: only reading needs a token."""

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [TokenAuthentication()] if self.reads else super().get_authenticators()

    def get_permissions(self) -> list[BasePermission]:
        return [WorksCases()] if self.reads else super().get_permissions()  # type: ignore[return-value]

    @property
    def reads(self) -> bool:
        request = getattr(self, "request", None)
        return request is not None and request.method in ("GET", "HEAD")

    @extend_schema(
        operation_id="cases_list",
        parameters=[CasesQuery],
        responses={200: CasePage, **LIST_PROBLEMS},
        tags=["cases"],
    )
    def get(self, request: Request) -> Response:
        """Cases, the one changed longest ago first. Whoever follows `next` to the end, and then asks again with
        `updated_since`, a minute before the last they saw, misses none."""
        query = CasesQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        values = query.validated_data
        cases = with_case_data(_chosen(cases_of(request), values, request))
        rows, following = page_of(cases, request, by="updated_at", limit=values["limit"], cursor=values["cursor"])
        return Response({"next": following, "results": [case_data(ticket) for ticket in rows]})


def _chosen(cases: TicketQuerySet, values: dict[str, Any], request: Request) -> TicketQuerySet:
    if statuses := values.get("status"):
        cases = in_status_outside(cases, statuses, timezone.now())
    if assignee := values.get("assignee"):
        cases = _of_assignee(cases, assignee, request)
    if tag := values.get("tag"):
        cases = cases.filter(tags__name=normalise_tag(tag))
    if topic := values.get("topic"):
        cases = cases.filter(topic__slug=topic)
    if customer := values.get("customer"):
        known = Identity.objects.filter(kind=Identity.Kind.EMAIL, value=customer.strip().lower())
        cases = cases.filter(customer__in=known.values("customer"))
    if since := values.get("updated_since"):
        # What was held back has happened, for those outside, when its time was over.
        left_since = HeldSend.objects.filter(ticket=OuterRef("pk"), until__gte=since)
        cases = cases.filter(Q(updated_at__gte=since) | Exists(left_since))
    return cases


def _of_assignee(cases: TicketQuerySet, assignee: str, request: Request) -> TicketQuerySet:
    if assignee == "none":
        return cases.unassigned()
    if assignee == "me":
        return cases.assigned_to(person_of(request))
    return cases.filter(assignee__email__iexact=assignee)


def case_or_404(request: Request, reference: str) -> Ticket:
    return get_object_or_404(with_case_data(cases_of(request)), reference=reference)


_CHANGE_EXAMPLE = OpenApiExample(
    "Solve",
    value={"status": "solved", "answered_by": 12, "tags": ["refund"], "priority": "normal"},
    request_only=True,
)


class CaseView(TokenView):
    @extend_schema(operation_id="cases_read", responses={200: Case, **READ_PROBLEMS}, tags=["cases"])
    def get(self, request: Request, reference: str) -> Response:
        """One case. One that was merged says in `merged_into` where it went."""
        return Response(case_data(case_or_404(request, reference)))

    @extend_schema(
        operation_id="cases_change",
        request=CaseChange,
        responses={200: Case, **WRITE_PROBLEMS},
        examples=[_CHANGE_EXAMPLE],
        tags=["cases"],
    )
    def patch(self, request: Request, reference: str) -> Response:
        """Changes what is given, and nothing else: all of it, or none where one of the values cannot be taken.
        The history names the person whom the token acts as. To solve a case tells its customer."""
        ticket = case_or_404(request, reference)
        change = CaseChange(data=request.data)
        change.is_valid(raise_exception=True)
        change_case(ticket, change.validated_data, by=person_of(request))
        return Response(case_data(case_or_404(request, reference)))
