"""Shapes of what readers send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from knowledge.models import Feedback


def without_nul(data: QueryDict | None) -> QueryDict | None:
    """The sent fields without NUL bytes, which no person types and PostgreSQL cannot store."""
    if data is None or not any("\x00" in value for _, values in data.lists() for value in values):
        return data
    cleaned = data.copy()
    for name, values in data.lists():
        cleaned.setlist(name, [value.replace("\x00", "") for value in values])
    return cleaned


def row_number(text: str) -> int:
    """A number as databases count rows; 0, which is no row's, for anything else."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


class FeedbackForm(forms.Form):
    helpful = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    reason = forms.ChoiceField(choices=Feedback.Reason.choices, required=False)
    # Not refused for its length, which a browser counts otherwise than we do: the service keeps the beginning.
    comment = forms.CharField(required=False)

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(without_nul(data), **kwargs)
