"""What may answer a written question, and the ways to reach a person."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import override
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from deflection.api.journeys import JourneyField, journey_of
from deflection.services import holdout, journeys
from deflection.services.suggestions import MAX_SUGGESTIONS, Suggestion, suggest
from knowledge.api import LanguageField, article_url
from knowledge.models import Topic
from knowledge.problems import problems
from tickets.models import ChannelKind
from tickets.services.channel_policy import ChannelOffer, ways_to_reach_us

_LONGEST_TEXT = 50_000
_PROBLEMS = problems(400, 413, 415, 429)


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


def topic_of(slug: str | None) -> Topic | None:
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
        journey = journey_of(request, values.get("journey"), language)
        topic = topic_of(values.get("topic"))
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
