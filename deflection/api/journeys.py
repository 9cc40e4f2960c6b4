"""Beginning a visit, and noting its steps."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from deflection.models import Journey, JourneyEvent
from deflection.services import holdout, journeys
from knowledge.api import LanguageField
from knowledge.models import Article
from knowledge.problems import problems
from tickets.models import ChannelKind

_TOLD_FROM_OUTSIDE = (JourneyEvent.Kind.CONTACT_OPENED, *journeys.REPORTABLE)
_PROBLEMS = problems(400, 413, 415, 429)


class JourneyField(serializers.UUIDField):
    """A journey's ID as text; the framework's own field would read true and 7 as IDs too."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


def journey_of(request: Request, journey_id: Any, language: str) -> Journey:
    """The running journey, or the next one of the same visitor, who stays in the same group of the hold-out. Without
    any a new one: an outside site that asks without one is not an error."""
    last = journeys.find(str(journey_id)) if journey_id else None
    found = journeys.running(str(last.pk)) if last else None
    if found is not None:
        return found
    return journeys.begin(
        language=language,
        is_measured=not journeys.asks_not_to_be_counted(request.headers),
        may_be_held_out=last.may_be_held_out if last else False,
        after=last,
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
