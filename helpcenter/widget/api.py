"""What the widget needs to begin: its words, the ways to a person as they are now, and where the rest is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from deflection.api.suggestions import ChannelItem, channel_data
from helpcenter.widget.sources import version
from helpcenter.widget.texts import widget_texts
from knowledge.api import AskedLanguage, LanguageField
from knowledge.models import Topic
from knowledge.problems import problems
from tickets.models import ChannelKind
from tickets.services.channel_policy import ChannelOffer, ways_to_reach_us

_KEPT_SECONDS = 30


class WidgetQuery(serializers.Serializer[Any]):
    lang = AskedLanguage()
    topic = serializers.SlugField(required=False, allow_blank=True, max_length=60)


class WidgetChannel(ChannelItem):
    short = serializers.CharField(help_text="A word or two, for a small button.")
    standing = serializers.CharField(help_text="Whether it is open, where that comes and goes; or nothing.")
    wait = serializers.CharField(help_text="How long it usually takes, as measured; or nothing.")


class WidgetAnswer(serializers.Serializer[Any]):
    language = LanguageField()
    texts = serializers.DictField(child=serializers.CharField())
    people_first = serializers.BooleanField(help_text="The topic is one where no article comes before a person.")
    channels = WidgetChannel(many=True)
    pages = serializers.DictField(child=serializers.CharField())
    modules = serializers.DictField(child=serializers.CharField())


def _short(kind: str) -> str:
    words = {
        ChannelKind.FORM: _("Write"),
        ChannelKind.EMAIL: _("E-mail"),
        ChannelKind.CHAT: _("Chat"),
        ChannelKind.PHONE: _("Call"),
        ChannelKind.CALLBACK: _("Be called"),
    }
    return words.get(ChannelKind(kind)) or str(ChannelKind(kind).label)


def _channel(offer: ChannelOffer) -> dict[str, Any]:
    comes_and_goes = offer.kind not in (ChannelKind.FORM, ChannelKind.EMAIL)
    standing = _("Open now") if offer.is_open and comes_and_goes else ""
    return channel_data(offer) | {"short": _short(offer.kind), "standing": standing, "wait": offer.wait}


def _modules() -> dict[str, str]:
    panel = reverse("widget_file", args=["widget-panel.js"]) + f"?v={version('widget-panel.js')}"
    return {
        "panel": panel,
        "form": panel,
        "chat": static("js/chat-window.js"),
        "chat_css": static("css/chat.css"),
    }


@method_decorator([gzip_page, cache_control(public=True, max_age=_KEPT_SECONDS)], name="dispatch")
class WidgetView(APIView):
    throttle_scope = "reading"

    @extend_schema(
        operation_id="widget_read",
        parameters=[WidgetQuery],
        responses={200: WidgetAnswer, **problems(400, 429)},
        tags=["contact"],
    )
    def get(self, request: Request) -> Response:
        """What `/widget.js` begins with, for a language and a topic."""
        asked = WidgetQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        language, slug = asked.validated_data["lang"], asked.validated_data.get("topic")
        topic = Topic.objects.visible().filter(slug=slug).first() if slug else None
        with override(language):
            contact = reverse("contact") + (f"?topic={topic.slug}" if topic else "")
            answer = {
                "language": language,
                "texts": widget_texts(),
                "people_first": bool(topic and topic.is_for_people_first),
                "channels": [_channel(offer) for offer in ways_to_reach_us(topic)],
                "pages": {"home": settings.SITE_URL + reverse("home"), "contact": settings.SITE_URL + contact},
                "modules": _modules(),
            }
        return Response(answer)
