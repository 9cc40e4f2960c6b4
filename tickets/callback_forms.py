"""Shapes of what people send to be called back, and of what agents write down about a call."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from knowledge.forms import without_nul
from knowledge.models import Topic
from tickets.errors import TicketError
from tickets.models import CallbackTry
from tickets.services.callback_slots import read_slot
from tickets.services.customers import normalise_email
from tickets.services.form_guard import HONEYPOT, looks_like_spam, stamp
from tickets.services.intake import clean_message
from tickets.services.phone_numbers import read_number, region_for

AS_SOON_AS_POSSIBLE = "soon"


class NumberField(forms.CharField):
    """A phone number as people write it; kept as E.164."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
        super().__init__(required=False, max_length=60, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        try:
            return read_number(super().clean(value), region_for(get_language()))
        except TicketError as error:
            raise forms.ValidationError(str(error)) from None


class SlotField(forms.CharField):
    """A quarter of an hour; None is "as soon as someone is free", which is what nobody chooses by hand."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=40, label=_("When shall we call?"), **kwargs)

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if text in ("", AS_SOON_AS_POSSIBLE):
            return None
        slot = read_slot(text)
        if slot is None:
            raise forms.ValidationError(_("Choose one of the times."))
        return slot


class MoveForm(forms.Form):
    """Another time, or the number put right."""

    phone = NumberField(label=_("Your phone number"), help_text=_("From abroad with the country code."))
    slot = SlotField()

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(without_nul(data), **kwargs)

    @property
    def chosen_slot(self) -> str:
        return str(self["slot"].value() or AS_SOON_AS_POSSIBLE)


class CallbackForm(MoveForm):
    name = forms.CharField(
        label=_("Your name"), required=False, max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    topic = forms.CharField(label=_("Topic"), required=False, max_length=120, widget=forms.Select)
    message = forms.CharField(
        label=_("What is it about?"),
        required=False,
        strip=False,
        help_text=_("A few words help us to have the answer ready."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    email = forms.CharField(
        label=_("Your e-mail"),
        required=False,
        max_length=254,
        help_text=_("For the confirmation, if you want one."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    stamp = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)
    website = forms.CharField(required=False, max_length=500)

    field_order = ("phone", "name", "slot", "message", "topic", "email")

    def __init__(self, data: QueryDict | None = None, *, topics: list[tuple[Topic, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._topics = {topic.slug: topic for topic, _name in topics}
        widget = self.fields["topic"].widget
        assert isinstance(widget, forms.Select)
        widget.choices = [("", _("Choose if you like")), *((topic.slug, name) for topic, name in topics)]
        self.initial.setdefault("key", uuid.uuid4().hex)
        self.initial.setdefault("stamp", stamp())

    def clean_topic(self) -> Topic | None:
        """A topic that is not offered (any more) is no topic: it must not stand between somebody and their call."""
        return self._topics.get(self.cleaned_data["topic"])

    def clean_message(self) -> str:
        text: str = self.cleaned_data["message"]
        try:
            return clean_message(text) if text.strip() else ""
        except TicketError as error:
            raise forms.ValidationError(str(error)) from None

    def clean_email(self) -> str:
        if not self.cleaned_data["email"].strip():
            return ""
        try:
            return normalise_email(self.cleaned_data["email"])
        except TicketError as error:
            raise forms.ValidationError(str(error)) from None

    @property
    def looks_like_spam(self) -> bool:
        data = self.cleaned_data
        return looks_like_spam(
            honeypot=data.get(HONEYPOT, ""), stamp=data.get("stamp", ""), text=f"{data['name']} {data['message']}"
        )


class TryForm(forms.Form):
    """What came of a call."""

    outcome = forms.ChoiceField(
        label=_("What came of it?"),
        choices=CallbackTry.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what came of the call."),
            "invalid_choice": _("Choose what came of the call."),
        },
    )
    # Not refused for its length: the service keeps the beginning.
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(without_nul(data), **kwargs)
