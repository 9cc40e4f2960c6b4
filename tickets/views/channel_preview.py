"""What a customer would see of the ways to reach us: for a topic, a language and a moment of the manager's choice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, override
from django.views.decorators.http import require_safe

from knowledge.models import Topic
from tickets.models import ChannelKind, ChannelPolicy, CustomField
from tickets.services.channel_policy import ChannelOffer, expected_reply, ways_to_reach_us
from tickets.services.fields import asked_of_customers


class MomentField(forms.DateTimeField):
    """A moment on the clock on the wall, also in the nights in which the clock is changed: of a time that comes twice
    the first, and of one that is left out what the clock shows instead."""

    def to_python(self, value: Any) -> datetime | None:
        with timezone.override(UTC):
            on_the_wall = super().to_python(value)
        return on_the_wall.replace(tzinfo=timezone.get_current_timezone()) if on_the_wall else None


class PreviewForm(forms.Form):
    """Each choice has a sensible default: no topic, the reader's language, now."""

    topic = forms.ModelChoiceField(
        Topic.objects.none(), required=False, label=gettext_lazy("Topic"), empty_label=gettext_lazy("No topic")
    )
    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False, label=gettext_lazy("Language"))
    moment = MomentField(
        required=False,
        label=gettext_lazy("When (empty: now)"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics: Any = self.fields["topic"]
        topics.queryset = Topic.objects.visible().with_names()
        topics.label_from_instance = lambda topic: topic.name_in(get_language() or settings.LANGUAGE_CODE)


@permission_required("tickets.change_channelpolicy", raise_exception=True)
@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """The ways as they stand on a page, beside the contact form, and on the page of all of them."""
    form = PreviewForm(request.GET or None)
    chosen: dict[str, Any] = form.cleaned_data if form.is_bound and form.is_valid() else {}
    topic, moment = chosen.get("topic"), chosen.get("moment")
    language = chosen.get("language") or get_language() or settings.LANGUAGE_CODE
    if not form.is_bound:
        form = PreviewForm(initial={"language": language})
    context = {
        "form": form,
        "preview_language": language,
        "moment": moment or timezone.now(),
        "is_another_moment": moment is not None,
        "topic_kind": Topic.Kind(topic.standing_kind).label if topic and topic.is_for_people_first else "",
        "asked": [_asked(field, language) for field in asked_of_customers(topic)],
        "has_suggestions": topic is None or not topic.is_for_people_first,
        **_pages(request, topic, language, moment),
    }
    return render(request, "tickets/channel_preview.html", context)


def _asked(field: CustomField, language: str) -> dict[str, object]:
    return {"label": field.label_in(language), "hint": field.hint_in(language), "is_required": field.is_required}


def _pages(request: HttpRequest, topic: Topic | None, language: str, moment: datetime | None) -> dict[str, str]:
    """What customers see at each place, as HTML in their language."""
    is_imagined = moment is not None
    with override(language):
        on_page = ways_to_reach_us(topic, at=moment, assume_staffed=is_imagined)
        channels = ChannelPolicy.Place.CHANNELS
        everything = ways_to_reach_us(topic, at=moment, place=channels, assume_staffed=is_imagined)
        shown: dict[str, object] = {"escape_hatches": on_page}
        return {
            "hatches": render_to_string("parts/hatches.html", shown, request),
            "other_ways": render_to_string("deflection/parts/other_ways.html", shown | _contact(on_page), request),
            "ways": render_to_string("tickets/parts/ways.html", {"escape_hatches": everything}, request),
            "expected_reply": expected_reply(language, topic=topic),
        }


def _contact(offers: list[ChannelOffer]) -> dict[str, object]:
    return {"only_form": not any(offer.is_offered and offer.kind != ChannelKind.FORM for offer in offers)}
