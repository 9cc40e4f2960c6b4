"""Sending a case through the API, as a visit or without one."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from deflection.api.journeys import JourneyField, journey_of
from deflection.api.suggestions import topic_of
from deflection.services.contact import Written, send_case
from knowledge.api import LanguageField
from knowledge.models import Topic
from knowledge.problems import problems
from tickets.api.cases import ListsCases
from tickets.api.written import MessageField
from tickets.errors import TicketError
from tickets.models import Message, Ticket
from tickets.services.case_story import standing
from tickets.services.customers import normalise_email
from tickets.services.fields import FieldsError
from tickets.services.intake import MAX_SUBJECT_CHARACTERS, clean_message
from tickets.services.links import case_url

_ABOUT_THE_KEY = (
    "A name of your own for this case, such as a UUID: sent again with the same one, it is taken once. Sent again with "
    "another message, that is added to the case, and `url` holds no key."
)
_ABOUT_THE_FIELDS = (
    "Values of the topic's own fields, by their keys: those that the contact form asks for. None is required here."
)
_PROBLEMS = problems(400, 413, 415, 429)


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]})
class FieldValue(serializers.Field[Any, Any, Any, Any]):
    """A value of one of the organisation's own fields; which kind it must be of, the field says."""

    default_error_messages = {"invalid": "A value is a text, a number, true or false."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, (str, int, float, bool)):
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class TicketRequest(serializers.Serializer[Any]):
    email = serializers.CharField(max_length=254)
    message = MessageField()
    subject = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_SUBJECT_CHARACTERS)
    name = serializers.CharField(required=False, allow_blank=True, default="", max_length=120)
    topic = serializers.SlugField(required=False, allow_blank=True, allow_null=True, max_length=60)
    lang = LanguageField(default=settings.LANGUAGE_CODE)
    journey = JourneyField(required=False, allow_null=True)
    fields = serializers.DictField(  # type: ignore[assignment] # the API's name, not the serializer's own
        child=FieldValue(allow_null=True), required=False, default=dict, help_text=_ABOUT_THE_FIELDS
    )

    def validate_email(self, value: str) -> str:
        try:
            return normalise_email(value)
        except TicketError as error:
            raise serializers.ValidationError(str(error)) from None

    def validate_topic(self, value: str | None) -> Topic | None:
        if not value:
            return None
        topic = topic_of(value)
        if topic is None:
            raise serializers.ValidationError("There is no such topic.")
        return topic


class TicketAnswer(serializers.Serializer[Any]):
    reference = serializers.CharField()
    status = serializers.CharField()
    url = serializers.CharField()


def _idempotency_key(request: Request, email: str) -> str | None:
    """The sender's own key, together with their address: whoever guesses a key must not be led to another's case."""
    given = request.headers.get("Idempotency-Key", "").strip()
    return "api:" + hashlib.sha256(f"{email}\n{given}".encode()).hexdigest() if given else None


def _page_of(ticket: Ticket, message: str) -> str:
    """The case page's address, with a key for whoever sent what the case began with.

    The idempotency key may be a mere order number. Who guesses it, and writes something else, is led to no case of
    somebody whose address they know; its customer finds the link in the letter that they got.
    """
    first = ticket.messages.filter(kind=Message.Kind.INBOUND).order_by("created_at", "pk").first()
    if first is not None and first.body == clean_message(message):
        return case_url(ticket)
    with override(ticket.language):
        return settings.SITE_URL + reverse("case", args=[ticket.reference])


class TicketsView(ListsCases):
    """One address for two sorts of people: anybody sends a case, and who has a token reads the list."""

    @property
    def throttle_scope(self) -> str:
        return "cases" if self.reads else "tickets"

    @extend_schema(
        operation_id="cases_send",
        request=TicketRequest,
        responses={201: TicketAnswer, **_PROBLEMS},
        tags=["contact"],
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description=_ABOUT_THE_KEY)],
    )
    def post(self, request: Request) -> Response:
        """Sends a case. The answer's `url` is the page where its customer follows it."""
        sent = TicketRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        values = sent.validated_data
        try:
            with override(values["lang"]):
                written = Written(
                    email=values["email"],
                    message=values["message"],
                    language=values["lang"],
                    name=values["name"],
                    subject=values["subject"],
                    topic=values.get("topic"),
                    fields=values["fields"],
                    idempotency_key=_idempotency_key(request, values["email"]),
                )
                ticket = send_case(journey_of(request, values.get("journey"), values["lang"]), written)
        except FieldsError as error:
            raise serializers.ValidationError({"fields": {key: [said] for key, said in error.by_key.items()}}) from None
        except TicketError as error:
            raise serializers.ValidationError({"message": [str(error)]}) from None
        answer = {
            "reference": ticket.reference,
            "status": standing(ticket, timezone.now()).status,
            "url": _page_of(ticket, values["message"]),
        }
        return Response(answer, status=status.HTTP_201_CREATED)
