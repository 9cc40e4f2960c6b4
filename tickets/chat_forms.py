"""Shapes of what people send to begin a chat, and to go on without JavaScript."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from knowledge.forms import without_nul
from knowledge.models import Topic
from tickets.errors import TicketError
from tickets.forms import ManyFilesField, MessageField
from tickets.services.customers import normalise_email
from tickets.services.form_guard import HONEYPOT, looks_like_spam, stamp


class AddressField(forms.CharField):
    """An e-mail address that nobody has to give."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.EmailInput(attrs={"autocomplete": "email"}))
        super().__init__(required=False, max_length=254, **kwargs)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value)).strip()
        try:
            return normalise_email(text) if text else ""
        except TicketError as error:
            raise forms.ValidationError(str(error)) from None


class BeginChatForm(forms.Form):
    message = MessageField(label=_("What has happened?"), widget=forms.Textarea(attrs={"rows": 4}))
    name = forms.CharField(
        label=_("Your name"), required=False, max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = AddressField(label=_("Your e-mail"), help_text=_("So that an answer reaches you if the chat breaks off."))
    topic = forms.CharField(label=_("It is about"), required=False, max_length=60, widget=forms.Select)
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    stamp = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)
    website = forms.CharField(required=False, max_length=500)

    def __init__(self, data: QueryDict | None = None, *, topics: list[tuple[Topic, str]], **kwargs: Any) -> None:
        super().__init__(without_nul(data), **kwargs)
        self._topics = {topic.slug: topic for topic, _name in topics}
        select = self.fields["topic"].widget
        assert isinstance(select, forms.Select)
        select.choices = [("", _("Choose if you like")), *((topic.slug, name) for topic, name in topics)]
        self.initial.setdefault("key", uuid.uuid4().hex)
        self.initial.setdefault("stamp", stamp())

    def clean_topic(self) -> Topic | None:
        """A topic that is not offered (any more) is no topic: it stands between nobody and their chat."""
        return self._topics.get(self.cleaned_data["topic"])

    @property
    def looks_like_spam(self) -> bool:
        data = self.cleaned_data
        return looks_like_spam(honeypot=data.get(HONEYPOT, ""), stamp=data.get("stamp", ""), text=data["message"])


class SayForm(forms.Form):
    """One thing said on the plain page; a file alone says something too."""

    message = forms.CharField(
        label=_("Your message"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    attachments = ManyFilesField(label=_("Files"))


class ChatAddressForm(forms.Form):
    text = AddressField(label=_("Your e-mail"))
