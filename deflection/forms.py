"""The contact form: the story first, then only what is needed to answer it."""

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
from tickets.services.intake import MAX_SUBJECT_CHARACTERS


class TopicField(forms.ChoiceField):
    """A topic that is not offered (any more) is no topic: it must not stand between a message and its case."""

    def validate(self, value: Any) -> None:
        return


class ContactForm(forms.Form):
    message = MessageField(
        label=_("What has happened?"),
        help_text=_("In your own words. The more we know, the faster you get an answer."),
    )
    email = forms.CharField(
        label=_("Your e-mail"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = forms.CharField(
        label=_("Your name"), required=False, max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    topic = TopicField(label=_("It is about"), required=False)
    subject = forms.CharField(label=_("Subject"), required=False, max_length=MAX_SUBJECT_CHARACTERS)
    attachments = ManyFilesField(label=_("Files"), help_text=_("Up to 5 pictures, PDFs or documents."))
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    stamp = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)
    website = forms.CharField(required=False, max_length=500)

    def __init__(
        self, data: QueryDict | None = None, files: Any = None, *, topics: list[tuple[Topic, str]], **kwargs: Any
    ) -> None:
        super().__init__(without_nul(data), files, **kwargs)
        self._topics = {topic.slug: topic for topic, _name in topics}
        choices = [("", _("Choose if you like")), *((topic.slug, name) for topic, name in topics)]
        field = self.fields["topic"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        self.initial.setdefault("key", uuid.uuid4().hex)
        self.initial.setdefault("stamp", stamp())

    def clean_email(self) -> str:
        try:
            return normalise_email(self.cleaned_data["email"])
        except TicketError as error:
            raise forms.ValidationError(str(error)) from None

    def clean_topic(self) -> Topic | None:
        return self._topics.get(self.cleaned_data["topic"])

    @property
    def looks_like_spam(self) -> bool:
        data = self.cleaned_data
        return looks_like_spam(
            honeypot=data.get(HONEYPOT, ""), stamp=data.get("stamp", ""), text=f"{data['subject']} {data['message']}"
        )
