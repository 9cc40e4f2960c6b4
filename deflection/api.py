"""The public API of self-service: suggestions, journey events, and sending a case."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from deflection.models import Journey, JourneyEvent
from deflection.services import holdout, journeys
from deflection.services.contact import send_case
from deflection.services.suggestions import MAX_SUGGESTIONS, Suggestion, suggest
from knowledge.api import LanguageField, article_url
from knowledge.models import Article, Topic
from knowledge.problems import problems
from tickets.api.cases import ListsCases
from tickets.api.written import MessageField
from tickets.errors import TicketError
from tickets.models import ChannelKind, Message, Ticket
from tickets.services.case_story import standing
from tickets.services.channel_policy import ChannelOffer, ways_to_reach_us
from tickets.services.customers import normalise_email
from tickets.services.fields import FieldsError
from tickets.services.intake import MAX_SUBJECT_CHARACTERS, clean_message
from tickets.services.links import case_url

_LONGEST_TEXT = 50_000
_ABOUT_THE_KEY = (
    "A name of your own for this case, such as a UUID: sent again with the same one, it is taken once. Sent again with "
    "another message, that is added to the case, and `url` holds no key."
)
_TOLD_FROM_OUTSIDE = (JourneyEvent.Kind.CONTACT_OPENED, *journeys.REPORTABLE)
_ABOUT_THE_FIELDS = (
    "Values of the topic's own fields, by their keys: those that the contact form asks for. None is required here."
)
_PROBLEMS = problems(400, 413, 415, 429)


class JourneyField(serializers.UUIDField):
    """A journey's ID as text; the framework's own field would read true and 7 as IDs too."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class SuggestionsRequest(serializers.Serializer[Any]):
    text = serializers.CharField(allow_blank=True, max_length=_LONGEST_TEXT, trim_whitespace=False)
    subject = serializers.CharField(required=False, allow_blank=True, default="", max_length=1000)
    topic = serializers.SlugField(required=False, allow_blank=True, allow_null=True, max_length=60)
    lang = LanguageField(default=settings.LANGUAGE_CODE)
    journey = JourneyField(required=False, allow_null=True)
    limit = serializers.IntegerField(min_value=1, max_value=MAX_SUGGESTIONS, default=3)


class SuggestedSection(serializers.Serializer[Any]):
    title = serializers.CharField()
    url = serializers.CharField()


class SuggestionItem(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.CharField()
    excerpt = serializers.CharField()
    probability = serializers.FloatField(min_value=0, max_value=1)
    language = LanguageField()
    section = SuggestedSection(allow_null=True)


class ChannelItem(serializers.Serializer[Any]):
    channel = serializers.ChoiceField(choices=ChannelKind.choices)
    state = serializers.ChoiceField(choices=[("open", "open"), ("closed", "closed")])
    prominence = serializers.ChoiceField(
        choices=[("featured", "featured"), ("listed", "listed"), ("minimised", "minimised")]
    )
    label = serializers.CharField()  # type: ignore[assignment] # the API's name, not the form label
    detail = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)


class SuggestionsAnswer(serializers.Serializer[Any]):
    journey = serializers.UUIDField()
    suggestions = SuggestionItem(many=True)
    channels = ChannelItem(many=True)


def _journey(request: Request, journey_id: Any, language: str) -> Journey:
    """The running journey, or a new one: an outside site that asks without one is not an error."""
    found = journeys.running(str(journey_id)) if journey_id else None
    is_measured = not journeys.asks_not_to_be_counted(request.headers)
    return found or journeys.begin(language=language, is_measured=is_measured, may_be_held_out=False)


def _topic(slug: str | None) -> Topic | None:
    return Topic.objects.visible().filter(slug=slug).first() if slug else None


def _suggestion_data(one: Suggestion, language: str) -> dict[str, Any]:
    url = article_url(one.translation, language)
    return {
        "id": one.translation.article_id,
        "title": one.translation.title,
        "url": url,
        "excerpt": one.passage.plain,
        "probability": round(one.probability, 4),
        "language": one.translation.language,
        "section": {"title": one.section.title, "url": f"{url}#{one.section.anchor}"} if one.section else None,
    }


def channel_data(offer: ChannelOffer) -> dict[str, Any]:
    return {
        "channel": offer.kind,
        "state": offer.state,
        # To the outside a channel that the policy closed is one that is least prominent.
        "prominence": offer.prominence if offer.is_offered else "minimised",
        "label": offer.label,
        "detail": offer.detail,
        "url": offer.url if ":" in offer.url or not offer.url else settings.SITE_URL + offer.url,
    }


