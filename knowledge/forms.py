"""Shapes of what readers send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from knowledge.models import Feedback
from knowledge.services.feedback import MAX_COMMENT_CHARACTERS


def without_nul(data: QueryDict | None) -> QueryDict | None:
    """The sent fields without NUL bytes, which no person types and PostgreSQL cannot store."""
    if data is None or not any("\x00" in value for _, values in data.lists() for value in values):
        return data
    cleaned = data.copy()
    for name, values in data.lists():
        cleaned.setlist(name, [value.replace("\x00", "") for value in values])
    return cleaned


class FeedbackForm(forms.Form):
    helpful = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    reason = forms.ChoiceField(choices=Feedback.Reason.choices, required=False)
    comment = forms.CharField(max_length=MAX_COMMENT_CHARACTERS, required=False)

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(without_nul(data), **kwargs)
