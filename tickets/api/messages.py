"""What was said in a case: read it, answer, or leave a note."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from knowledge.problems import problems
from tickets.api.access import person_of
from tickets.api.cases import TokenView, case_or_404
from tickets.api.changes import refuse_if_merged
from tickets.api.paging import page_of
from tickets.api.problems import READ_PROBLEMS, WRITE_PROBLEMS, KeyReused
from tickets.api.shapes import CaseMessage, MessagePage, NewMessage, PageQuery
from tickets.errors import TicketError
from tickets.services.case_data import message_data, messages_for_others
from tickets.services.posted_messages import KeyUsedBefore, post_message

_KEY_CHARACTERS = 200
_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "maxLength": _KEY_CHARACTERS},
    OpenApiParameter.HEADER,
    description="A name of your own for this message: sent again with the same one, it is taken once.",
)
_NOTE_EXAMPLE = OpenApiExample("A note", value={"body": "The parcel is at the depot.", "internal": True})
_ANSWER_EXAMPLE = OpenApiExample(
    "An answer", value={"body": "Your refund left us today.", "internal": False, "then": "waiting_customer"}
)


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > _KEY_CHARACTERS:
        raise serializers.ValidationError(
            {"Idempotency-Key": [_("At most %(limit)s characters.") % {"limit": _KEY_CHARACTERS}]}
        )
    return key


class CaseMessagesView(TokenView):
    @extend_schema(
        operation_id="messages_list",
        parameters=[PageQuery],
        responses={200: MessagePage, **READ_PROBLEMS},
        tags=["cases"],
    )
    def get(self, request: Request, reference: str) -> Response:
        """All that was said, oldest first, notes among it. An answer that its writer may still take back is not
        there yet."""
        query = PageQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        values = query.validated_data
        ticket = case_or_404(request, reference)
        rows, following = page_of(
            messages_for_others(ticket), request, by="created_at", limit=values["limit"], cursor=values["cursor"]
        )
        return Response({"next": following, "results": [message_data(message, ticket) for message in rows]})

    @extend_schema(
        operation_id="messages_write",
        parameters=[_IDEMPOTENCY_KEY],
        request=NewMessage,
        responses={201: CaseMessage, **WRITE_PROBLEMS, **problems(422)},
        examples=[_NOTE_EXAMPLE, _ANSWER_EXAMPLE],
        tags=["cases"],
    )
    def post(self, request: Request, reference: str) -> Response:
        """Answers the customer in the name of the person whom the token acts as, or leaves a note for agents."""
        ticket = case_or_404(request, reference)
        refuse_if_merged(ticket)
        written = NewMessage(data=request.data)
        written.is_valid(raise_exception=True)
        values = written.validated_data
        try:
            message = post_message(
                ticket,
                user=person_of(request),
                body=values["body"],
                is_internal=values["internal"],
                then=values["then"],
                idempotency_key=_key(request),
            )
        except KeyUsedBefore as error:
            raise KeyReused(str(error)) from None
        except TicketError as error:
            raise serializers.ValidationError({"body": [str(error)]}) from None
        shown = get_object_or_404(ticket.messages, pk=message.pk)
        return Response(message_data(shown, ticket), status=status.HTTP_201_CREATED)