class SuggestionsView(APIView):
    throttle_scope = "suggestions"

    @extend_schema(
        operation_id="suggestions_ask",
        request=SuggestionsRequest,
        responses={200: SuggestionsAnswer, **_PROBLEMS},
        tags=["contact"],
    )
    def post(self, request: Request) -> Response:
        """Articles that probably answer a written question, and the ways to reach a person."""
        asked = SuggestionsRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        language = values["lang"]
        journey = _journey(request, values.get("journey"), language)
        topic = _topic(values.get("topic"))
        found = suggest(values["text"], language, subject=values["subject"], limit=values["limit"])
        if topic and topic.is_for_people_first:
            found = []
        found = holdout.shown_of(journey, found)
        journeys.note_suggestions(journey, [(one.translation.article_id, one.probability) for one in found])
        with override(language):
            offers = ways_to_reach_us(topic)
        return Response(
            {
                "journey": str(journey.pk),
                "suggestions": [_suggestion_data(one, language) for one in found],
                "channels": [channel_data(offer) for offer in offers],
            }
        )


class JourneyRequest(serializers.Serializer[Any]):
    lang = LanguageField(default=settings.LANGUAGE_CODE)
    after = JourneyField(required=False, allow_null=True, help_text="The last journey of the same browser, if any.")


class JourneyAnswer(serializers.Serializer[Any]):
    journey = serializers.UUIDField()


class JourneysView(APIView):
    throttle_scope = "events"

    @extend_schema(
        operation_id="journeys_begin",
        request=JourneyRequest,
        responses={201: JourneyAnswer, **_PROBLEMS},
        tags=["contact"],
    )
    def post(self, request: Request) -> Response:
        """Begins the journey of a visitor in a browser, or goes on with the one that is still running."""
        told = JourneyRequest(data=request.data)
        told.is_valid(raise_exception=True)
        is_measured = not journeys.asks_not_to_be_counted(request.headers)
        last = journeys.find(str(told.validated_data.get("after") or ""))
        journey = journeys.running(str(last.pk)) if last else None
        if journey is None:
            journey = journeys.begin(language=told.validated_data["lang"], is_measured=is_measured, after=last)
        elif not is_measured:
            journeys.leave_out(journey)
        return Response({"journey": str(journey.pk)}, status=status.HTTP_201_CREATED)


class EventRequest(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=[str(kind.value) for kind in _TOLD_FROM_OUTSIDE])
    article = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**62)
    channel = serializers.ChoiceField(choices=ChannelKind.choices, required=False, allow_blank=True)


class EventAnswer(serializers.Serializer[Any]):
    type = serializers.CharField()


class JourneyEventsView(APIView):
    throttle_scope = "events"

    @extend_schema(
        operation_id="journeys_note",
        request=EventRequest,
        responses={201: EventAnswer, **_PROBLEMS, **problems(404)},
        tags=["contact"],
    )
    def post(self, request: Request, journey_id: str) -> Response:
        """Notes a step of a journey."""
        journey = get_object_or_404(Journey, pk=journey_id)
        told = EventRequest(data=request.data)
        told.is_valid(raise_exception=True)
        values = told.validated_data
        article = None
        if values.get("article"):
            article = Article.objects.published().filter(pk=values["article"]).first()
            if article is None:
                raise serializers.ValidationError({"article": ["There is no such article."]})
        if values["type"] == JourneyEvent.Kind.CONTACT_OPENED:
            # Which group a visit belongs to is decided before anything is shown.
            holdout.sees_suggestions(journey)
            journeys.note_contact_opened(journey)
        else:
            kind = JourneyEvent.Kind(values["type"])
            journeys.note(journey, kind, article=article, channel=values.get("channel", ""))
        return Response({"type": values["type"]}, status=status.HTTP_201_CREATED)


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
        topic = _topic(value)
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
                ticket = send_case(
                    journey=_journey(request, values.get("journey"), values["lang"]),
                    email=values["email"],
                    message=values["message"],
                    language=values["lang"],
                    name=values["name"],
                    subject=values["subject"],
                    topic=values.get("topic"),
                    fields=values["fields"],
                    idempotency_key=_idempotency_key(request, values["email"]),
                )
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
